import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { Database } from "../../sqlite/database.ts";
import { checkSchema, prepareSchema, type Schema } from "../../sqlite/schema.ts";
import { damaged, ledgerDatabase } from "./failures.ts";
import { LedgerError } from "./ledger-error.ts";

/** "RFML" in ASCII: marks a SQLite file as a ledger. */
const applicationId = 0x52_46_4d_4c;
const schemaVersion = 1;

const busyTimeoutMs = 5_000;

/**
 * `blocks` are the groups of records that were sent; one is done once `acknowledgedAt` is set. `holders` says for
 * each record which block wrote it last, by the first 16 bytes of the id's SHA-256. `phases` keeps the result of
 * each phase of a run as JSON. `omissions` lists what the last whole import left out on request: the fields of records,
 * and whole records, whose field is null.
 */
const tables = `
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
  CREATE TABLE phases (name TEXT PRIMARY KEY, state TEXT NOT NULL) STRICT;
  CREATE TABLE omissions (
    id TEXT NOT NULL, field TEXT, reason TEXT NOT NULL, hash BLOB, run INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE runs (
    number INTEGER PRIMARY KEY, begunAt INTEGER NOT NULL, endedAt INTEGER, outcome TEXT,
    sent INTEGER NOT NULL DEFAULT 0, skipped INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0
  ) STRICT;
`;

const schemaOf = (path: string): Schema => ({
  applicationId,
  version: schemaVersion,
  tables,
  foreign: () => damaged(path, "the file is not a ledger"),
  later: (version) =>
    new LedgerError(
      "version",
      path,
      `The ledger ${path} has version ${version}; this ragfood knows ${schemaVersion}.`,
      {
        hint: "Continue with the version of ragfood that began the migration, or a later one.",
      },
    ),
});

/**
 * Opens or creates the database of a ledger. A committed transaction is on disk before the call that made it returns.
 *
 * @throws {LedgerError} `damaged`, `version` or `storage`
 */
export function openLedgerDatabase(path: string): Database {
  return Database.open(ledgerDatabase(path), {
    busyTimeoutMs,
    prepare: (database) => {
      prepareSchema(database, schemaOf(path));
      requireWhole(database);
      database.writeDurably();
    },
  });
}

/**
 * Opens a ledger for reading while another process may work on it; `undefined` if it does not exist. While no process
 * does, nothing is written beside it (sqlite.org/wal.html, "Read-Only Databases").
 *
 * @throws {LedgerError} `damaged`, `version` or `storage`
 */
export function openLedgerReader(path: string): Database | undefined {
  if (!existsSync(path)) return undefined;
  const location = pathToFileURL(path);
  if (!existsSync(`${path}-wal`)) location.searchParams.set("immutable", "1");
  return Database.open(ledgerDatabase(path), {
    location,
    readOnly: true,
    busyTimeoutMs,
    prepare: (database) => {
      checkSchema(database, schemaOf(path));
      requireWhole(database);
    },
  });
}

function requireWhole(database: Database): void {
  const { quick_check: found } = database.get("PRAGMA quick_check(1)") as { quick_check: string };
  if (found !== "ok") throw damaged(database.file.path, found);
}
