import { rmSync } from "node:fs";
import { UsageError } from "../../foundation/errors.ts";
import { fileFailure } from "../../foundation/file-failure.ts";
import type { NamedKey } from "../../foundation/sealed-stream.ts";
import { makeDirectoryIn } from "../../foundation/temporary-directory.ts";
import { type Backup, type BackupReason, backupDirectory } from "../../migration/backup/index.ts";
import type { BackupPart } from "./part.ts";

export interface CreateBackupOptions {
  /** Encrypts the archive. */
  readonly key?: NamedKey | undefined;
  /** For a directory: as `BackupOptions.includeJournals`. */
  readonly includeJournals?: boolean;
  /** As `BackupOptions.reason`. */
  readonly reason?: BackupReason | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Backs up one part: one state of it is written aside, archived, and the archive is read back and compared. On any
 * error nothing of it is left.
 *
 * @param backupsDirectory where archives are kept; also holds the copy until it is archived
 * @throws {UsageError} if there is nothing to back up
 * @throws {RagfoodError} if the part cannot be read, or the disk refuses
 * @throws {CancelledError} when `signal` fires
 */
export async function createBackup(
  part: BackupPart,
  backupsDirectory: string,
  { key, signal, reason, includeJournals = false }: CreateBackupOptions = {},
): Promise<Backup> {
  const obstacle = part.obstacle();
  if (obstacle !== undefined) throw new UsageError(obstacle);
  const { kind, name, source } = part;
  const options = { content: { kind, name, source }, reason, key, signal, includeJournals };
  if (part.directory !== undefined) return await backupDirectory(part.directory, backupsDirectory, options);
  const copy = makeDirectoryIn(backupsDirectory, stagingPrefix);
  try {
    await part.write(copy, signal);
    return await backupDirectory(copy, backupsDirectory, options);
  } catch (error) {
    throw fileFailure(backupsDirectory, "cannot be written", error);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Begins the names of directories for what is being backed up or restored. */
export const stagingPrefix = ".ragfood-backup-";
