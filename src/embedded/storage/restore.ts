import { copyFileSync, existsSync } from "node:fs";
import { dirname } from "node:path";
import { StorageError } from "../../foundation/errors.ts";
import {
  draftOf,
  fileFailure,
  leaveLog,
  makeDirectories,
  removeCompanions,
  removeDatabase,
  removeMirrors,
  replaceFile,
} from "./files.ts";
import { requireIntact } from "./verify.ts";

export interface RestoreOptions {
  /** Let the backup take the place of an index that is there. */
  readonly overwrite?: boolean;
}

/**
 * Makes a backup the index at `path`: verified first, then in its place at once. A process that has the
 * index open is told so at its next call, by a StorageError.
 *
 * @param backup a file that `VectorIndex.backup` wrote
 * @param path the file of the index; `indexFile(directory)` names that of a directory
 * @throws {StorageError} when the backup is damaged, when an index is there and `overwrite` is not set, or
 * when the disk refuses; the index that was there stays
 *
 * @example
 * restoreBackup("monday.sqlite", indexFile(".ragfood"), { overwrite: true });
 */
export function restoreBackup(backup: string, path: string, options: RestoreOptions = {}): void {
  if (existsSync(path) && !options.overwrite) {
    throw new StorageError(path, `There is an index at ${path} already.`, {
      hint: "Name another directory, or ask to overwrite it.",
    });
  }
  const draft = draftOf(path);
  try {
    makeDirectories(dirname(path));
    copyFileSync(backup, draft);
    leaveLog(draft);
    requireIntact(draft, `The backup ${backup}`, "Restore another backup.");
    retire(path);
    replaceFile(draft, path);
  } catch (error) {
    throw fileFailure(backup, `The backup ${backup} cannot be restored to ${path}`, error);
  } finally {
    removeDatabase(draft);
  }
}

/** Removes the log and the saved mirrors of the old index, which would be taken for those of the restored one. */
function retire(path: string): void {
  try {
    // What the log holds goes into the file first, so that a crash right here costs nothing.
    if (existsSync(path)) leaveLog(path);
  } catch {
    // Damaged, or in use: it is given up, as the caller asked.
  }
  removeCompanions(path);
  removeMirrors(path);
}
