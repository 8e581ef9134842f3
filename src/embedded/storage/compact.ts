import { openDatabase } from "./database.ts";

/**
 * Rewrites the file of an index, so that no content of replaced or deleted records remains in it.
 *
 * @throws {StorageError} if another process has the index in use, or the disk is full; the index stays unchanged
 */
export function compactIndex(path: string): void {
  const { database } = openDatabase(path);
  try {
    database.compact();
  } finally {
    database.close();
  }
}
