import { existsSync, linkSync } from "node:fs";
import { dirname } from "node:path";
import { makeDirectories } from "../foundation/directories.ts";
import { draftOf, removeAbandonedDrafts } from "../foundation/drafts.ts";
import { publish } from "../foundation/durable-file.ts";
import { StorageError } from "../foundation/errors.ts";
import { fileFailure } from "../foundation/file-failure.ts";
import { asideOf, replaceRefused } from "../foundation/put-aside.ts";
import { foldLog, logBytes, removeCompanions, removeDatabase } from "../sqlite/files.ts";
import { fillState, type RestoredState, type RestoreStateOptions } from "./fill.ts";
import { type StateLocation, stateFileIn } from "./open.ts";
import { openSqliteState } from "./sqlite.ts";

/**
 * Makes a copy of a state, as `writeRows` wrote it, the state. It is filled aside and takes its place at once; the
 * former state is kept beside it. A process that has a SQLite state open gets an error at its next transaction;
 * one on PostgreSQL goes on with the restored state.
 *
 * @throws {UsageError} if a state exists, unless `replace`
 * @throws {DataError} if the copy is not whole
 * @throws {StateError} if it is of a later version, or the store cannot be used
 */
export async function restoreState(
  { directory, statePostgres }: StateLocation,
  file: string,
  options: RestoreStateOptions,
): Promise<RestoredState> {
  if (statePostgres === undefined) return await restoreFile(stateFileIn(directory), file, options);
  const { restoreSchema } = await import("./postgres/restore.ts");
  return await restoreSchema(statePostgres, file, options);
}

async function restoreFile(
  path: string,
  file: string,
  { replace, signal }: RestoreStateOptions,
): Promise<RestoredState> {
  const exists = existsSync(path);
  if (exists && !replace) throw replaceRefused(`${path} holds a state.`);
  const draft = draftOf(path);
  try {
    makeDirectories(dirname(path));
    removeAbandonedDrafts(dirname(path));
    const rowCount = await fillState(
      async (steps) => openSqliteState(draft, { migrations: steps }),
      file,
      signal,
    );
    if (logBytes(draft) > 0) throw new StorageError(draft, `${draft} could not be written as a whole.`);
    removeCompanions(draft);
    const aside = exists ? putAside(path) : undefined;
    publish(draft, path);
    return { location: path, rowCount, aside };
  } catch (error) {
    throw fileFailure(path, "cannot be replaced", error);
  } finally {
    removeDatabase(draft);
  }
}

/** Gives the file a second name, so that at no moment there is no state. */
function putAside(path: string): string {
  const aside = asideOf(path);
  try {
    foldLog(path);
  } catch {
    // Damaged, or another process has it open: the log then belongs to what was put aside.
    if (logBytes(path) > 0) linkSync(`${path}-wal`, `${aside}-wal`);
  }
  linkSync(path, aside);
  removeCompanions(path);
  return aside;
}
