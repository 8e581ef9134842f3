import { existsSync, realpathSync } from "node:fs";
import { backup } from "@photostructure/sqlite";
import { StorageError } from "../../foundation/errors.ts";
import { openReader } from "./database.ts";
import { draftOf, fileFailure, leaveLog, removeDatabase, replaceFile } from "./files.ts";
import { requireIntact } from "./verify.ts";

/** Pages copied at a time: 4 MB. */
const pagesPerStep = 1_024;

/**
 * Copies one state of the database at `path` into `file`, which appears when it is whole and verified.
 * @throws {StorageError} when the index is in memory alone or damaged, or the file cannot be written
 */
export async function backupDatabase(path: string, file: string): Promise<void> {
  if (path === ":memory:") {
    throw new StorageError(path, "An index in memory cannot be backed up.", {
      hint: "Keep the index in a directory.",
    });
  }
  refuseLive(file);
  const draft = draftOf(file);
  try {
    await copySnapshot(path, draft);
    leaveLog(draft);
    requireIntact(draft, `The index at ${path}`, "Restore an earlier backup; this one was not written.");
    replaceFile(draft, file);
  } catch (error) {
    throw fileFailure(file, `The backup ${file} cannot be written`, error);
  } finally {
    removeDatabase(draft);
  }
}

/** The name of an index that is open, this one or another, must not become a backup's. */
function refuseLive(file: string): void {
  if (!existsSync(file) || !existsSync(`${realpathSync(file)}-wal`)) return;
  throw new StorageError(file, `${file} is an index in use, not a backup.`, {
    hint: "Name another file for the backup.",
  });
}

/** A snapshot held from begin to end: without it, SQLite starts afresh whenever another process writes. */
async function copySnapshot(path: string, draft: string): Promise<void> {
  const source = openReader(path);
  try {
    source.exec("BEGIN; SELECT count(*) FROM settings");
    await backup(source, draft, { rate: pagesPerStep });
    source.exec("COMMIT");
  } finally {
    source.close();
  }
}
