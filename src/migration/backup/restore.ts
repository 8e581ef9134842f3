import { mkdirSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { DraftDirectory } from "../../foundation/draft-directory.ts";
import { fileFailure } from "../../foundation/file-failure.ts";
import { ownerDirectory, ownerFile } from "../../foundation/owner-only.ts";
import { type BackupRecord, readRecord } from "./record.ts";
import type { TarEntry, TarVisitor } from "./tar-reader.ts";
import { type ReadOptions, readArchive } from "./verify.ts";

/**
 * Restores a backup to the directory `into`, which must not exist. It appears when every file matches its hash and is
 * on disk; any error leaves no partial result. Removes what killed restores left beside it.
 *
 * @param archive its path, as `backupDirectory` returned it
 * @throws {DataError} if the backup is damaged, or its record is missing
 * @throws {StorageError} if `into` exists, or the disk refuses
 * @throws {CancelledError} when `signal` fires
 */
export async function restoreBackup(
  archive: string,
  into: string,
  options: ReadOptions = {},
): Promise<BackupRecord> {
  const record = readRecord(archive);
  const draft = DraftDirectory.create(into, false);
  const writer = new FileWriter(draft.path);
  try {
    await readArchive(archive, record, writer, options);
    draft.publish();
    return record;
  } catch (error) {
    await writer.close();
    draft.remove();
    throw fileFailure(into, "cannot be written", error);
  }
}

/** Writes the files of an archive below a directory, with the times they had. */
class FileWriter implements TarVisitor {
  readonly #root: string;
  #file: Promise<FileHandle> | undefined;
  #isClosed = false;

  constructor(root: string) {
    this.#root = root;
  }

  // The path comes from the record, which is checked for paths that lead out of the directory.
  async begin({ path, type }: TarEntry): Promise<void> {
    await this.#write(async () => {
      // The reader of a damaged archive may go on for a moment after the failure was reported.
      if (this.#isClosed) return;
      if (type === "directory") mkdirSync(join(this.#root, path), { mode: ownerDirectory });
      else this.#file = open(join(this.#root, path), "wx", ownerFile);
      await this.#file;
    });
  }

  async content(piece: Uint8Array): Promise<void> {
    await this.#write(async () => await (await this.#file)?.writeFile(piece));
  }

  async end({ modified }: TarEntry): Promise<void> {
    await this.#write(async () => {
      const file = await this.#file;
      await file?.utimes(modified, modified);
      await file?.sync();
      await this.#closeFile();
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#closeFile();
  }

  async #closeFile(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await (await file?.catch(() => undefined))?.close();
  }

  async #write(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw fileFailure(this.#root, "cannot be written", error);
    }
  }
}
