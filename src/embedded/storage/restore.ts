import { copyFileSync, existsSync, linkSync, readdirSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { makeDirectories } from "../../foundation/directories.ts";
import { draftOf, removeAbandonedDrafts } from "../../foundation/drafts.ts";
import { StorageError } from "../../foundation/errors.ts";
import { asideOf } from "../../foundation/put-aside.ts";
import { storageFile, translateFailure } from "../../sqlite/failures.ts";
import { foldLog, logBytes, removeDatabase, replaceDatabase } from "../../sqlite/files.ts";
import { Catalog } from "./catalog.ts";
import { requireIntact } from "./verify.ts";

export interface RestoreOptions {
  /** Let the backup replace an existing index. */
  readonly overwrite?: boolean;
  /** Keeps the existing index beside the new one, as `<file>.replaced-<time>`. */
  readonly keep?: boolean;
}

/**
 * Replaces the index at `path` with a backup: verifies it first, then replaces the file atomically. A process that has
 * the index open gets a StorageError at its next call.
 *
 * @param backup a file that `VectorIndex.backup` wrote
 * @param path the file of the index; `indexFile(directory)` names that of a directory
 * @throws {StorageError} if the backup is damaged, if an index exists and `overwrite` is not set, or if the disk
 *   refuses; the existing index stays
 * @returns the file that keeps the existing index; `undefined` if no index existed, or it was not kept
 *
 * @example restoreBackup("monday.sqlite", indexFile(".ragfood"), { overwrite: true });
 */
export function restoreBackup(
  backup: string,
  path: string,
  options: RestoreOptions = {},
): string | undefined {
  if (existsSync(path) && !options.overwrite) {
    throw new StorageError(path, `There is an index at ${path} already.`, {
      hint: "Name another directory, or overwrite it: --overwrite.",
    });
  }
  const draft = draftOf(path);
  try {
    // Before a directory is made: a backup that is not there leaves nothing behind.
    statSync(backup);
    makeDirectories(dirname(path));
    removeAbandonedDrafts(dirname(path));
    copyFileSync(backup, draft);
    foldLog(draft);
    requireIntact(draft, `The backup ${backup}`, "Restore another backup.");
    renewFileId(draft);
    const kept = options.keep && existsSync(path) ? keepExisting(path) : undefined;
    retire(path);
    replaceDatabase(draft, path);
    return kept;
  } catch (error) {
    throw translateFailure(storageFile(backup, `The backup ${backup} cannot be restored to ${path}`), error);
  } finally {
    removeDatabase(draft);
  }
}

/** Gives the index a second name with all that its log holds, so that at no moment there is no index. */
function keepExisting(path: string): string {
  const kept = asideOf(path);
  try {
    foldLog(path);
  } catch {
    // In use, or damaged: the log belongs to what is kept.
    if (logBytes(path) > 0) linkSync(`${path}-wal`, `${kept}-wal`);
  }
  linkSync(path, kept);
  return kept;
}

/** A backup holds the records of another moment: who keeps the index in step has to know. */
function renewFileId(draft: string): void {
  const catalog = new Catalog(draft);
  try {
    catalog.renewFileId();
    catalog.foldLog();
  } finally {
    catalog.close();
  }
}

/** Folds the log of the old index into its file, and removes its saved mirrors, which would be taken for new ones. */
function retire(path: string): void {
  try {
    // Checkpoints the log into the file first, so that a crash here loses nothing.
    if (existsSync(path)) foldLog(path);
  } catch {
    // Damaged, or in use: it is given up with the index, as the caller asked.
  }
  removeMirrors(path);
}

/** Removes an index that nothing has open, with all its files. */
export function removeIndex(path: string): void {
  removeMirrors(path);
  removeDatabase(path);
}

/** Removes the mirrors that were saved beside a database (index/mirrors.ts). */
export function removeMirrors(path: string): void {
  const directory = dirname(path);
  for (const name of readdirSync(directory)) {
    if (name.startsWith(`${basename(path)}.mirror-`)) rmSync(join(directory, name), { force: true });
  }
}
