import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";
import { StorageError } from "../../foundation/errors.ts";
import { guard } from "./failures.ts";
import { identityOf } from "./files.ts";

/** Whether a database is there that this user may read and not write, itself or what SQLite keeps beside it. */
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
 * write (sqlite.org/wal.html, "Read-Only Databases"): the file has to stay as it is, which
 * `unchangingState` tells.
 *
 * @throws {StorageError} when the file cannot be opened, or its log holds writes that it lacks
 */
export function openUnchanging(path: string): DatabaseSyncInstance {
  if (logBytes(path) > 0) {
    throw new StorageError(
      path,
      `The index at ${path} is read-only, and its last writes are still in ${path}-wal.`,
      { hint: "Give this user the right to write to its directory, or have its writer close it." },
    );
  }
  const location = pathToFileURL(path);
  location.searchParams.set("immutable", "1");
  return guard(path, () => new DatabaseSync(location, { readOnly: true }));
}

/** Differs from what it was as soon as anybody has written to the database or its log. */
export function unchangingState(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return `${identityOf(path)}.${found?.size}.${found?.mtimeMs}.${logBytes(path)}`;
}

function logBytes(path: string): number {
  return statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}
