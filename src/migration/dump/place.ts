import { lstatSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { StorageError } from "../../foundation/errors.ts";
import { notWritten } from "./faults.ts";

const draftSuffix = ".partial";

/** Whether a directory is one that an export was filling when it stopped. */
export function isDraft(directory: string): boolean {
  return basename(resolve(directory)).endsWith(draftSuffix);
}

/**
 * A directory that appears under its name when it is whole: it is filled as `<name>.partial` beside it. That
 * name is also the lock that keeps a second writer away.
 */
export class DraftDirectory {
  /** Where it is filled. */
  readonly path: string;
  readonly #target: string;

  private constructor(path: string, target: string) {
    this.path = path;
    this.#target = target;
  }

  /**
   * @param discard removes what an interrupted writer left
   * @throws {StorageError} where the name is taken, another writer has begun, or the disk refuses
   */
  static create(target: string, discard: boolean): DraftDirectory {
    const path = `${resolve(target)}${draftSuffix}`;
    try {
      refuseExisting(target);
      if (discard) rmSync(path, { recursive: true, force: true });
      mkdirSync(dirname(path), { recursive: true });
      mkdirSync(path);
    } catch (error) {
      if (error instanceof StorageError) throw error;
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw notWritten(target, error);
      throw new StorageError(path, `${path} is there: writing ${target} was cut short, or is going on.`, {
        hint: "If nothing is writing it, remove it and start again: nothing of it can be used.",
      });
    }
    return new DraftDirectory(path, target);
  }

  /** @throws {StorageError} where the name was taken meanwhile */
  async publish(): Promise<void> {
    try {
      await synchronize(this.path);
      refuseExisting(this.#target);
      renameSync(this.path, this.#target);
      await synchronize(dirname(this.path));
    } catch (error) {
      throw error instanceof StorageError ? error : notWritten(this.#target, error);
    }
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

function refuseExisting(target: string): void {
  if (lstatSync(target, { throwIfNoEntry: false }) === undefined) return;
  throw new StorageError(target, `${target} is there already and is never overwritten.`, {
    hint: "Name another directory, or move this one away.",
  });
}

/** Writes a file that must not be there, and waits until it is on disk. */
export async function writeDurably(path: string, content: string): Promise<void> {
  await writeFile(path, content, { flag: "wx", flush: true });
}

/** Makes the names in a directory durable. Windows opens no directories, and keeps them without. */
export async function synchronize(directory: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
