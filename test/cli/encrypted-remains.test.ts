import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sampleFoods } from "../helpers/foods.ts";
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
    expect((await run("encrypt")).out).toContain("150 brought under the key");
    expect(filesWithSecrets(join(directory, ".ragfood"))).toEqual([]);
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
