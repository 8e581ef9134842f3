import { existsSync, mkdirSync, readdirSync, type Stats, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileFailure } from "./file-failure.ts";
import { ownerDirectory } from "./owner-only.ts";

/** Error codes of a path where this user cannot create a directory. */
const refusals = new Set<string | undefined>(["EACCES", "EPERM", "EROFS", "ENOENT", "ENOTDIR", "EEXIST"]);
const writableHint = "Name a directory that this user may write.";

/**
 * Creates a directory and its parents, for this user alone. Node's own `recursive` option never returns if the file system refuses
 * the directory, as below /proc.
 *
 * @throws {StorageError} that names the directory which cannot be made
 */
export function makeDirectories(directory: string): void {
  if (isDirectory(directory)) return;
  const parent = dirname(directory);
  // Below a file, the attempt to make the directory reports which part of the path it is.
  if (parent !== directory && find(parent) === undefined) makeDirectories(parent);
  try {
    mkdirSync(directory, { mode: ownerDirectory });
  } catch (error) {
    // Another process may have created it meanwhile.
    if (isDirectory(directory)) return;
    const hint = refusals.has((error as NodeJS.ErrnoException).code) ? writableHint : undefined;
    throw fileFailure(directory, "cannot be made", error, hint);
  }
}

function isDirectory(path: string): boolean {
  return find(path)?.isDirectory() ?? false;
}

/** `undefined` if nothing is there. Below a file, Node.js 20 throws and Node.js 24 does not. */
function find(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOTDIR") return undefined;
    throw error;
  }
}

/** Bytes of a file, or of all files below a directory; 0 if it does not exist. */
export function bytesIn(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isDirectory()) return found?.size ?? 0;
  return readdirSync(path).reduce((sum, name) => sum + bytesIn(join(path, name)), 0);
}

/** The directory itself, or the nearest one above it that exists. */
export function nearestDirectory(path: string): string {
  const absolute = resolve(path);
  return existsSync(absolute) ? absolute : nearestDirectory(dirname(absolute));
}
