import { rmSync } from "node:fs";
import { fileFailure } from "../../foundation/file-failure.ts";
import { recordPath } from "../../migration/backup/index.ts";
import { type BackupEntry, isGood, listBackups } from "./catalog.ts";

const dayMs = 86_400_000;

/**
 * The backups that are older than the retention. The newest good one of each source is kept at any age, so that a
 * broken schedule cannot delete the last good backup.
 */
export function expiredBackups(
  directory: string,
  retentionDays: number,
  now: number = Date.now(),
): BackupEntry[] {
  const limit = new Date(now - retentionDays * dayMs).toISOString();
  const kept = new Set<string>();
  return listBackups(directory).filter((entry) => {
    const source = `${entry.kind} ${entry.source}`;
    const isNewestGood = isGood(entry) && !kept.has(source);
    if (isNewestGood) kept.add(source);
    return entry.createdAt < limit && !isNewestGood;
  });
}

/**
 * Deletes expired backups.
 * @returns those that were deleted
 * @throws {StorageError} if one cannot be deleted
 */
export function pruneBackups(directory: string, retentionDays: number, now?: number): BackupEntry[] {
  const expired = expiredBackups(directory, retentionDays, now);
  for (const { path } of expired) {
    try {
      // The archive comes first: a record alone is seen as a backup without its archive, and pruned next time.
      rmSync(path, { force: true });
      rmSync(recordPath(path), { force: true });
    } catch (error) {
      throw fileFailure(path, "cannot be deleted", error);
    }
  }
  return expired;
}
