import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import { damaged, guard } from "./failures.ts";
import { LedgerError } from "./ledger-error.ts";

/** "RFML" in ASCII: tells a ledger from any other SQLite file. */
const applicationId = 0x52_46_4d_4c;
const schemaVersion = 1;

const busyTimeoutMs = 5_000;

/**
 * `blocks` are the runs of records that were sent; one counts as done once `acknowledgedAt` is set.
 * `holders` says for each record which block wrote it last, by the first 16 bytes of the id's SHA-256.
 */
const schema = `
  CREATE TABLE migration (
    one INTEGER PRIMARY KEY CHECK (one = 1), identity TEXT NOT NULL, createdAt INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE lease (
    one INTEGER PRIMARY KEY CHECK (one = 1), token TEXT NOT NULL, process INTEGER NOT NULL,
    place TEXT NOT NULL, heartbeatAt INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE blocks (
    number INTEGER PRIMARY KEY AUTOINCREMENT, hash BLOB NOT NULL UNIQUE, records INTEGER NOT NULL,
    bytes INTEGER NOT NULL, acknowledgedAt INTEGER
  ) STRICT;
  CREATE TABLE holders (record BLOB PRIMARY KEY, block INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE phases (name TEXT PRIMARY KEY, begunAt INTEGER NOT NULL, finishedAt INTEGER) STRICT;
  CREATE TABLE runs (
    number INTEGER PRIMARY KEY, begunAt INTEGER NOT NULL, endedAt INTEGER, outcome TEXT,
    sent INTEGER NOT NULL DEFAULT 0, skipped INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0
  ) STRICT;
`;

/**
 * Opens, or makes, the database of a ledger: what was committed is on disk (WAL, `synchronous = FULL`).
 *
 * @throws {LedgerError} `damaged`, `version` or `storage`
 */
export function openLedgerDatabase(path: string): DatabaseSyncInstance {
  return opened(path, () => {
    mkdirSync(dirname(path), { recursive: true });
    const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
    return prepared(database, () => {
      // Before anything is changed: the file may be someone else's.
      if (userVersion(database) !== 0) checkLedger(database, path);
      database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
      createSchema(database, path);
    });
  });
}

/**
 * Opens a ledger to be read beside whoever works on it; `undefined` where there is none.
 *
 * @throws {LedgerError} `damaged`, `version` or `storage`
 */
export function openLedgerReader(path: string): DatabaseSyncInstance | undefined {
  if (!existsSync(path)) return undefined;
  return opened(path, () => {
    const database = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs });
    return prepared(database, () => checkLedger(database, path));
  });
}

function opened(path: string, open: () => DatabaseSyncInstance): DatabaseSyncInstance {
  try {
    return guard(path, open);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!/^E[A-Z]+$/.test(code ?? "")) throw error;
    throw new LedgerError("storage", path, `The ledger ${path} cannot be made: ${(error as Error).message}`, {
      cause: error,
      hint: "Name a directory that this user may write, by RAGFOOD_DIR or --data.",
    });
  }
}

function prepared(database: DatabaseSyncInstance, prepare: () => void): DatabaseSyncInstance {
  try {
    prepare();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function createSchema(database: DatabaseSyncInstance, path: string): void {
  // Two processes may come to make it at once.
  database.exec("BEGIN IMMEDIATE");
  try {
    if (userVersion(database) === 0) {
      const { count } = database.prepare("SELECT count(*) AS count FROM sqlite_schema").get() as {
        count: number;
      };
      if (count > 0) throw damaged(path, "the file is no ledger");
      database.exec(schema);
      database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}`);
    }
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function checkLedger(database: DatabaseSyncInstance, path: string): void {
  const { application_id: application } = database.prepare("PRAGMA application_id").get() as {
    application_id: number;
  };
  if (application !== applicationId) throw damaged(path, "the file is no ledger");
  const version = userVersion(database);
  if (version > schemaVersion) {
    throw new LedgerError(
      "version",
      path,
      `The ledger ${path} has version ${version}; this ragfood knows ${schemaVersion}.`,
      {
        hint: "Go on with the ragfood that began the migration, or a later one.",
      },
    );
  }
  const { quick_check: found } = database.prepare("PRAGMA quick_check(1)").get() as { quick_check: string };
  if (found !== "ok") throw damaged(path, found);
}

function userVersion(database: DatabaseSyncInstance): number {
  return (database.prepare("PRAGMA user_version").get() as { user_version: number }).user_version;
}
