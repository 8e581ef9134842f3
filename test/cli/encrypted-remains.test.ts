import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { startEmulator } from "../../src/embedded/index.ts";
import { Database } from "../../src/sqlite/database.ts";
import { storageFile } from "../../src/sqlite/failures.ts";
import { openSqliteState } from "../../src/state/sqlite.ts";
import { sampleFoods } from "../helpers/foods.ts";
import { writeFormerQueue } from "../helpers/former-queue.ts";
import { runHere } from "../helpers/run-here.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

const secretOf = (place: number) => `plain-${place}-${"s".repeat(20)}`;
const pattern = /plain-\d+-s{20}/;

/** A project whose embedded index holds records with secrets; `keys` are those of its settings. */
async function project(count: number) {
  const directory = temporaryDirectory();
  const foods = Array.from({ length: count }, (_, place) => ({
    ...sampleFoods[place % sampleFoods.length],
    id: `food-${place}`,
    cook: secretOf(place),
  }));
  writeFileSync(join(directory, "foods.json"), JSON.stringify(foods));
  const environment: Record<string, string> = { JSON_FILE: "foods.json", GENERATOR: "extractive" };
  const run = (...words: string[]) => runHere(words, { directory, environment });
  return { directory, environment, run };
}

function encryptedBy(key: string) {
  return { ENCRYPTION_KEYS: key, ENCRYPTED_FIELDS: "cook" };
}

function filesWithSecrets(directory: string): string[] {
  const names = readdirSync(directory, { recursive: true, withFileTypes: true });
  return names
    .filter(
      (entry) => entry.isFile() && pattern.test(readFileSync(join(entry.parentPath, entry.name), "latin1")),
    )
    .map(({ name }) => name);
}

describe("plain values (SEC-4)", () => {
  it("do not remain in the file of an index that was encrypted later", async () => {
    const { directory, environment, run } = await project(150);
    await run("ingest");
    expect(filesWithSecrets(join(directory, ".ragfood"))).toContain("index.sqlite");
    Object.assign(environment, encryptedBy(randomBytes(32).toString("base64")));
    expect((await run("encrypt")).out).toContain("150 encrypted with the key");
    expect(filesWithSecrets(join(directory, ".ragfood"))).toEqual([]);
  });

  describe("in writes that waited for an index", () => {
    /** A project whose plain writes were queued, and that has a key since. */
    async function queued() {
      const made = await project(40);
      const index = await startEmulator();
      onTestFinished(() => index.close());
      const { directory, environment, run } = made;
      const cloud = { UPSTASH_VECTOR_REST_URL: index.url, UPSTASH_VECTOR_REST_TOKEN: index.token };
      Object.assign(environment, cloud, { OUTAGE_WRITES: "queue", REQUEST_RETRIES: "0" });
      const former = join(directory, ".ragfood", "write-queue.sqlite");
      mkdirSync(dirname(former));
      writeFormerQueue(
        former,
        Array.from({ length: 40 }, (_, place) => {
          const document = { id: `food-${place}`, text: "food", metadata: { cook: secretOf(place) } };
          return { target: index.url, write: { operation: "upsert", documents: [document] } as never };
        }),
      );
      // The first command takes them into the outbox.
      expect((await run("queue")).out).toContain("40 waiting");
      expect(filesWithSecrets(join(directory, ".ragfood")).join()).toContain("state.sqlite3");
      Object.assign(environment, encryptedBy(randomBytes(32).toString("base64")));
      return { ...made, stateFile: join(directory, ".ragfood", "state.sqlite3") };
    }

    it("do not remain in the file of the state once they were sent", async () => {
      const { directory, run } = await queued();
      const { code, out, error } = await run("encrypt");
      expect({ code, out, error }).toMatchObject({
        code: 0,
        out: expect.stringContaining("40 encrypted with the key"),
      });
      expect(error).not.toContain("Plain values may remain");
      expect(filesWithSecrets(join(directory, ".ragfood"))).toEqual([]);
    });

    it("are reported if a write stays in the queue", async () => {
      const { stateFile, run } = await queued();
      const state = openSqliteState(stateFile);
      await state.transaction((session) =>
        session.run("UPDATE cutover_marks SET pair = 'outage https://other.example' WHERE sequence = 1"),
      );
      await state.close();
      const { code, error } = await run("encrypt");
      expect(code).toBe(0);
      expect(error).toContain("in 1 queued write that is parked or for another index");
    });
  });

  it("are not called removed from a file while another process reads it", () => {
    const file = storageFile(join(temporaryDirectory(), "file.sqlite3"), "The file");
    const open = (): Database => {
      const database = Database.open(file, { busyTimeoutMs: 20, prepare: (opened) => opened.writeDurably() });
      onTestFinished(() => database.close());
      return database;
    };
    const [writer, reader] = [open(), open()];
    writer.exec(`CREATE TABLE rows (value TEXT); INSERT INTO rows VALUES ('${secretOf(1)}')`);
    reader.exec("BEGIN; SELECT * FROM rows");
    writer.exec("DELETE FROM rows");
    expect(() => writer.compact()).toThrow(/another process reads it/);
    reader.exec("COMMIT");
    writer.compact();
    expect(filesWithSecrets(dirname(file.path))).toEqual([]);
  });

  it("are not in a dump of an encrypted index, which its own key opens, unless --plain is given", async () => {
    const { directory, environment, run } = await project(20);
    const key = randomBytes(32).toString("base64");
    Object.assign(environment, encryptedBy(key));
    await run("ingest");
    expect((await run("dump", "export", "embedded", "sealed", "--format", "jsonl")).out).toContain(
      "encrypted",
    );
    expect(await run("dump", "check", "sealed")).toMatchObject({
      code: 0,
      out: expect.stringContaining("every record"),
    });
    expect(await run("dump", "import", "sealed", "--to", "embedded:copy")).toMatchObject({ code: 0 });
    expect((await run("migrate", "verify", "--from", "embedded", "--to", "embedded:copy")).out).toContain(
      "20 of 20",
    );
    environment.ENCRYPTION_KEYS = `${randomBytes(32).toString("base64")},${key}`;
    expect(await run("dump", "check", "sealed")).toMatchObject({
      code: 0,
      out: expect.stringContaining("every record"),
    });
    const { manifest } = JSON.parse(
      (await run("dump", "export", "embedded", "open", "--plain", "--json")).out,
    );
    expect(manifest.encryption).toBeNull();
    expect((await run("dump", "export", "embedded", "x", "--plain", "--encrypt")).code).toBe(2);
    expect(await run("migrate", "run", "--from", "embedded", "--to", "embedded:moved")).toMatchObject({
      code: 0,
    });
    const files = readdirSync(join(directory, ".ragfood"), { recursive: true, encoding: "utf8" });
    const manifests = files.filter((name) => name.endsWith("manifest.json"));
    expect(manifests).toHaveLength(1);
    expect(readFileSync(join(directory, ".ragfood", manifests[0] as string), "utf8")).toContain('"keyId"');
  });
});
