import { existsSync, realpathSync } from "node:fs";
import { dirname } from "node:path";
import { backup } from "@photostructure/sqlite";
import { draftOf, removeAbandonedDrafts } from "../../foundation/drafts.ts";
import { publish } from "../../foundation/durable-file.ts";
import { StorageError } from "../../foundation/errors.ts";
import { storageFile, translateFailure } from "../../sqlite/failures.ts";
import { foldLog, removeDatabase } from "../../sqlite/files.ts";
import { openReader } from "./database.ts";
import { requireIntactAside } from "./verify.ts";

/** Pages copied at a time: 4 MB. */
const pagesPerStep = 1_024;

/**
 * Copies one state of the database at `path` into `file`, which appears when it is whole and verified.
 * @throws {StorageError} if the index is only in memory or damaged, or the file cannot be written
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
    removeAbandonedDrafts(dirname(file));
    await copySnapshot(path, draft);
    foldLog(draft);
    await requireIntactAside(
      draft,
      `The index at ${path}`,
      "Restore an earlier backup; this one was not written.",
    );
    publish(draft, file);
  } catch (error) {
    throw translateFailure(storageFile(file, `The backup ${file} cannot be written`), error);
  } finally {
    removeDatabase(draft);
  }
}

/** A backup must not replace an index that is open. */
function refuseLive(file: string): void {
  if (!existsSync(file) || !existsSync(`${realpathSync(file)}-wal`)) return;
  throw new StorageError(file, `${file} is an index in use, not a backup.`, {
    hint: "Name another file for the backup.",
  });
}

/** Holds one snapshot from begin to end: without it, SQLite starts again whenever another process writes. */
async function copySnapshot(path: string, draft: string): Promise<void> {
  const source = openReader(path);
  try {
    source.exec("BEGIN; SELECT count(*) FROM settings");
    await backup(source.handle, draft, { rate: pagesPerStep });
    source.exec("COMMIT");
  } finally {
    source.close();
  }
}
