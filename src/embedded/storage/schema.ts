import { StorageError } from "../../foundation/errors.ts";
import type { Database } from "../../sqlite/database.ts";
import { type DatabaseFile, storageFile } from "../../sqlite/failures.ts";
import { prepareSchema, type Schema } from "../../sqlite/schema.ts";

/** "ragf": marks the file as an index of ours (PRAGMA application_id). */
const applicationId = 0x72616766;
const schemaVersion = 1;

/**
 * Every write of a record takes a new slot, so slots also number the writes: a reader that has seen slot n
 * finds newer rows by `slot > n`. `position` keeps the insertion order across rewrites. `tombstones` lists slots
 * that are no longer valid. A namespace that is emptied gets a new number, so that readers drop all they know of
 * it. `mirrors` names the side file of a namespace: one of another database, or of another state of this one, has
 * another token. Checksums (sqlite/checksum.ts) come before columns that may be long, so that reading them does not read
 * past those.
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

/** What to do about an index that cannot be read. */
export const damagedHint =
  "Restore a backup, or keep what can be read with: ragfood index repair. Then check the disk.";

/** The database of an index, as errors describe it. */
export function indexDatabase(path: string): DatabaseFile {
  return storageFile(path, `The index at ${path}`, {
    "not-a-database": {
      problem: "the file is not an index",
      hint: `Name another directory. If it was one: ${damagedHint}`,
    },
    damaged: { hint: damagedHint },
  });
}

const schema = (path: string): Schema => ({
  applicationId,
  version: schemaVersion,
  tables,
  foreign: () =>
    new StorageError(path, `The file ${path} is a database of another program.`, {
      hint: "Name another directory, by RAGFOOD_DIR or --data.",
    }),
  later: (version) =>
    new StorageError(
      path,
      `The index at ${path} was written by a later version of ragfood (format ${version}).`,
      {
        hint: "Install that version, or name another directory.",
      },
    ),
});

/**
 * Creates the tables in a new file; checks the version of one that exists.
 * @throws {StorageError} for another program's database, or one that a later version wrote
 */
export function createSchema(database: Database): void {
  prepareSchema(database, schema(database.file.path));
}
