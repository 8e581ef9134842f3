import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import { StorageError } from "../../errors.ts";
import { createSchema } from "./schema.ts";

export interface DatabaseOptions {
  /** Refuse to grow past this many bytes. Default: as large as the disk allows. */
  readonly maximumBytes?: number;
  /** Milliseconds to wait while another process writes. */
  readonly busyTimeoutMs?: number;
}

const defaultBusyTimeoutMs = 10_000;

/** SQLite's primary result codes (sqlite.org/rescode.html) that a person can act on. */
const failures: Readonly<Record<number, { message: string; hint: string }>> = {
  5: {
    message: "another process is writing to it",
    hint: "Wait until that process is done, then run the command again.",
  },
  8: { message: "it is read-only", hint: "Give this user the right to write to it." },
  10: {
    message: "the disk could not be read or written",
    hint: "Check the disk; the last batch was not stored.",
  },
  11: {
    message: "the file is damaged",
    hint: "Restore a backup, or remove the directory and ingest again.",
  },
  13: {
    message: "the disk is full",
    hint: "Free some space and run the command again; what was stored is kept.",
  },
  14: { message: "it cannot be opened", hint: "Check that the directory exists and may be written." },
  26: {
    message: "the file is not an index",
    hint: "Name another directory, or remove the file if nothing else needs it.",
  },
};

/** Runs `action`; what SQLite throws becomes a StorageError that names the file. */
export function guard<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    const result = (error as { errcode?: unknown }).errcode;
    if (typeof result !== "number") throw error;
    const known = failures[result & 0xff];
    throw new StorageError(path, `The index at ${path}: ${known?.message ?? (error as Error).message}.`, {
      cause: error,
      ...(known && { hint: known.hint }),
    });
  }
}

/**
 * Opens, or makes, the database of one index. A committed transaction is on disk before the call
 * that made it returns (WAL, `synchronous = FULL`).
 *
 * @param path a file, or `:memory:`
 * @throws {StorageError} when the file cannot be opened, is no index, or is of a later version
 */
export function openDatabase(path: string, options: DatabaseOptions = {}): DatabaseSyncInstance {
  if (path !== ":memory:") makeDirectory(dirname(path));
  const database = guard(
    path,
    () => new DatabaseSync(path, { timeout: options.busyTimeoutMs ?? defaultBusyTimeoutMs }),
  );
  try {
    guard(path, () => {
      database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32768");
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
  return database;
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
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
