import type { Database } from "../../sqlite/database.ts";
import { openLedgerReader } from "./database.ts";
import { type MigrationIdentity, parseIdentity } from "./identity.ts";

/** One run of the import. */
interface RunSummary {
  readonly begunAt: number;
  /** Absent while it runs, and if it was killed. */
  readonly endedAt?: number;
  readonly outcome?: string;
  readonly sent: number;
  readonly skipped: number;
  readonly bytes: number;
}

/** Progress of a migration. Times are milliseconds since 1970. */
export interface LedgerSummary {
  readonly identity: MigrationIdentity;
  readonly createdAt: number;
  readonly acknowledged: { readonly blocks: number; readonly records: number; readonly bytes: number };
  /** The result of each phase, as the run kept it. */
  readonly phases: Readonly<Record<string, unknown>>;
  /** Oldest first, the last 20. */
  readonly runs: readonly RunSummary[];
}

const runsShown = 20;

/**
 * Progress of a migration, read while another process may work on it.
 *
 * @param path of `ledgerFile`
 * @returns `undefined` if the migration does not exist
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

/** @returns `undefined` for a ledger that is being created at this moment */
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
  const runs = database
    .prepare(
      `SELECT begunAt, endedAt, outcome, sent, skipped, bytes FROM runs ORDER BY number DESC LIMIT ${runsShown}`,
    )
    .all() as RunSummary[];
  return {
    identity: parseIdentity(migration.identity, path),
    createdAt: migration.createdAt,
    acknowledged: { ...acknowledged },
    phases: phasesOf(database),
    runs: runs.map(withoutNulls).reverse(),
  };
}

/** A phase whose state is not JSON counts as not run. */
function phasesOf(database: Database): Record<string, unknown> {
  const rows = database.prepare("SELECT name, state FROM phases").all() as { name: string; state: string }[];
  return Object.fromEntries(rows.map(({ name, state }) => [name, parsed(state)]));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function withoutNulls<T extends object>(row: T): T {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as T;
}
