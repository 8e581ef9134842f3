import type { Database } from "../../sqlite/database.ts";
import { openLedgerReader } from "./database.ts";
import { type MigrationIdentity, parseIdentity } from "./identity.ts";

/** The steps of a migration that a ledger remembers. */
export type Phase = "backup" | "plan" | "import" | "verify" | "repair";

/** Times are milliseconds since 1970. */
export interface PhaseState {
  readonly phase: Phase;
  readonly begunAt: number;
  readonly finishedAt?: number;
}

/** One run of the import. */
export interface RunSummary {
  readonly begunAt: number;
  /** Absent while it runs, and where it was killed. */
  readonly endedAt?: number;
  readonly outcome?: string;
  readonly sent: number;
  readonly skipped: number;
  readonly bytes: number;
}

/** How far a migration is. Times are milliseconds since 1970. */
export interface LedgerSummary {
  readonly identity: MigrationIdentity;
  readonly createdAt: number;
  readonly acknowledged: { readonly blocks: number; readonly records: number; readonly bytes: number };
  readonly phases: readonly PhaseState[];
  /** The latest last; 20 at most. */
  readonly runs: readonly RunSummary[];
}

const runsShown = 20;

/**
 * How far a migration is, read beside a process that works on it.
 *
 * @param path of `ledgerFile`
 * @returns `undefined` where there is no such migration
 * @throws {LedgerError} `damaged`, `version` or `storage`
 */
export function readLedger(path: string): LedgerSummary | undefined {
  const database = openLedgerReader(path);
  if (database === undefined) return undefined;
  try {
    return database.guard(() => summaryOf(database, path));
  } finally {
    database.close();
  }
}

/** @returns `undefined` for a ledger that is being made at this moment */
export function summaryOf(database: Database, path: string): LedgerSummary | undefined {
  const migration = database.prepare("SELECT identity, createdAt FROM migration").get() as
    | { identity: string; createdAt: number }
    | undefined;
  if (migration === undefined) return undefined;
  const acknowledged = database
    .prepare(
      `SELECT count(*) AS blocks, coalesce(sum(records), 0) AS records, coalesce(sum(bytes), 0) AS bytes
       FROM blocks WHERE acknowledgedAt IS NOT NULL`,
    )
    .get() as LedgerSummary["acknowledged"];
  const phases = database
    .prepare("SELECT name AS phase, begunAt, finishedAt FROM phases ORDER BY begunAt")
    .all() as PhaseState[];
  const runs = database
    .prepare(
      `SELECT begunAt, endedAt, outcome, sent, skipped, bytes FROM runs ORDER BY number DESC LIMIT ${runsShown}`,
    )
    .all() as RunSummary[];
  return {
    identity: parseIdentity(migration.identity, path),
    createdAt: migration.createdAt,
    acknowledged: { ...acknowledged },
    phases: phases.map(withoutNulls),
    runs: runs.map(withoutNulls).reverse(),
  };
}

function withoutNulls<T extends object>(row: T): T {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as T;
}
