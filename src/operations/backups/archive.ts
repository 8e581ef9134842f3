import { renameSync, rmSync, statfsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { bytesIn, makeDirectories } from "../../foundation/directories.ts";
import { replaceFile } from "../../foundation/durable-file.ts";
import { StorageError } from "../../foundation/errors.ts";
import { fileFailure } from "../../foundation/file-failure.ts";
import { isWritable } from "../../foundation/temporary-directory.ts";
import { type Backup, backupDirectory, findBackup } from "../../migration/backup/index.ts";

export interface ArchiveOptions {
  /** Removes the directory after its archive was compared with it once more. Default false: it stays. */
  readonly removeOriginal?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface Archived extends Backup {
  /** The checksum in the form of `sha256sum --check`. */
  readonly checksumFile: string;
  readonly isOriginalRemoved: boolean;
}

/**
 * Archives a directory that is no longer needed, as `chroma_db/` after the cutover (CUT-4): a `.tar.gz`, which is read
 * back and compared, its record, and its SHA-256 in a file that `sha256sum --check` reads.
 *
 * The caller has the new store verified, and the person's confirmation, before this.
 *
 * @throws {StorageError} if files change meanwhile: nothing was removed
 * @throws {CancelledError} when `signal` fires
 */
export async function archiveDirectory(
  directory: string,
  into: string,
  { removeOriginal = false, signal }: ArchiveOptions = {},
): Promise<Archived> {
  const backup =
    (await findBackup(directory, into, signal)) ?? (await backupDirectory(directory, into, { signal }));
  const checksumFile = `${backup.path}.sha256`;
  replaceFile(checksumFile, `${backup.checksum}  ${basename(backup.path)}\n`);
  if (removeOriginal) await remove(directory, into, signal);
  return { ...backup, checksumFile, isOriginalRemoved: removeOriginal };
}

/**
 * Checks before anything that cannot be undone whether the archive has a place with room for it.
 * @throws {StorageError}
 */
export function requireRoom(directory: string, into: string): void {
  makeDirectories(resolve(into));
  const { bavail, bsize } = statfsSync(into);
  const [free, needed] = [bavail * bsize, bytesIn(directory)];
  if (!isWritable(into))
    throw new StorageError(into, `This user may not write to ${into}.`, { hint: otherPlace });
  if (free >= needed) return;
  const [has, wants] = [free, needed].map((bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`);
  throw new StorageError(
    into,
    `${into} has ${has} free, and ${directory} has ${wants}: its archive may not fit.`,
    {
      hint: otherPlace,
    },
  );
}

const otherPlace = "Name another place by BACKUP_DIR, or free some space.";

/** Renamed first: a removal that is interrupted leaves nothing that looks like a whole directory. */
async function remove(directory: string, into: string, signal: AbortSignal | undefined): Promise<void> {
  if ((await findBackup(directory, into, signal)) === undefined) {
    throw new StorageError(directory, `${directory} changed after it was archived. It was not removed.`, {
      hint: "Stop what writes to it, and run the command again.",
    });
  }
  const retired = `${directory.replace(/[/\\]+$/, "")}.archived`;
  try {
    renameSync(directory, retired);
    rmSync(retired, { recursive: true, force: true });
  } catch (error) {
    throw fileFailure(directory, "cannot be removed; its archive is whole", error);
  }
}
