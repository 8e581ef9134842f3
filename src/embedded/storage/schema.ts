import type { DatabaseSyncInstance } from "@photostructure/sqlite";
import { StorageError } from "../../foundation/errors.ts";

/** "ragf": marks the file as an index of ours (PRAGMA application_id). */
const applicationId = 0x72616766;
const schemaVersion = 1;

/**
 * Every write of a record takes a new slot, so that slots also number the writes: whoever has seen
 * slot n finds what is newer by `slot > n`. `position` keeps the place in insertion order across
 * rewrites. A slot that no longer counts is named in `tombstones`. A namespace that is emptied gets a
 * new number, which tells every reader that nothing it knew of it holds. `mirrors` names the side file that
 * belongs to a namespace: one left from another database, or another state of this one, has another token.
 * Checksums (checksum.ts) stand before
 * what may be long, so that reading them does not read past it.
 */
const tables = `
  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL, checksum INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE namespaces (
    namespace INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    record_count INTEGER NOT NULL DEFAULT 0,
    next_position INTEGER NOT NULL DEFAULT 1
  );
  CREATE TABLE records (
    slot INTEGER PRIMARY KEY AUTOINCREMENT,
    namespace INTEGER NOT NULL,
    position INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    data_checksum INTEGER NOT NULL,
    id TEXT NOT NULL,
    metadata TEXT,
    data TEXT
  );
  CREATE UNIQUE INDEX records_by_id ON records (namespace, id);
  CREATE UNIQUE INDEX records_by_position ON records (namespace, position);
  CREATE TABLE vectors (slot INTEGER PRIMARY KEY, checksum INTEGER NOT NULL, dense BLOB, sparse BLOB);
  CREATE TABLE tombstones (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    namespace INTEGER NOT NULL,
    slot INTEGER NOT NULL
  );
  CREATE TABLE mirrors (namespace INTEGER PRIMARY KEY, token TEXT NOT NULL);
  INSERT INTO namespaces (name) VALUES ('');
`;

function pragma(database: DatabaseSyncInstance, name: string): number {
  const row = database.prepare(`PRAGMA ${name}`).get() as Record<string, number>;
  return row[name] ?? 0;
}

/**
 * Makes the tables in a new file; checks the version of one that exists.
 * @throws {StorageError} for another program's database, or one that a later version wrote
 */
export function createSchema(database: DatabaseSyncInstance, path: string): void {
  if (pragma(database, "user_version") === 0) {
    database.exec("BEGIN IMMEDIATE");
    try {
      if (pragma(database, "user_version") === 0) {
        if (readSchema(database) !== "") throw foreign(path);
        database.exec(tables);
        database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}`);
      }
      database.exec("COMMIT");
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  }
  if (pragma(database, "application_id") !== applicationId) throw foreign(path);
  const version = pragma(database, "user_version");
  if (version > schemaVersion) {
    throw new StorageError(
      path,
      `The index at ${path} was written by a later version of ragfood (format ${version}).`,
      {
        hint: "Install that version, or name another directory.",
      },
    );
  }
}

/** The tables and indexes of a database as text, to compare. */
export function readSchema(database: DatabaseSyncInstance): string {
  const rows = database.prepare("SELECT type, name, sql FROM sqlite_master ORDER BY name").all() as {
    type: string;
    name: string;
    sql: string | null;
  }[];
  return rows.map(({ type, name, sql }) => `${type} ${name}: ${sql}`).join("\n");
}

function foreign(path: string): StorageError {
  return new StorageError(path, `The file ${path} is a database of another program.`, {
    hint: "Name another directory, by RAGFOOD_DIR or --data.",
  });
}
