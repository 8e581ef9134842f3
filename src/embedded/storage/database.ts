import { dirname } from "node:path";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import { StorageError } from "../../foundation/errors.ts";
import { guard } from "./failures.ts";
import { makeDirectories } from "./files.ts";
import { isReadOnlyFile, openUnchanging } from "./read-only.ts";
import { createSchema } from "./schema.ts";

export interface DatabaseOptions {
  /** Refuse to grow past this many bytes. Default: as large as the disk allows. */
  readonly maximumBytes?: number;
  /** Milliseconds to wait while another process writes. */
  readonly busyTimeoutMs?: number;
  /** Open to be read alone, and leave nothing beside the file. Default: where this user may not write. */
  readonly readOnly?: boolean;
}

const defaultBusyTimeoutMs = 10_000;

export interface OpenDatabase {
  readonly database: DatabaseSyncInstance;
  readonly isReadOnly: boolean;
}

/**
 * Opens, or makes, the database of one index; one that this user may not write to is opened to be read. A committed transaction is on disk before the call
 * that made it returns (WAL, `synchronous = FULL`).
 *
 * @param path a file, or `:memory:`
 * @throws {StorageError} when the file cannot be opened, is no index, or is of a later version
 */
export function openDatabase(path: string, options: DatabaseOptions = {}): OpenDatabase {
  const isReadOnly = options.readOnly ?? isReadOnlyFile(path);
  const database = isReadOnly ? openUnchanging(path) : openToWrite(path, options);
  try {
    guard(path, () => {
      if (!isReadOnly) database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
      database.exec("PRAGMA cache_size = -32768");
      createSchema(database, path);
      if (options.maximumBytes !== undefined) {
        const { page_size: pageSize } = database.prepare("PRAGMA page_size").get() as { page_size: number };
        database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(options.maximumBytes / pageSize))}`);
      }
    });
  } catch (error) {
    database.close();
    throw error;
  }
  return { database, isReadOnly };
}

function openToWrite(path: string, { busyTimeoutMs }: DatabaseOptions): DatabaseSyncInstance {
  if (path !== ":memory:") makeDirectory(dirname(path));
  return guard(path, () => new DatabaseSync(path, { timeout: busyTimeoutMs ?? defaultBusyTimeoutMs }));
}

/**
 * Opens a database to read alone, beside whoever writes to it.
 * @throws {StorageError} when the file cannot be opened
 */
export function openReader(path: string): DatabaseSyncInstance {
  if (isReadOnlyFile(path)) return openUnchanging(path);
  return guard(path, () => new DatabaseSync(path, { readOnly: true, timeout: defaultBusyTimeoutMs }));
}

function makeDirectory(directory: string): void {
  try {
    makeDirectories(directory);
  } catch (error) {
    throw new StorageError(
      directory,
      `The directory ${directory} cannot be made: ${(error as Error).message}`,
      {
        cause: error,
        hint: "Name a directory that this user may write, by RAGFOOD_DIR or --data.",
      },
    );
  }
}
