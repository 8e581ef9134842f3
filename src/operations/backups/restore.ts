import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DataError } from "../../foundation/errors.ts";
import { fileFailure } from "../../foundation/file-failure.ts";
import { ownerDirectory } from "../../foundation/owner-only.ts";
import type { NamedKey } from "../../foundation/sealed-stream.ts";
import { makeDirectoryIn } from "../../foundation/temporary-directory.ts";
import { noteInRecord, restoreBackup } from "../../migration/backup/index.ts";
import { type BackupEntry, chooseBackup, obstacleOf, passedOver } from "./catalog.ts";
import { stagingPrefix } from "./create.ts";
import type { BackupPart, Restored, RestoreOptions } from "./part.ts";

export interface UnpackOptions {
  readonly key?: NamedKey | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Puts a backup in the place of a part. The archive is read and compared first; what exists is put aside.
 *
 * @param backupsDirectory also holds the unpacked archive meanwhile
 * @throws {UsageError} if something exists, unless `replace`
 * @throws {DataError} if the backup is damaged: nothing was changed
 */
export async function restorePart(
  part: BackupPart,
  entry: BackupEntry,
  backupsDirectory: string,
  options: UnpackOptions & RestoreOptions,
): Promise<Restored> {
  return await unpacked(entry, backupsDirectory, options, (content) => part.restore(content, options));
}

/** A backup that was proven. */
export interface DrillReport {
  readonly path: string;
  readonly createdAt: string;
  /** What was compared, as a sentence without its full stop. */
  readonly summary: string;
  readonly durationMs: number;
}

/**
 * Proves a backup: restores it aside, and compares it record by record. Nothing else is touched.
 *
 * @throws {DataError} if it cannot be restored, or differs from what was backed up
 */
async function drillBackup(
  part: BackupPart,
  entry: BackupEntry,
  backupsDirectory: string,
  options: UnpackOptions = {},
): Promise<DrillReport> {
  const started = performance.now();
  let summary: string;
  try {
    summary = await unpacked(entry, backupsDirectory, options, async (content, aside) => {
      const place = join(aside, "restored");
      mkdirSync(place, { mode: ownerDirectory });
      return await part.prove(content, place, options.signal);
    });
  } catch (error) {
    // The next person must not trust it.
    if (error instanceof DataError) noteInRecord(entry.path, { fault: error.message });
    throw error;
  }
  noteInRecord(entry.path, { drilledAt: new Date().toISOString(), fault: undefined });
  const { path, createdAt } = entry;
  return { path, createdAt, summary, durationMs: Math.round(performance.now() - started) };
}

/**
 * Proves the newest backup of a part. If it is visibly damaged, the newest one that may be whole is proven,
 * and then the damage is reported: a proof of an older backup is not a proof of the newest.
 *
 * @throws {UsageError} if no such backup exists
 * @throws {DataError} if the newest one cannot be restored, or differs from what was backed up
 */
export async function drillNewest(
  part: BackupPart,
  backupsDirectory: string,
  options: UnpackOptions = {},
): Promise<DrillReport> {
  const entry = chooseBackup(backupsDirectory, part, undefined, "drill");
  const report = await drillBackup(part, entry, backupsDirectory, options);
  const [newest] = passedOver(backupsDirectory, part, entry, undefined);
  if (newest === undefined) return report;
  throw new DataError(
    newest.path,
    `The newest backup of ${part.source}, ${newest.path}, cannot be restored: ${obstacleOf(newest)?.replace(/\.$/, "")}. An older one is proven: ${report.path}, of ${report.createdAt}.`,
    { hint: `Make a new one: ragfood backup create. Then move the damaged one away.` },
  );
}

/** Unpacks an archive, compares every file with its hash, and removes all of it in the end. */
async function unpacked<T>(
  { path }: BackupEntry,
  backupsDirectory: string,
  { key, signal }: UnpackOptions,
  use: (content: string, aside: string) => Promise<T>,
): Promise<T> {
  const aside = makeDirectoryIn(backupsDirectory, stagingPrefix);
  try {
    const content = join(aside, "content");
    await restoreBackup(path, content, { key, signal });
    return await use(content, aside);
  } catch (error) {
    throw fileFailure(backupsDirectory, "cannot be written", error);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}
