import { randomBytes } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { startEmulator } from "../../src/embedded/index.ts";
import { listBackups } from "../../src/operations/backups/catalog.ts";
import { backupSection } from "../../src/operations/backups/section.ts";
import { KeyRepository } from "../../src/state/keys.ts";
import { openState } from "../../src/state/open.ts";
import { project } from "../helpers/project.ts";
import type { Finished } from "../helpers/run-cli.ts";
import { runHere } from "../helpers/run-here.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

/** A project with an index, a state with one key, and settings. */
async function filledProject(env = "") {
  const { directory, dataFile } = project(`MAX_RESULTS=5\n${env}`);
  const ragfood = (...words: string[]): Promise<Finished> => runHere(words, { directory });
  await ragfood("ingest");
  const state = await openState({ directory: join(directory, ".ragfood"), statePostgres: undefined });
  const { token } = await new KeyRepository(state).create({
    name: "a",
    scopes: ["read"],
    namespaces: undefined,
  });
  await state.close();
  return { directory, dataFile, ragfood, token, backups: join(directory, "backups") };
}

describe("backups of a project (OPS-7)", () => {
  it("hold index, state and settings, are verified, listed and proven by a drill", async () => {
    const { ragfood, backups } = await filledProject();
    const made = await ragfood("backup", "create");
    expect(made).toMatchObject({ code: 0, error: "" });
    expect(
      readdirSync(backups)
        .map((name) => name.replace(/-\d.*Z/, ""))
        .sort(),
    ).toEqual([
      "index.tar.gz",
      "index.tar.gz.json",
      "settings.tar.gz",
      "settings.tar.gz.json",
      "state.tar.gz",
      "state.tar.gz.json",
    ]);
    const listed = JSON.parse((await ragfood("backup", "list", "--json")).out);
    expect(listed).toHaveLength(3);
    for (const entry of listed)
      expect(entry).toMatchObject({ isEncrypted: false, verifiedAt: expect.any(String) });
    const drill = await ragfood("backup", "drill");
    expect(drill.code).toBe(0);
    expect(drill.out).toMatch(/Proven: .*index.*records restored, each equal to its checksum/);
    expect(drill.out).toMatch(/Proven: .*state.*rows restored, each equal/);
    expect(drill.out).toMatch(/Proven: .*settings.*4 settings restored/);
    expect((await ragfood("backup", "list")).out).toMatch(/verified 0 min ago {2}restored aside 0 min ago/);
    expect(readdirSync(backups)).toHaveLength(6);
  });

  it("come back on another machine, in another directory (CUT-5)", async () => {
    const { ragfood, backups, directory } = await filledProject();
    await ragfood("backup", "create");
    const elsewhere = temporaryDirectory();
    cpSync(backups, join(elsewhere, "backups"), { recursive: true });
    const restore = (what: string) => runHere(["backup", "restore", what], { directory: elsewhere });
    for (const what of ["settings", "state", "index"]) {
      const restored = await restore(what);
      expect([restored.code, restored.error]).toEqual([
        0,
        expect.stringContaining(`It is the backup of ${directory}`),
      ]);
    }
    const { out } = await runHere(["info", "--json"], { directory: elsewhere });
    expect(JSON.parse(out).recordCount).toBeGreaterThan(0);
  });

  it.each(["upstash", "embedded"])(
    "of the store %s come back in the other store, by the commands of the error (CUT-5)",
    async (store) => {
      const emulator = await startEmulator();
      onTestFinished(() => emulator.close());
      const cloud = { UPSTASH_VECTOR_REST_URL: emulator.url, UPSTASH_VECTOR_REST_TOKEN: emulator.token };
      const { directory } = project("");
      const ragfood = (words: string, STORE: string): Promise<Finished> =>
        runHere(words.split(" "), { directory, environment: { ...cloud, STORE } });
      expect((await ragfood("ingest", store)).code).toBe(0);
      expect((await ragfood("backup create index", store)).code).toBe(0);
      const other = store === "upstash" ? "embedded" : "upstash";
      const { code, error } = await ragfood("backup restore index", other);
      expect([code, error]).toEqual([2, expect.stringContaining("but one of the records of")]);
      const commands = error.match(/ragfood (backup restore \S+ \S+), then ragfood (migrate run [^(.]*\w)/);
      for (const command of commands?.slice(1) ?? [""]) {
        expect(await ragfood(command, other)).toMatchObject({ code: 0 });
      }
      expect((await ragfood("info", other)).out).toMatch(/[1-9]\d* records/);
    },
  );

  it("come back as they were at a time, and what was there is put aside (CUT-5)", async () => {
    const { ragfood, directory, token } = await filledProject();
    await ragfood("backup", "create");
    const then = new Date().toISOString();
    await ragfood("delete", "vindaloo");
    await ragfood("backup", "create");
    const before = JSON.parse((await ragfood("info", "--json")).out).recordCount;

    const refused = await ragfood("backup", "restore", "index", "--at", then);
    expect(refused.code).toBe(2);
    expect(refused.error).toContain("Nothing was changed");
    const restored = await ragfood("backup", "restore", "index", "--at", then, "--replace");
    expect(restored).toMatchObject({ code: 0, out: expect.stringContaining("What was there before:") });
    const after = JSON.parse((await ragfood("info", "--json")).out).recordCount;
    expect(after).toBe(before + 1);

    expect((await ragfood("backup", "restore", "state")).code).toBe(2);
    expect((await ragfood("backup", "restore", "state", "--replace")).code).toBe(0);
    const state = await openState({ directory: join(directory, ".ragfood"), statePostgres: undefined });
    expect((await new KeyRepository(state).verify(token)).status).toBe("valid");
    await state.close();
    const kept = readdirSync(join(directory, ".ragfood")).filter((name) => name.includes(".replaced-"));
    expect(kept.map((name) => name.split(".replaced-")[0]).sort()).toEqual(["index.sqlite", "state.sqlite3"]);
  });

  it("of settings hold no secret, and keep the present ones at a restore", async () => {
    const secret = "abcdefghijklmnop-0123456789-SECRET";
    const { ragfood, directory, backups } = await filledProject(
      `CHROMA_TOKEN=${secret}\nSTATE_URL=postgres://me:${secret}@localhost/x\nEMBEDDING_QUERY_PROMPT="say 'it': "\n`,
    );
    await ragfood("backup", "create", "settings");
    const archive = readdirSync(backups).find((name) => name.endsWith(".tar.gz")) as string;
    await ragfood("backup", "restore", join("backups", archive), "aside");
    const saved = readFileSync(join(directory, "aside", "settings.json"), "utf8");
    expect(saved).not.toContain(secret);
    expect(JSON.parse(saved).secrets.sort()).toEqual(["CHROMA_TOKEN", "STATE_URL"]);
    writeFileSync(join(directory, ".env"), `CHROMA_TOKEN=${secret}\nMAX_RESULTS=9\n`);
    const restored = await ragfood("backup", "restore", "settings", "--replace");
    expect(restored.code).toBe(0);
    expect(restored.error).toContain("kept from the present file: CHROMA_TOKEN");
    expect(restored.error).toContain("Set them again, unless they are variables: STATE_URL");
    const text = readFileSync(join(directory, ".env"), "utf8");
    expect(text).toContain(`CHROMA_TOKEN='${secret}'`);
    expect(text).toContain("MAX_RESULTS='5'");
    expect(text).toContain(`EMBEDDING_QUERY_PROMPT="say 'it': "`);
  });

  it("are encrypted with a key file, and are proven with it", async () => {
    const { ragfood, directory, backups } = await filledProject();
    writeFileSync(join(directory, "backup.key"), `2026:${randomBytes(32).toString("base64")}\n`);
    await ragfood("backup", "create", "--key-file", "backup.key");
    const archive = readdirSync(backups).find(
      (name) => name.startsWith("index") && name.endsWith("encrypted"),
    );
    expect(archive).toBeDefined();
    const verified = await ragfood("backup", "verify", join("backups", archive as string));
    expect(verified).toMatchObject({ code: 3, out: expect.stringContaining("Its content was not checked") });
    const refused = await ragfood("backup", "drill", "index");
    expect(refused.error).toContain('encrypted with the key "2026"');
    expect((await ragfood("backup", "drill", "--key-file", "backup.key")).code).toBe(0);
  });

  it("that are damaged fail the drill, and restore nothing", async () => {
    const { ragfood, backups } = await filledProject();
    await ragfood("backup", "create", "index");
    const archive = join(backups, readdirSync(backups).find((name) => name.endsWith(".tar.gz")) as string);
    const bytes = readFileSync(archive);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
    writeFileSync(archive, bytes);
    expect((await ragfood("backup", "drill", "index")).error).toContain("is damaged");
    // The next person is told, until a newer one is proven.
    expect((await ragfood("backup", "list")).out).toMatch(/cannot be restored: .* is damaged/);
    const section = () => backupSection(listBackups(backups), [], Date.now());
    expect(section()).toMatchObject({
      condition: "bad",
      sentence: expect.stringContaining("no newer one is proven"),
    });
    const count = JSON.parse((await ragfood("info", "--json")).out).recordCount;
    expect((await ragfood("backup", "restore", "index", "--replace")).code).toBe(2);
    expect(JSON.parse((await ragfood("info", "--json")).out).recordCount).toBe(count);
    await ragfood("backup", "create", "index");
    expect(section().condition).toBe("bad");
    await ragfood("backup", "drill", "index");
    expect(section()).toMatchObject({ condition: "good", sentence: expect.stringContaining("proven by") });
  });

  it("fail the drill if the newest one is cut off, though an older one is whole (OPS-7)", async () => {
    const { ragfood, backups } = await filledProject();
    await ragfood("backup", "create", "index");
    await ragfood("backup", "create", "index");
    const newest = readdirSync(backups)
      .filter((name) => name.endsWith(".tar.gz"))
      .sort()
      .at(-1) as string;
    truncateSync(join(backups, newest), 100);
    const drill = await ragfood("backup", "drill");
    expect([drill.code, drill.out]).toEqual([
      1,
      expect.stringMatching(/Not proven: .*has 100 bytes instead of/),
    ]);
    const one = await ragfood("backup", "drill", "index");
    expect([one.code, one.error]).toEqual([1, expect.stringMatching(/An older one is proven: .*create/s)]);
    // A restore takes the older one, and says that it is older.
    const restored = await ragfood("backup", "restore", "index", "--replace");
    expect([restored.code, restored.error]).toEqual([
      0,
      expect.stringMatching(/A newer backup was not used: .*has 100 bytes/),
    ]);
    for (const name of readdirSync(backups).filter((each) => each.endsWith(".tar.gz")))
      truncateSync(join(backups, name), 100);
    expect((await ragfood("backup", "drill", "index")).error).toContain("can be restored. The newest one is");
  });

  it("are deleted after the retention, but for the newest verified one of each source", async () => {
    const { ragfood, backups } = await filledProject();
    for (let count = 0; count < 2; count++) await ragfood("backup", "create", "index");
    for (const name of readdirSync(backups).filter((each) => each.endsWith(".json"))) {
      const record = JSON.parse(readFileSync(join(backups, name), "utf8"));
      const createdAt = new Date(Date.parse(record.createdAt) - 40 * 86_400_000).toISOString();
      writeFileSync(join(backups, name), JSON.stringify({ ...record, createdAt }));
    }
    const dry = await ragfood("backup", "prune", "--dry-run");
    expect(dry.error).toContain("1 backup older than 30 days would be deleted");
    expect(readdirSync(backups)).toHaveLength(4);
    await ragfood("backup", "prune");
    expect(readdirSync(backups)).toHaveLength(2);
    expect((await ragfood("backup", "prune", "--keep-days", "1")).error).toContain("0 backups");
  });

  it("leave out what does not exist yet, and refuse it by name", async () => {
    const { directory } = project();
    const made = await runHere(["backup", "create"], { directory });
    expect(made.error).toContain("There is no index at");
    expect(made.code).toBe(0);
    expect((await runHere(["backup", "create", "index"], { directory })).code).toBe(2);
    expect((await runHere(["backup", "restore", "index"], { directory })).error).toContain("no backup of");
    expect(existsSync(join(directory, ".ragfood"))).toBe(false);
  });
});
