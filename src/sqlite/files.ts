import { rmSync, statSync } from "node:fs";
import { DatabaseSync } from "@photostructure/sqlite";

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

/** Writes the log of a database into its file and removes it: the file can be read on its own. */
export function foldLog(path: string): void {
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA journal_mode = DELETE");
  } finally {
    database.close();
  }
}
