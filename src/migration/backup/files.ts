import { lstat, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { StorageError } from "../../foundation/errors.ts";
import { fileFailure } from "../../foundation/file-failure.ts";

/** A file or directory as it was found. */
export interface FoundFile {
  /** Relative to the directory, with `/`. */
  readonly path: string;
  readonly type: "file" | "directory";
  /** Bytes; 0 for a directory. */
  readonly size: number;
  readonly modifiedMs: number;
  readonly inode: number;
}

/** Files that SQLite keeps beside a database during a transaction; a killed process leaves them. */
const journal = /-(journal|wal)$/;

/**
 * Everything below a directory, always in the same order.
 * @throws {StorageError} if the directory does not exist, or holds something that a backup cannot keep
 */
export async function listFiles(directory: string): Promise<FoundFile[]> {
  const found: FoundFile[] = [];
  const visit = async (prefix: string) => {
    const names = await readdir(join(directory, prefix));
    for (const name of names.sort()) {
      const path = prefix === "" ? name : `${prefix}/${name}`;
      const stats = await lstat(join(directory, path)).catch((error: unknown) => {
        throw name.includes("\ufffd") ? notText(join(directory, path), error) : error;
      });
      const { mtimeMs: modifiedMs, ino: inode } = stats;
      if (stats.isDirectory()) {
        found.push({ path, type: "directory", size: 0, modifiedMs, inode });
        await visit(path);
      } else if (stats.isFile()) {
        found.push({ path, type: "file", size: stats.size, modifiedMs, inode });
      } else {
        throw new StorageError(
          join(directory, path),
          `${join(directory, path)} is neither file nor directory.`,
          {
            hint: "A backup does not follow links: back up their target instead.",
          },
        );
      }
    }
  };
  try {
    await visit("");
  } catch (error) {
    throw fileFailure(directory, "cannot be read", error);
  }
  return found;
}

/** Node.js gives bytes that are not UTF-8 as U+FFFD: no file has the name that it then asks for. */
function notText(path: string, cause: unknown): StorageError {
  return new StorageError(path, `The name of the file ${path} is not UTF-8.`, {
    cause,
    hint: "Rename the file: a backup keeps names as text.",
  });
}

/** @throws {StorageError} if a database among the files is in the middle of a transaction */
export function refuseHotJournals(directory: string, files: readonly FoundFile[]): void {
  const hot = files.find(({ path, size }) => size > 0 && journal.test(path));
  if (hot === undefined) return;
  const path = join(directory, hot.path);
  throw new StorageError(path, `${path} holds changes that are not in the database yet.`, {
    hint: `Stop what uses the database and try again. If nothing does, it was killed: add --include-journals.${
      basename(path) === "index.sqlite-wal" ? " While it runs: ragfood index backup." : ""
    }`,
  });
}

/** @throws {StorageError} if the files have changed */
export function requireUnchanged(
  directory: string,
  before: readonly FoundFile[],
  after: readonly FoundFile[],
): void {
  const known = new Map(before.map((file) => [file.path, file]));
  const changed = after.find((file) => !isSame(known.get(file.path), file))?.path;
  const present = new Set(after.map(({ path }) => path));
  const place = changed ?? before.find(({ path }) => !present.has(path))?.path;
  if (place !== undefined) throw changedDuring(join(directory, place));
}

export function changedDuring(path: string): StorageError {
  return new StorageError(path, `${path} changed while it was backed up.`, {
    hint: "Stop what writes to the directory, and make the backup again.",
  });
}

function isSame(before: FoundFile | undefined, after: FoundFile): boolean {
  return (
    before !== undefined &&
    before.type === after.type &&
    before.size === after.size &&
    before.modifiedMs === after.modifiedMs &&
    before.inode === after.inode
  );
}
