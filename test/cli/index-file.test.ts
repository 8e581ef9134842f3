import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { startEmulator } from "../../src/embedded/index.ts";
import { sampleFoods } from "../helpers/foods.ts";
import { runHere } from "../helpers/run-here.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

/** A project with an embedded index of the sample foods. */
async function project() {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "foods.json"), JSON.stringify(sampleFoods));
  const environment = { JSON_FILE: "foods.json", GENERATOR: "extractive" };
  const run = (...words: string[]) => runHere(words, { directory, environment });
  expect(await run("ingest")).toMatchObject({ code: 0 });
  return { directory, run, file: join(directory, ".ragfood", "index.sqlite") };
}

const count = sampleFoods.length;

describe("index", () => {
  it("backs up an index that is served, and restores it", async () => {
    const { directory, run } = await project();
    const emulator = await startEmulator({ directory: join(directory, ".ragfood") });
    onTestFinished(() => emulator.close());
    expect(await run("index", "backup", "monday.sqlite")).toMatchObject({
      code: 0,
      out: expect.stringContaining(`${count} records`),
    });
    expect(await run("index", "backup", "monday.sqlite")).toMatchObject({ code: 2 });
    expect(await run("index", "backup", "monday.sqlite", "--overwrite")).toMatchObject({ code: 0 });
    expect((await run("index", "restore", "monday.sqlite")).error).toContain("already");
    expect(await run("index", "restore", "monday.sqlite", "elsewhere")).toMatchObject({ code: 0 });
    expect((await run("index", "verify", "elsewhere")).out).toContain(
      `${count} records, each as it was written`,
    );
    expect(await run("index", "restore", "monday.sqlite", "--overwrite")).toMatchObject({ code: 0 });
  });

  it("keeps every record that is whole of a damaged index, and names the lost ones", async () => {
    const { directory, run, file } = await project();
    const database = new DatabaseSync(file);
    database.exec(`UPDATE records SET metadata = '{}' WHERE id = 'pho'`);
    database.close();
    const verified = await run("index", "verify");
    expect(verified).toMatchObject({ code: 1, out: expect.stringContaining('"pho"') });
    const repaired = await run("index", "repair");
    expect(repaired).toMatchObject({
      code: 1,
      out: expect.stringContaining(`${count - 1} records kept, 1 lost`),
    });
    expect(repaired.out).toContain("Lost: pho");
    expect(await run("index", "verify")).toMatchObject({ code: 0 });
    expect(readdirSync(join(directory, ".ragfood")).some((name) => /\.damaged-\d+T\d+Z$/.test(name))).toBe(
      true,
    );
    expect((await run("ingest")).out).toContain("1 added");
  });

  it("gives a hint that works for an empty file, and for one that is damaged", async () => {
    const { run, file } = await project();
    truncateSync(file, 0);
    const empty = await run("search", "curry");
    expect(empty).toMatchObject({ code: 1, error: expect.stringContaining("is empty") });
    expect(empty.error).toContain("ragfood index repair");
    const unknown = { code: 1, out: expect.stringContaining("how many it held cannot be read") };
    expect(await run("index", "repair")).toMatchObject(unknown);
    expect((await run("ingest")).out).toContain(`${count} added`);

    const bytes = readFileSync(file);
    bytes.fill(0, 0, 4_096);
    writeFileSync(file, bytes);
    rmSync(`${file}-wal`, { force: true });
    const damaged = await run("search", "curry");
    expect(damaged).toMatchObject({ code: 1, error: expect.stringContaining("ragfood index repair") });
    expect(await run("index", "repair")).toMatchObject(unknown);
    expect((await run("ingest")).out).toContain(`${count} added`);
    expect((await run("search", "curry")).code).toBe(0);
  });
});

it("a backup of the index never replaces a file without --overwrite", async () => {
  const { directory, run } = await project();
  writeFileSync(join(directory, "notes.txt"), "mine");
  const refused = await run("index", "backup", "notes.txt");
  expect(refused).toMatchObject({ code: 2, error: expect.stringContaining("--overwrite") });
  expect(readFileSync(join(directory, "notes.txt"), "utf8")).toBe("mine");
});

it("a backup of a hidden directory has a name that shows", async () => {
  const { directory, run } = await project();
  // In this process SQLite closes a database when its statements are collected, which changes the directory.
  await expect.poll(async () => (await run("backup", "create", ".ragfood")).error).toBe("");
  const [archive = ""] = readdirSync(join(directory, "backups"));
  expect(archive).toMatch(/^ragfood-\d{8}T/);
  expect(await run("backup", "restore", join("backups", archive), "restored")).toMatchObject({ code: 0 });
  expect(existsSync(join(directory, "restored", "index.sqlite"))).toBe(true);
});
