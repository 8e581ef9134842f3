import { closeSync, fsyncSync, openSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { makeDirectories } from "./directories.ts";
import { draftOf, removeAbandonedDrafts, removeDraft } from "./drafts.ts";
import { fileFailure } from "./file-failure.ts";
import { ownerFile } from "./owner-only.ts";

/**
 * Replaces `path` atomically and durably: readers, also after a crash, see either the complete old file or the complete
 * new one. Creates missing directories, and removes what interrupted writers left beside it.
 *
 * @throws {StorageError} if the file system refuses; the old file is then unchanged
 */
export function replaceFile(path: string, content: string | Uint8Array): void {
  const draft = draftOf(path);
  try {
    makeDirectories(dirname(path));
    removeAbandonedDrafts(dirname(path));
    writeFileSync(draft, content, { flag: "wx", mode: modeOf(path) });
    publish(draft, path);
  } catch (error) {
    removeDraft(draft);
    throw fileFailure(path, "cannot be written", error);
  }
}

/** The rights of the file that is replaced; those of a new file are its owner's alone. */
function modeOf(path: string): number {
  const existing = statSync(path, { throwIfNoEntry: false });
  return existing === undefined ? ownerFile : existing.mode & 0o777;
}

/**
 * Gives a draft its final name in the same directory, and waits until both are on disk. After a crash, that name has
 * either the draft or the previous file.
 *
 * @throws {Error} of the file system
 */
export function publish(draft: string, path: string): void {
  flushFile(draft);
  renameSync(draft, path);
  synchronizeNames(dirname(path));
}

/** Waits until the content of a file is on disk. */
export function flushFile(path: string): void {
  synchronize(path, "r+");
}

/** Flushes the entries of a directory to disk. Windows cannot open directories and does not need this. */
export function synchronizeNames(directory: string): void {
  if (process.platform !== "win32") synchronize(directory, "r");
}

function synchronize(path: string, flags: string): void {
  const descriptor = openSync(path, flags);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
