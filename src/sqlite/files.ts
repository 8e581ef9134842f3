import { renameSync, rmSync, statSync } from "node:fs";
import { DatabaseSync } from "@photostructure/sqlite";
import { flushFile, publish } from "../foundation/durable-file.ts";

/** SQLite's side files of a database. */
const companions = ["-wal", "-shm", "-journal"];

/** Differs for a file that took another one's place; `undefined` if it does not exist. */
export function identityOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && `${found.dev}.${found.ino}`;
}

/** Bytes in the write-ahead log of a database. */
export function logBytes(path: string): number {
  return statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}

/** Removes a database and SQLite's side files, if they exist. */
export function removeDatabase(path: string): void {
  rmSync(path, { force: true });
  removeCompanions(path);
}

/** Removes SQLite's side files of a database. */
export function removeCompanions(path: string): void {
  for (const companion of companions) rmSync(path + companion, { force: true });
}

/**
 * Puts a new database in the place of another one: at no moment is there none. The log of the old one, which would be
 * taken for that of the new one, is put aside first, and put back if the new one cannot take the place.
 *
 * @throws {Error} of the file system; the old database then stays, with its log
 */
export function replaceDatabase(draft: string, path: string): void {
  flushFile(draft);
  const [log, aside] = [`${path}-wal`, `${path}-wal.aside`];
  const hasLog = logBytes(path) > 0;
  if (hasLog) renameSync(log, aside);
  removeCompanions(path);
  try {
    publish(draft, path);
  } catch (error) {
    if (hasLog) renameSync(aside, log);
    throw error;
  }
  rmSync(aside, { force: true });
}

/** Writes the log of a database into its file and removes it: the file can be read on its own. */
export function foldLog(path: string): void {
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA journal_mode = DELETE");
  } finally {
    database.close();
  }
}
