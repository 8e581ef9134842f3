import { copyFileSync, existsSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { makeDirectories } from "../../foundation/directories.ts";
import { draftOf, removeAbandonedDrafts } from "../../foundation/drafts.ts";
import { publish } from "../../foundation/durable-file.ts";
import { StorageError } from "../../foundation/errors.ts";
import { storageFile, translateFailure } from "../../sqlite/failures.ts";
import { foldLog, removeCompanions, removeDatabase } from "../../sqlite/files.ts";
import { requireIntact } from "./verify.ts";

export interface RestoreOptions {
  /** Let the backup replace an existing index. */
  readonly overwrite?: boolean;
}

/**
 * Replaces the index at `path` with a backup: verifies it first, then replaces the file atomically. A process that has
 * the index open gets a StorageError at its next call.
 *
 * @param backup a file that `VectorIndex.backup` wrote
 * @param path the file of the index; `indexFile(directory)` names that of a directory
 * @throws {StorageError} if the backup is damaged, if an index exists and `overwrite` is not set, or if the disk
 *   refuses; the existing index stays
 *
 * @example restoreBackup("monday.sqlite", indexFile(".ragfood"), { overwrite: true });
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
    removeAbandonedDrafts(dirname(path));
    copyFileSync(backup, draft);
    foldLog(draft);
    requireIntact(draft, `The backup ${backup}`, "Restore another backup.");
    retire(path);
    publish(draft, path);
  } catch (error) {
    throw translateFailure(storageFile(backup, `The backup ${backup} cannot be restored to ${path}`), error);
  } finally {
    removeDatabase(draft);
  }
}

/** Removes the log and the saved mirrors of the old index, which would be taken for those of the restored one. */
function retire(path: string): void {
  try {
    // Checkpoints the log into the file first, so that a crash here loses nothing.
    if (existsSync(path)) foldLog(path);
  } catch {
    // Damaged, or in use: it is given up, as the caller asked.
  }
  removeCompanions(path);
  removeMirrors(path);
}

/** Removes the mirrors that were saved beside a database (index/mirrors.ts). */
export function removeMirrors(path: string): void {
  const directory = dirname(path);
  for (const name of readdirSync(directory)) {
    if (name.startsWith(`${basename(path)}.mirror-`)) rmSync(join(directory, name), { force: true });
  }
}
