import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeDirectories } from "./directories.ts";
import { fileFailure } from "./file-failure.ts";

/**
 * A new, empty directory that only this process uses; the caller removes it. It is made where the system keeps
 * temporary files (`TMPDIR`), or in `fallback` if that is missing, full or read-only.
 *
 * @throws {StorageError} if neither can be written
 */
export function makeTemporaryDirectory(prefix: string, fallback: string): string {
  try {
    return mkdtempSync(join(tmpdir(), prefix));
  } catch {
    try {
      makeDirectories(fallback);
      return mkdtempSync(join(fallback, prefix));
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
