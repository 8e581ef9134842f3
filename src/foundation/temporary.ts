import { accessSync, constants, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeDirectories } from "./directories.ts";

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
 * Creates a new directory for temporary files: in the system's temporary directory, or in `fallback` if that one does
 * not exist or cannot be written.
 *
 * @throws {Error} of the file system, if neither can be written
 */
export function makeTemporaryDirectory(prefix: string, fallback: string): string {
  const system = tmpdir();
  if (isWritable(system)) return mkdtempSync(join(system, prefix));
  makeDirectories(fallback);
  return mkdtempSync(join(fallback, prefix));
}
