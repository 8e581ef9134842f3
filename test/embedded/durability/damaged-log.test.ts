import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { VectorIndex, verifyFile } from "../../../src/embedded/index.ts";
import { Ledger } from "../../../src/migration/ledger/index.ts";
import { unreadTransactions } from "../../../src/sqlite/write-ahead-log.ts";
import { nextSequence } from "../../../src/state/sequences.ts";
import { openSqliteState } from "../../../src/state/sqlite.ts";
import { itUnless, notOnLinux } from "../../helpers/obstacles.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { seededRandom } from "./random.ts";
import { hybridSettings, randomRecord, toStored } from "./scenario.ts";

const ids = Array.from({ length: 40 }, (_, place) => `id-${place}`);

function openIndex(path: string): VectorIndex {
  const index = VectorIndex.open({ path, settings: hybridSettings });
  onTestFinished(() => index.close());
  return index;
}

const random = seededRandom(1);
const recordOf = (id: string) => ({ ...toStored(randomRecord(random)), id, data: "x".repeat(2_000) });

function fill(index: VectorIndex): void {
  for (const id of ids) index.upsert("", [recordOf(id)]);
}

/** As a killed process leaves them: the files of an index that is open. */
function copyOpen(path: string): string {
  const copy = join(temporaryDirectory(), "index.sqlite");
  for (const suffix of ["", "-wal"]) copyFileSync(path + suffix, copy + suffix);
  return copy;
}

function flip(file: string, place: number): void {
  const bytes = readFileSync(file);
  bytes.writeUInt8(bytes.readUInt8(place) ^ 1, place);
  writeFileSync(file, bytes);
}

function warnings(): string[] {
  const reported: string[] = [];
  const spy = vi.spyOn(process, "emitWarning").mockImplementation((text) => void reported.push(String(text)));
  onTestFinished(() => spy.mockRestore());
  return reported;
}

describe("a write-ahead log that a crash has left damaged (EMB-2)", () => {
  it.each([
    ["in its header", 20],
    ["at its beginning", 100],
    ["in the middle", 90_000],
  ])("is reported when the index is opened, and by every later verification: %s", async (_name, place) => {
    const path = join(temporaryDirectory(), "index.sqlite");
    const index = openIndex(path);
    fill(index);
    const copy = copyOpen(path);
    flip(`${copy}-wal`, place);
    expect(verifyFile(copy).faults).toMatchObject([{ kind: "log" }]);
    const reported = warnings();
    const damaged = openIndex(copy);
    expect(reported).toEqual([
      expect.stringMatching(/-wal was damaged by a crash: \d+ transactions? in it cannot/),
    ]);
    expect(damaged.info().namespaces[0]?.recordCount).toBeLessThan(ids.length);
    expect(damaged.verify().faults).toMatchObject([{ kind: "log" }]);
    damaged.close();
    expect(verifyFile(copy).faults).toMatchObject([{ kind: "log" }]);
    rmSync(`${copy}-wal.damaged`);
    expect(verifyFile(copy).faults).toEqual([]);
  });

  it("is not reported of a whole log, nor of one that ends in an unfinished transaction", async () => {
    const path = join(temporaryDirectory(), "index.sqlite");
    const index = openIndex(path);
    fill(index);
    const reported = warnings();
    const whole = copyOpen(path);
    const cut = copyOpen(path);
    writeFileSync(`${cut}-wal`, readFileSync(`${cut}-wal`).subarray(0, -3_000));
    for (const copy of [whole, cut]) expect(openIndex(copy).verify().faults).toEqual([]);
    expect(reported).toEqual([]);
  });

  it("shows in every bit that makes SQLite read less", async () => {
    const path = join(temporaryDirectory(), "log.sqlite");
    const database = new DatabaseSync(path);
    database.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (a)");
    for (let row = 0; row < 30; row++) database.exec(`INSERT INTO t VALUES ('${"x".repeat(3_000)}')`);
    const log = readFileSync(`${path}-wal`);
    for (let trial = 0; trial < 60; trial++) {
      const copy = copyOpen(path);
      flip(`${copy}-wal`, Math.floor((log.length * (trial + 0.5)) / 60));
      const count = unreadTransactions(`${copy}-wal`);
      const opened = new DatabaseSync(copy);
      const tables = opened.prepare("SELECT count(*) AS count FROM sqlite_schema").get() as { count: number };
      const rows =
        tables.count === 0
          ? 0
          : (opened.prepare("SELECT count(*) AS count FROM t").get() as { count: number }).count;
      expect(count > 0, `bit ${trial}`).toBe(rows < 30);
      opened.close();
    }
    database.close();
  });

  it("is reported of the state, which holds the outbox, too", async () => {
    const state = openSqliteState(join(temporaryDirectory(), "state.sqlite3"));
    for (const id of ids) await state.transaction((session) => nextSequence(session, id));
    const copy = copyOpen(state.location);
    await state.close();
    flip(`${copy}-wal`, 60_000);
    const reported = warnings();
    await openSqliteState(copy).close();
    expect(reported).toHaveLength(1);
    expect(existsSync(`${copy}-wal.damaged`)).toBe(true);
  });
});

describe("a log that is removed while the index is open (EMB-2)", () => {
  it.each(["-wal", "-shm"])(
    "ends writes and reads, and what was acknowledged is saved: %s",
    async (suffix) => {
      const path = join(temporaryDirectory(), "index.sqlite");
      const index = openIndex(path);
      fill(index);
      rmSync(path + suffix);
      const request = {
        dense: Float32Array.of(1, 1, 1, 1),
        sparse: undefined,
        filter: undefined,
        topK: 1,
        weightByFrequency: false,
        fusion: "RRF",
      } as const;
      const removed = /removed while it was open/;
      expect(() => index.upsert("", [recordOf("late")])).toThrow(removed);
      await expect(index.query("", request, {})).rejects.toThrow(removed);
      index.close();
      expect(openIndex(path).info().namespaces[0]?.recordCount).toBe(ids.length);
    },
  );

  it("ends the writes of the state and of a ledger, too", async () => {
    const state = openSqliteState(join(temporaryDirectory(), "state.sqlite3"));
    onTestFinished(() => state.close());
    const write = () => state.transaction((session) => nextSequence(session, "a"));
    await write();
    rmSync(`${state.location}-wal`);
    await expect(write()).rejects.toThrow(/removed/);
    const identity = { source: "a", target: "b", namespace: "", embedding: "carried", template: "" } as const;
    const ledger = Ledger.open({ directory: temporaryDirectory(), name: "m", identity });
    onTestFinished(() => ledger.close());
    rmSync(`${ledger.path}-wal`);
    expect(() => ledger.beginRun()).toThrow(/removed while it was open/);
  });
});

describe("what the system refuses", () => {
  it("names the length of a path that SQLite cannot open", () => {
    const path = join(
      temporaryDirectory(),
      ...Array.from({ length: 30 }, () => "d".repeat(20)),
      "index.sqlite",
    );
    expect(() => openIndex(path)).toThrow(/its path has \d{3} bytes, and SQLite opens paths of up to 504/);
    expect(existsSync(dirname(path))).toBe(false);
  });

  itUnless(notOnLinux, "names the limit of open files", () => {
    const module = new URL("../../../dist/state/sqlite.js", import.meta.url).href;
    const script = `
      import { openSync } from "node:fs";
      const { openSqliteState } = await import("${module}");
      try { for (;;) openSync("/dev/null"); } catch {}
      try { openSqliteState(process.argv[1]); } catch (error) { console.log(error.message, error.hint); }`;
    const path = join(temporaryDirectory(), "state.sqlite3");
    const command = `ulimit -n 64; exec "${process.execPath}" --input-type=module -e '${script}' ${path}`;
    const { stdout } = spawnSync("bash", ["-c", command], { encoding: "utf8" });
    expect(stdout).toMatch(
      /EMFILE, this process has as many files and connections open as it may\. .*ulimit -n/,
    );
  });
});
