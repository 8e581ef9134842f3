import { createHash } from "node:crypto";
import { createReadStream, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { CancelledError, RagfoodError } from "../../foundation/errors.ts";
import { fileFailure } from "../../foundation/file-failure.ts";
import { type FoundFile, listFiles, requireUnchanged } from "./files.ts";
import type { Backup } from "./record.ts";
import { type BackedUpFile, type BackupRecord, readRecord, recordPath } from "./record.ts";
import { verifyArchive } from "./verify.ts";

/**
 * Finds a backup of a directory in its present state, so that several migrations of one directory share it. Every
 * file is compared by its SHA-256, and the archive is read back.
 *
 * @returns `undefined` if no whole backup has exactly these files
 * @throws {CancelledError} when `signal` fires
 * @throws {StorageError} if the directory cannot be read, or changes meanwhile
 */
export async function findBackup(
  directory: string,
  backupsDirectory: string,
  signal?: AbortSignal | undefined,
): Promise<Backup | undefined> {
  const records = recordsOf(directory, backupsDirectory);
  if (records.length === 0) return undefined;
  const found = await listFiles(directory);
  for (const { archive, record } of records) {
    if (signal?.aborted) throw new CancelledError();
    if (!hasSameList(found, record.files)) continue;
    if (!(await hasSameContent(directory, record.files, signal))) continue;
    requireUnchanged(directory, found, await listFiles(directory));
    if (!(await isWhole(archive, record, signal))) continue;
    return { path: archive, checksum: record.sha256, files: record.files };
  }
  return undefined;
}

/** The newest first. */
function recordsOf(directory: string, backupsDirectory: string) {
  const suffix = recordPath(".tar.gz");
  const names = namesIn(backupsDirectory).filter((name) => name.endsWith(suffix));
  return names
    .sort()
    .reverse()
    .flatMap((name) => {
      const archive = join(backupsDirectory, name.slice(0, -recordPath("").length));
      const record = parsed(archive);
      return record?.source === resolve(directory) ? [{ archive, record }] : [];
    });
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** A damaged record is one of no backup. */
function parsed(archive: string): BackupRecord | undefined {
  try {
    return readRecord(archive);
  } catch {
    return undefined;
  }
}

function hasSameList(found: readonly FoundFile[], files: readonly BackedUpFile[]): boolean {
  return (
    found.length === files.length &&
    found.every(({ path, type, size }, place) => {
      const file = files[place];
      return file?.path === path && file.type === type && file.size === size;
    })
  );
}

async function hasSameContent(
  directory: string,
  files: readonly BackedUpFile[],
  signal: AbortSignal | undefined,
): Promise<boolean> {
  for (const { path, type, sha256 } of files) {
    if (type !== "file") continue;
    const hash = createHash("sha256");
    try {
      await pipeline(createReadStream(join(directory, path)), hash, { signal });
    } catch (error) {
      throw signal?.aborted
        ? new CancelledError()
        : fileFailure(join(directory, path), "cannot be read", error);
    }
    if (hash.digest("hex") !== sha256) return false;
  }
  return true;
}

async function isWhole(
  archive: string,
  record: BackupRecord,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    await verifyArchive(archive, record, { signal });
    return true;
  } catch (error) {
    if (error instanceof RagfoodError && !(error instanceof CancelledError)) return false;
    throw error;
  }
}
