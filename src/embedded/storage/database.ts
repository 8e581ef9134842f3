import { StorageError } from "../../foundation/errors.ts";
import { Database } from "../../sqlite/database.ts";
import { isReadOnlyFile, openUnchanging } from "./read-only.ts";
import { createSchema, indexDatabase } from "./schema.ts";

/** Pages that SQLite keeps, in KiB: those of one batch of writes. Reads of vectors are spread over the whole file. */
const cacheKibibytes = 16_384;

export interface DatabaseOptions {
  /** Refuse to grow past this many bytes. Default: as large as the disk allows. */
  readonly maximumBytes?: number;
  /** Milliseconds to wait while another process writes. */
  readonly busyTimeoutMs?: number;
  /** Opens read-only and writes no side files. Default: if this user has no write permission. */
  readonly readOnly?: boolean;
}

export interface OpenDatabase {
  readonly database: Database;
  readonly isReadOnly: boolean;
}

/**
 * Opens or creates the database of one index; without the right to write, it is opened read-only. A committed
 * transaction is on disk before the call that made it returns.
 *
 * @param path a file, or `:memory:`
 * @throws {StorageError} if the file cannot be opened, is not an index, or is of a later version
 */
export function openDatabase(path: string, options: DatabaseOptions = {}): OpenDatabase {
  const isReadOnly = options.readOnly ?? isReadOnlyFile(path);
  const { maximumBytes, busyTimeoutMs } = options;
  const prepare = (database: Database) => {
    database.exec(`PRAGMA cache_size = -${cacheKibibytes}`);
    createSchema(database);
    if (!isReadOnly) database.writeDurably();
    if (maximumBytes !== undefined) {
      const pages = Math.max(1, Math.floor(maximumBytes / database.pragma("page_size")));
      database.exec(`PRAGMA max_page_count = ${pages}`);
    }
  };
  const database = isReadOnly
    ? openUnchanging(path, prepare)
    : Database.open(indexDatabase(path), { prepare, ...(busyTimeoutMs !== undefined && { busyTimeoutMs }) });
  return { database, isReadOnly };
}

/**
 * Opens a database read-only while another process writes to it.
 * @throws {StorageError} if the file cannot be opened
 */
export function openReader(path: string): Database {
  if (isReadOnlyFile(path)) return openUnchanging(path);
  return Database.open(indexDatabase(path), { readOnly: true });
}

/** The error of a write to an index that was opened read-only. */
export function readOnlyFailure(path: string): StorageError {
  return new StorageError(path, `The index at ${path}: it is read-only.`, {
    hint: "Give this user the right to write to it and to its directory.",
  });
}
