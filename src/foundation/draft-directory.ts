import { lstatSync, mkdirSync, renameSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { makeDirectories } from "./directories.ts";
import { disownDraft, ownDraft, removeAbandonedDrafts, removeOwnedDraft } from "./drafts.ts";
import { synchronizeNames } from "./durable-file.ts";
import { StorageError } from "./errors.ts";
import { fileFailure } from "./file-failure.ts";
import { ownerDirectory } from "./owner-only.ts";

const draftSuffix = ".partial";

/** Whether a directory is an unfinished draft. */
export function isDraftDirectory(directory: string): boolean {
  return basename(resolve(directory)).endsWith(draftSuffix);
}

/**
 * A directory that appears under its final name only when complete. It is filled as `<name>.partial` beside it, which
 * also locks out a second writer.
 */
export class DraftDirectory {
  /** Path of the draft. */
  readonly path: string;
  readonly #target: string;

  private constructor(path: string, target: string) {
    this.path = path;
    this.#target = target;
  }

  /**
   * Removes what killed writers left in the same place.
   *
   * @param discard also removes a draft of this name whose writer is not known
   * @throws {StorageError} if the name is taken, another writer has begun, or the file system refuses
   */
  static create(target: string, discard: boolean): DraftDirectory {
    const path = `${resolve(target)}${draftSuffix}`;
    try {
      refuseExisting(target);
      removeAbandonedDrafts(dirname(path));
      if (discard) removeOwnedDraft(path);
      makeDirectories(dirname(path));
      ownDraft(path);
      makeOwned(path);
      return new DraftDirectory(path, target);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST")
        throw fileFailure(target, "cannot be written", error);
      throw new StorageError(path, `${path} exists: writing ${target} was cut short, or is going on.`, {
        hint: "If no process is writing it, remove it and start again: its contents cannot be used.",
      });
    }
  }

  /** @throws {StorageError} if the name was taken meanwhile */
  publish(): void {
    try {
      synchronizeNames(this.path);
      refuseExisting(this.#target);
      renameSync(this.path, this.#target);
      disownDraft(this.path);
      synchronizeNames(dirname(this.path));
    } catch (error) {
      throw fileFailure(this.#target, "cannot be written", error);
    }
  }

  remove(): void {
    removeOwnedDraft(this.path);
  }
}

function makeOwned(path: string): void {
  try {
    mkdirSync(path, { mode: ownerDirectory });
  } catch (error) {
    disownDraft(path);
    throw error;
  }
}

function refuseExisting(target: string): void {
  if (lstatSync(target, { throwIfNoEntry: false }) === undefined) return;
  throw new StorageError(target, `${target} already exists and is never overwritten.`, {
    hint: "Name another directory, or move this one away.",
  });
}
