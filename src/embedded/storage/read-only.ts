import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { StorageError } from "../../foundation/errors.ts";
import { Database } from "../../sqlite/database.ts";
import { identityOf, logBytes } from "../../sqlite/files.ts";
import { indexDatabase } from "./schema.ts";

/** Whether a database exists that this user may read but not write, with the files that SQLite keeps beside it. */
export function isReadOnlyFile(path: string): boolean {
  return existsSync(path) && !(mayWrite(path) && mayWrite(dirname(path)));
}

function mayWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Opens a database without writing anything, not even what SQLite needs beside it to read while others
 * write (sqlite.org/wal.html, "Read-Only Databases"): the file must not change; `unchangingState` shows
 * whether it does.
 *
 * @throws {StorageError} if the file cannot be opened, or its log has unapplied writes
 */
export function openUnchanging(path: string, prepare?: (database: Database) => void): Database {
  if (logBytes(path) > 0) {
    throw new StorageError(
      path,
      `The index at ${path} is read-only, and its last writes are still in ${path}-wal.`,
      { hint: "Give this user the right to write to its directory, or close the program that writes to it." },
    );
  }
  const location = pathToFileURL(path);
  location.searchParams.set("immutable", "1");
  return Database.open(indexDatabase(path), {
    location,
    readOnly: true,
    ...(prepare && { prepare }),
  });
}

/** Changes as soon as a process has written to the database or its log. */
export function unchangingState(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return `${identityOf(path)}.${found?.size}.${found?.mtimeMs}.${logBytes(path)}`;
}
