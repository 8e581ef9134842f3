import { openDatabase } from "./database.ts";

/**
 * Rewrites the file of an index, so that no content of replaced or deleted records remains in it: SQLite keeps old
 * content in free pages and free parts of pages. Needs room for a second copy meanwhile.
 *
 * @throws {StorageError} if another process has the index in use, or the disk is full; the index stays unchanged
 */
export function compactIndex(path: string): void {
  const { database } = openDatabase(path);
  try {
    database.exec("PRAGMA secure_delete = ON; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
  } finally {
    database.close();
  }
}
