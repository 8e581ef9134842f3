import { randomUUID } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { RagfoodError, StorageError } from "../../foundation/errors.ts";
import { translateFailure } from "./failures.ts";

/** What SQLite keeps beside a database. */
const companions = ["-wal", "-shm", "-journal"];

/** Tells a file from one that took its place; `undefined` where there is none. */
export function identityOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && `${found.dev}.${found.ino}`;
}

/**
 * Makes a directory and those above it. Node's own `recursive` never returns where the file system will
 * not have a directory, as below /proc.
 *
 * @throws {Error} of the file system
 */
export function makeDirectories(directory: string): void {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory()) return;
  const parent = dirname(directory);
  if (parent !== directory) makeDirectories(parent);
  try {
    mkdirSync(directory);
  } catch (error) {
    // Another process may have been faster.
    if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) throw error;
  }
}

/** A name beside `file` for one that is to take its place. */
export function draftOf(file: string): string {
  return `${file}.${randomUUID()}.draft`;
}

/** Removes a database and what SQLite keeps beside it, so far as they are there. */
export function removeDatabase(path: string): void {
  for (const file of [path, ...companions.map((companion) => path + companion)])
    rmSync(file, { force: true });
}

/** Removes what SQLite keeps beside a database. */
export function removeCompanions(path: string): void {
  for (const companion of companions) rmSync(path + companion, { force: true });
}

/** Removes the mirrors that were saved beside a database (index/mirrors.ts). */
export function removeMirrors(path: string): void {
  const directory = dirname(path);
  for (const name of readdirSync(directory)) {
    if (name.startsWith(`${basename(path)}.mirror-`)) rmSync(join(directory, name), { force: true });
  }
}

/** Folds the log of a database into it and keeps none from here on: one file that reads by itself. */
export function leaveLog(path: string): void {
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA journal_mode = DELETE");
  } finally {
    database.close();
  }
}

/** Puts a draft in the place of `file`, both in one directory: after a crash it is the one or the other. */
export function replaceFile(draft: string, file: string): void {
  synchronize(draft, "r+");
  renameSync(draft, file);
  // Windows opens no directories, and keeps a rename without.
  if (process.platform !== "win32") synchronize(dirname(file), "r");
}

function synchronize(path: string, flags: string): void {
  const descriptor = openSync(path, flags);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** An error of the file system or of SQLite as a StorageError that says what could not be done. */
export function fileFailure(path: string, attempt: string, error: unknown): RagfoodError {
  const cause = translateFailure(path, error);
  if (cause instanceof RagfoodError) return cause;
  return new StorageError(path, `${attempt}: ${(error as Error).message}`, {
    cause: error,
    hint: "Check that the file and its directory exist, may be written, and have room.",
  });
}
