import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { fileFailure } from "./file-failure.ts";

/** Error codes of a path where this user cannot create a directory. */
const refusals = new Set<string | undefined>(["EACCES", "EPERM", "EROFS", "ENOENT", "ENOTDIR", "EEXIST"]);
const writableHint = "Name a directory that this user may write.";

/**
 * Creates a directory and its parents. Node's own `recursive` option never returns if the file system refuses
 * the directory, as below /proc.
 *
 * @throws {StorageError} that names the directory which cannot be made
 */
export function makeDirectories(directory: string): void {
  if (isDirectory(directory)) return;
  const parent = dirname(directory);
  if (parent !== directory) makeDirectories(parent);
  try {
    mkdirSync(directory);
  } catch (error) {
    // Another process may have created it meanwhile.
    if (isDirectory(directory)) return;
    const hint = refusals.has((error as NodeJS.ErrnoException).code) ? writableHint : undefined;
    throw fileFailure(directory, "cannot be made", error, hint);
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
