import { accessSync, constants, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { makeDirectories } from "./directories.ts";
import { ownedName, removeAbandonedDirectories } from "./drafts.ts";
import { fileFailure } from "./file-failure.ts";
import { ownerDirectory } from "./owner-only.ts";

/** Whether this user may create files in a directory. */
export function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * A new, empty directory that only this process uses; the caller removes it. It is made where the system keeps
 * temporary files (`TMPDIR`), or in `fallback` if that is missing, full or read-only. Removes directories of the same
 * prefix that killed processes left.
 *
 * @throws {StorageError} if neither can be written
 */
export function makeTemporaryDirectory(prefix: string, fallback = ".ragfood"): string {
  try {
    return makeOwnDirectory(tmpdir(), prefix);
  } catch {
    try {
      makeDirectories(resolve(fallback));
      return makeOwnDirectory(resolve(fallback), prefix);
    } catch (error) {
      throw fileFailure(
        tmpdir(),
        "cannot be used for temporary files",
        error,
        "Name another place by TMPDIR.",
      );
    }
  }
}

/**
 * As `makeTemporaryDirectory`, in a directory that is created if it does not exist.
 * @throws {StorageError} if it cannot be written
 */
export function makeDirectoryIn(parent: string, prefix: string): string {
  try {
    makeDirectories(resolve(parent));
    return makeOwnDirectory(resolve(parent), prefix);
  } catch (error) {
    throw fileFailure(parent, "cannot be written", error);
  }
}

function makeOwnDirectory(parent: string, prefix: string): string {
  removeAbandonedDirectories(parent, prefix);
  const directory = join(parent, ownedName(prefix));
  mkdirSync(directory, { mode: ownerDirectory });
  return directory;
}
