import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { expect, it } from "vitest";
import { UsageError } from "../../../src/foundation/errors.ts";
import {
  Ledger,
  type LedgerBlock,
  LedgerError,
  ledgerFile,
  type MigrationIdentity,
  openLedger,
  readLedger,
  readOmissions,
  readRefusedRecords,
  recordKey,
} from "../../../src/migration/ledger/index.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";

const identity: MigrationIdentity = {
  source: "chroma_db/ foods",
  target: "https://foods-eu1-vector.upstash.io",
  namespace: "",
  embedding: "target",
  template: "",
};

const totals = { outcome: "complete", sent: 0, skipped: 0, bytes: 0 };

function open(
  directory: string,
  changes: Partial<MigrationIdentity> = {},
  now: () => number = Date.now,
): Ledger {
  return Ledger.open({ directory, name: "foods", identity: { ...identity, ...changes }, now });
}

function block(content: string, ids: readonly string[]): LedgerBlock {
  return { hash: createHash("sha256").update(content).digest(), keys: ids.map(recordKey), bytes: 10 };
}

function failure(action: () => unknown): LedgerError {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(LedgerError);
    return error as LedgerError;
  }
  throw new Error("Nothing was thrown.");
}

it("MIG-5: a block counts as done from its acknowledgement on, across processes", () => {
  const directory = temporaryDirectory();
  const [first, second] = [block("1", ["a", "b"]), block("2", ["c"])];
  let ledger = open(directory);
  ledger.beginRun();
  ledger.begin([first, second]);
  expect(ledger.skip(first.hash)).toBe(false);
  ledger.acknowledge([first.hash]);
  ledger.close();
  ledger = open(directory);
  ledger.beginRun();
  expect([ledger.skip(first.hash), ledger.skip(second.hash)]).toEqual([true, false]);
  ledger.close();
});

it("CUT-3: a block whose record is about to be written otherwise no longer counts", () => {
  const ledger = open(temporaryDirectory());
  const [old, other, changed] = [block("old", ["a", "b"]), block("other", ["c"]), block("new", ["b", "d"])];
  ledger.beginRun();
  ledger.begin([old, other]);
  ledger.acknowledge([old.hash, other.hash]);
  ledger.beginRun();
  expect(ledger.begin([changed])).toEqual([[]]);
  expect([ledger.skip(old.hash), ledger.skip(other.hash), ledger.skip(changed.hash)]).toEqual([
    false,
    true,
    false,
  ]);
  ledger.close();
});

it("MIG-5: an id that a source gives twice is reported, whether its first block was sent or skipped", () => {
  const ledger = open(temporaryDirectory());
  const [first, second] = [block("1", ["a", "b"]), block("2", ["c", "b"])];
  ledger.beginRun();
  expect(ledger.begin([first, second])).toEqual([[], [1]]);
  ledger.acknowledge([first.hash]);
  ledger.beginRun();
  expect(ledger.skip(first.hash)).toBe(true);
  expect(ledger.begin([second])).toEqual([[1]]);
  expect(ledger.skip(first.hash)).toBe(true);
  ledger.close();
});

it("CUT-3: a run that read the source to its end forgets what is no longer there; one cut short does not", () => {
  const ledger = open(temporaryDirectory());
  const [kept, gone] = [block("kept", ["a"]), block("gone", ["b"])];
  ledger.beginRun();
  ledger.begin([kept, gone]);
  ledger.acknowledge([kept.hash, gone.hash]);
  ledger.endRun(totals, true);
  for (const [readToEnd, isKnown] of [
    [false, true],
    [true, false],
  ] as const) {
    ledger.beginRun();
    ledger.skip(kept.hash);
    ledger.endRun(totals, readToEnd);
    ledger.beginRun();
    expect(ledger.skip(gone.hash)).toBe(isKnown);
  }
  ledger.close();
});

it("MIG-5: shows how far a migration is, beside the process that works on it", () => {
  const directory = temporaryDirectory();
  expect(readLedger(ledgerFile(directory, "foods"))).toBeUndefined();
  let time = 1_000;
  const ledger = open(directory, {}, () => time);
  ledger.setPhase("import", { status: "done" });
  ledger.beginRun();
  const some = block("1", ["a", "b"]);
  ledger.begin([some]);
  ledger.acknowledge([some.hash]);
  time = 2_000;
  ledger.endRun({ outcome: "complete", sent: 2, skipped: 0, bytes: 10 }, true);
  ledger.setPhase("verify", { status: "failed" });
  ledger.beginRun();
  expect(readLedger(ledger.path)).toEqual({
    identity,
    createdAt: 1_000,
    acknowledged: { blocks: 1, records: 2, bytes: 10 },
    phases: { import: { status: "done" }, verify: { status: "failed" } },
    runs: [
      { begunAt: 1_000, endedAt: 2_000, outcome: "complete", sent: 2, skipped: 0, bytes: 10 },
      { begunAt: 2_000, sent: 0, skipped: 0, bytes: 0 },
    ],
  });
  ledger.close();
});

it.each([
  { source: "another_db/ foods" },
  { target: "https://other-eu1-vector.upstash.io" },
  { namespace: "foods" },
  { embedding: "carried" as const },
  { template: "{name}: {text}" },
])("MIG-5: a migration with other parts is refused with the difference: %o", (change) => {
  const directory = temporaryDirectory();
  open(directory).close();
  const error = failure(() => open(directory, change));
  const [[part, value]] = Object.entries(change) as [[keyof MigrationIdentity, string]];
  expect(error.reason).toBe("identity");
  expect(error.message).toContain(`${part} ${JSON.stringify(identity[part])}, not ${JSON.stringify(value)}`);
  open(directory).close();
});

it("MIG-5: a name that is not valid for a directory is refused", () => {
  for (const name of ["", "..", "a/b", "a\\b", "-x", "x".repeat(65)]) {
    expect(() => ledgerFile("/tmp", name)).toThrow(UsageError);
  }
});

it("MIG-5: a second one is refused while the first lives, and lets it work on", () => {
  const directory = temporaryDirectory();
  const ledger = open(directory);
  const error = failure(() => open(directory));
  expect(error.reason).toBe("lease");
  expect(error.message).toContain(`Process ${process.pid}`);
  ledger.beginRun();
  ledger.close();
  open(directory).close();
});

/** Makes the lease of a ledger one of another machine, with a heartbeat at this time. */
function moveAway(path: string, heartbeatAt: number): void {
  const database = new DatabaseSync(path);
  database.prepare("UPDATE lease SET place = 'other', heartbeatAt = ?").run(heartbeatAt);
  database.close();
}

it.each([
  ["in the past", -3_600_000],
  ["in the future, as from a host whose clock is ahead", 3_600_000],
])("MIG-5: a lease without a new heartbeat is taken over, its time %s", async (_, offset) => {
  const directory = temporaryDirectory();
  const first = open(directory);
  first.beginRun();
  moveAway(first.path, Date.now() + offset);
  const second = await openLedger({ directory, name: "foods", identity, heartbeatTimeoutMs: 50 });
  const some = block("1", ["a"]);
  expect(failure(() => first.begin([some])).reason).toBe("lease");
  expect(failure(() => first.acknowledge([some.hash])).reason).toBe("lease");
  second.beginRun();
  first.close();
  second.beginRun();
  second.close();
});

it("MIG-5: a lease with a new heartbeat is left to its holder, also if its clock is behind", async () => {
  const directory = temporaryDirectory();
  const first = open(directory);
  moveAway(first.path, Date.now() - 3_600_000);
  const beats = setInterval(() => first.beginRun(), 20);
  const opening = openLedger({ directory, name: "foods", identity, heartbeatTimeoutMs: 5_000 });
  await expect(opening).rejects.toMatchObject({
    reason: "lease",
    message: expect.stringMatching(/^Process \d+ on [^ ]+ works on the migration/),
  });
  clearInterval(beats);
  first.close();
});

it("MIG-5: the lease of a process that is gone is free at once; that of another machine is not", async () => {
  const directory = temporaryDirectory();
  const child = spawn(process.execPath, ["-e", ""]);
  await new Promise((resolve) => child.on("close", resolve));
  const leave = (change: string) => {
    const ledger = open(directory);
    const { path } = ledger;
    ledger.close();
    const reopened = open(directory);
    const database = new DatabaseSync(path);
    const row = database.prepare("SELECT * FROM lease").get() as { place: string; heartbeatAt: number };
    reopened.close();
    database
      .prepare("INSERT INTO lease (one, token, process, place, heartbeatAt) VALUES (1, 'left', ?, ?, ?)")
      .run(
        change === "gone" ? (child.pid as number) : process.pid,
        change === "elsewhere" ? "other" : row.place,
        Date.now(),
      );
    database.close();
  };
  leave("gone");
  open(directory).close();
  // An earlier process of the same id, as after the restart of a container.
  leave("same id");
  open(directory).close();
  leave("elsewhere");
  expect(failure(() => open(directory)).message).toContain("on other");
});

it("MIG-5: a damaged file, or one of another program, is refused with the way to start over", () => {
  const directory = temporaryDirectory();
  const path = ledgerFile(directory, "foods");
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "not a database, and long enough to be looked at ".repeat(40));
  const error = failure(() => open(directory));
  expect(error.reason).toBe("damaged");
  expect(error.hint).toContain(`Remove the directory ${dirname(path)}`);

  writeFileSync(path, "");
  const foreign = new DatabaseSync(path);
  foreign.exec("CREATE TABLE recipes (name TEXT)");
  foreign.close();
  expect(failure(() => open(directory)).message).toContain("the file is not a ledger");
  expect(readFileSync(path).includes("recipes")).toBe(true);
});

it("MIG-5: damage inside the file is found when it is opened", () => {
  const directory = temporaryDirectory();
  const ledger = open(directory);
  ledger.beginRun();
  ledger.begin(
    Array.from({ length: 50 }, (_, n) =>
      block(
        `${n}`,
        Array.from({ length: 100 }, (_, id) => `${n}-${id}`),
      ),
    ),
  );
  ledger.close();
  const { size } = statSync(ledger.path);
  const file = openSync(ledger.path, "r+");
  writeSync(file, Buffer.alloc(size / 2, 0xa5), 0, size / 2, Math.floor(size / 2));
  closeSync(file);
  expect(failure(() => open(directory)).reason).toBe("damaged");
});

it.each(["null", "[]", '{"source":"a"}', "{"])(
  "MIG-5: an identity that cannot be read is damage: %s",
  (text) => {
    const directory = temporaryDirectory();
    const ledger = open(directory);
    ledger.close();
    const database = new DatabaseSync(ledger.path);
    database.prepare("UPDATE migration SET identity = ?").run(text);
    database.close();
    expect(failure(() => open(directory)).reason).toBe("damaged");
    expect(failure(() => readLedger(ledger.path)).reason).toBe("damaged");
  },
);

it("MIG-5: lists what the last whole run left out; a record that the target refused stays until it is read again", () => {
  const directory = temporaryDirectory();
  const ledger = open(directory);
  const refused = { id: "a", reason: "too long", hash: Buffer.alloc(32, 1) };
  const dropped = { id: "b", field: "", reason: "is left out" };
  ledger.beginRun();
  ledger.omit([refused, dropped]);
  ledger.endRun(totals, true);
  expect(readOmissions(ledger.path)).toEqual([{ ...refused, hash: expect.any(Uint8Array) }, dropped]);
  ledger.beginRun();
  ledger.endRun({ ...totals, outcome: "cancelled" }, false);
  expect([...readRefusedRecords(ledger.path).keys()]).toEqual(["a"]);
  ledger.beginRun();
  ledger.endRun(totals, true);
  expect(readOmissions(ledger.path)).toEqual([]);
  ledger.close();
});

it("MIG-5: a ledger of a later version is not touched", () => {
  const directory = temporaryDirectory();
  const ledger = open(directory);
  ledger.close();
  const database = new DatabaseSync(ledger.path);
  database.exec("PRAGMA user_version = 2");
  database.close();
  const error = failure(() => open(directory));
  expect(error.reason).toBe("version");
  expect(failure(() => readLedger(ledger.path)).reason).toBe("version");
});
