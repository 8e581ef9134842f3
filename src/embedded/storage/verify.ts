import { existsSync } from "node:fs";
import { StorageError } from "../../foundation/errors.ts";
import { counted } from "../../foundation/plural.ts";
import { sleepSync } from "../../foundation/sleep.ts";
import { runInSlices, runThrough } from "../../foundation/slices.ts";
import { Database } from "../../sqlite/database.ts";
import { readTables } from "../../sqlite/schema.ts";
import { checkStructureAside, problemsOf } from "../../sqlite/structure.ts";
import { keptLogOf, unreadTransactions } from "../../sqlite/write-ahead-log.ts";
import { openReader } from "./database.ts";
import { isIntact, type RecordRow, type SettingsRow, selectRecords, settingsAreIntact } from "./rows.ts";
import { createSchema, indexDatabase } from "./schema.ts";

/** A part of an index that differs from what was written. */
interface VerifyFault {
  readonly kind: "structure" | "schema" | "settings" | "record" | "counter" | "log";
  readonly problem: string;
}

export interface VerifyReport {
  /** Records that were read. */
  readonly recordCount: number;
  /** Empty for an intact index. */
  readonly faults: readonly VerifyFault[];
}

/** Rules that hold in every index, each with a query for rows that break it. */
const invariants: readonly { readonly problem: string; readonly sql: string }[] = [
  {
    problem: "a namespace counts records that it does not have",
    sql: `SELECT 1 FROM namespaces n
          WHERE record_count <> (SELECT count(*) FROM records r WHERE r.namespace = n.namespace)`,
  },
  {
    problem: "a namespace would give out a place that is taken",
    sql: `SELECT 1 FROM namespaces n
          WHERE next_position <= (SELECT coalesce(max(position), 0) FROM records r WHERE r.namespace = n.namespace)`,
  },
  {
    problem: "a record is in no namespace",
    sql: "SELECT 1 FROM records WHERE namespace NOT IN (SELECT namespace FROM namespaces)",
  },
  {
    problem: "vectors belong to no record",
    sql: "SELECT 1 FROM vectors WHERE slot NOT IN (SELECT slot FROM records)",
  },
  {
    problem: "a record counts that was deleted",
    sql: "SELECT 1 FROM tombstones WHERE slot IN (SELECT slot FROM records)",
  },
  {
    problem: "numbers that were given out would be given out again",
    sql: `SELECT 1 FROM (SELECT max(slot) AS last, 'records' AS name FROM records
                         UNION ALL SELECT max(slot), 'records' FROM tombstones
                         UNION ALL SELECT max(sequence), 'tombstones' FROM tombstones
                         UNION ALL SELECT max(namespace), 'namespaces' FROM namespaces) given
          WHERE last > coalesce((SELECT seq FROM sqlite_sequence s WHERE s.name = given.name), 0)`,
  },
  {
    problem: "the default namespace is missing",
    sql: "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM namespaces WHERE name = '')",
  },
];

/** Verifies one state of a database: structure, then every row against its checksum, then counters. */
export function verifyDatabase(database: Database): VerifyReport {
  return runThrough(verifySteps(database, () => findStructureProblems(database)));
}

/** Yields after each step, so that a process can do other work between them. */
function* verifySteps(
  database: Database,
  structureProblems: () => readonly string[],
): Generator<undefined, VerifyReport> {
  const faults: VerifyFault[] = [];
  let recordCount = 0;
  /** A check finds the next problem, or nothing, with each step. */
  function* check(
    kind: VerifyFault["kind"],
    findProblems: () => Iterable<string | undefined>,
  ): Generator<undefined> {
    try {
      for (const problem of findProblems()) {
        if (problem !== undefined) faults.push({ kind, problem });
        yield;
      }
    } catch (error) {
      faults.push({ kind: "structure", problem: (error as Error).message });
    }
  }
  yield* check("structure", structureProblems);
  yield* check("schema", () =>
    readTables(database) === expectedSchema() ? [] : ["the tables are not those of an index"],
  );
  yield* check("settings", () => findSettingsProblems(database));
  yield* check("record", function* () {
    for (const row of readAll(database)) {
      recordCount++;
      yield isIntact(row) ? undefined : `the record ${JSON.stringify(row.id)} is not what was written`;
    }
  });
  for (const { problem, sql } of invariants) {
    yield* check("counter", () => [
      database.prepare(`${sql} LIMIT 1`).get() === undefined ? undefined : problem,
    ]);
  }
  return { recordCount, faults };
}

/**
 * Verifies a file on disk while other processes may write to it.
 * @throws {StorageError} if it cannot be opened
 */
export function verifyFile(path: string): VerifyReport {
  const database = openReader(path);
  try {
    const report = database.run("BEGIN", () => verifyDatabase(database));
    return { ...report, faults: [...report.faults, ...findLogFaults(path)] };
  } finally {
    database.close();
  }
}

/**
 * As `verifyFile`, while this process does other work.
 * @throws {StorageError} if it cannot be opened
 */
export async function verifyFileAside(path: string): Promise<VerifyReport> {
  const database = openReader(path);
  try {
    // A check that fails has found damage, as the same check in this thread.
    const problems = await checkStructureAside(path).catch((error: Error) => [error.message]);
    // One state of the file, while other processes write: its counters agree with its rows.
    database.exec("BEGIN");
    const report = await runInSlices(verifySteps(database, () => problems));
    return { ...report, faults: [...report.faults, ...findLogFaults(path)] };
  } finally {
    database.close();
  }
}

/** Transactions that a crash has left in a damaged log, where SQLite does not read them. */
function findLogFaults(path: string): VerifyFault[] {
  const kept = keptLogOf(path);
  const log = existsSync(kept) ? kept : `${path}-wal`;
  const count = unreadTransactions(log);
  if (count === 0) return [];
  if (log !== kept) {
    // What another process is writing looks damaged for a moment.
    sleepSync(50);
    if (unreadTransactions(log) === 0) return [];
  }
  const advice = log === kept ? "; remove that file when you have them again" : "";
  const problem = `${log} was damaged by a crash: ${counted(count, "transaction")} in it cannot be read, and may be missing${advice}`;
  return [{ kind: "log", problem }];
}

/**
 * @param wanted the subject of the message, as "The backup"
 * @throws {StorageError} that names the first fault, if the file is damaged
 */
export function requireIntact(path: string, wanted: string, hint: string): void {
  refuseFaults(path, verifyFile(path), wanted, hint);
}

/** As `requireIntact`, for a file that no process writes to, while this process does other work. */
export async function requireIntactAside(path: string, wanted: string, hint: string): Promise<void> {
  refuseFaults(path, await verifyFileAside(path), wanted, hint);
}

function refuseFaults(path: string, { faults }: VerifyReport, wanted: string, hint: string): void {
  const [first] = faults;
  if (first === undefined) return;
  throw new StorageError(
    path,
    `${wanted} is damaged: ${first.problem}${faults.length > 1 ? `, and ${faults.length - 1} faults more` : ""}.`,
    { hint },
  );
}

function findStructureProblems(database: Database): string[] {
  return problemsOf(database.prepare("PRAGMA integrity_check").all() as { integrity_check: string }[]);
}

function readAll(database: Database): Iterable<RecordRow> {
  return database.prepare(selectRecords({ data: true, vectors: true })).iterate();
}

function findSettingsProblems(database: Database): string[] {
  const rows = database.prepare("SELECT name, value, checksum FROM settings").all() as SettingsRow[];
  return rows.filter((row) => !settingsAreIntact(row)).map(() => "the settings are not what was written");
}

function expectedSchema(): string {
  const database = Database.open(indexDatabase(":memory:"));
  try {
    createSchema(database);
    return readTables(database);
  } finally {
    database.close();
  }
}
