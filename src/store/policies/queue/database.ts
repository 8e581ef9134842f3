import { StorageError } from "../../../foundation/errors.ts";
import { Database } from "../../../sqlite/database.ts";
import { type DatabaseFile, storageFile } from "../../../sqlite/failures.ts";
import { prepareSchema, type Schema } from "../../../sqlite/schema.ts";

/** `sequence` is never used twice, so it orders writes for good; `parked_ms` is null for a write that waits. */
const tables = `
  CREATE TABLE writes (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    target TEXT NOT NULL,
    namespace TEXT NOT NULL,
    operation TEXT NOT NULL,
    records INTEGER,
    payload TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    queued_ms INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL,
    parked_ms INTEGER
  ) STRICT;
  CREATE INDEX waiting ON writes (target, namespace) WHERE parked_ms IS NULL;
  CREATE TABLE totals (bytes INTEGER NOT NULL) STRICT;
  INSERT INTO totals VALUES (0);
  CREATE TRIGGER write_added AFTER INSERT ON writes BEGIN UPDATE totals SET bytes = bytes + NEW.bytes; END;
  CREATE TRIGGER write_removed AFTER DELETE ON writes BEGIN UPDATE totals SET bytes = bytes - OLD.bytes; END;
`;

const schema = (path: string): Schema => ({
  applicationId: 0,
  version: 1,
  tables,
  foreign: () =>
    new StorageError(path, `The file ${path} is a database of another program.`, {
      hint: "Move it away, or name another directory by RAGFOOD_DIR.",
    }),
  later: () =>
    new StorageError(path, `The queue at ${path} was made by a later version of ragfood.`, {
      hint: "Use that version to drain it.",
    }),
});

/** The database of a queue, as errors describe it. */
export function queueDatabase(path: string): DatabaseFile {
  return storageFile(path, `The queue of writes at ${path}`);
}

/**
 * Opens or creates the database of a queue. A committed transaction is on disk before the call that made it returns.
 * @throws {StorageError} if the file cannot be opened, or is of a later version
 */
export function openQueueDatabase(path: string): Database {
  return Database.open(queueDatabase(path), {
    prepare: (database) => {
      database.writeDurably();
      prepareSchema(database, schema(path));
    },
  });
}
