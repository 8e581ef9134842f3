import { createHash } from "node:crypto";
import { createReadStream, existsSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { createTarPacker, type TarPackController } from "modern-tar";
import { makeDirectories } from "../../foundation/directories.ts";
import { draftOf, removeAbandonedDrafts, removeDraft } from "../../foundation/drafts.ts";
import { publish } from "../../foundation/durable-file.ts";
import { CancelledError, StorageError } from "../../foundation/errors.ts";
import { fileFailure } from "../../foundation/file-failure.ts";
import { ownerFile } from "../../foundation/owner-only.ts";
import { type NamedKey, type SealedFormat, seal } from "../../foundation/sealed-stream.ts";
import { changedDuring, type FoundFile, listFiles, refuseHotJournals, requireUnchanged } from "./files.ts";
import {
  type BackedUpFile,
  type Backup,
  type BackupKind,
  type BackupReason,
  type BackupRecord,
  recordPath,
  writeRecord,
} from "./record.ts";
import { archiveFormat, verifyArchive } from "./verify.ts";

export interface BackupOptions {
  /**
   * Accepts a directory whose database was left in the middle of a transaction, with its journal; the database
   * restores itself from it when it is opened. Default false.
   */
  readonly includeJournals?: boolean;
  /** What the directory holds, and where that came from. Default: a directory, itself. */
  readonly content?: { readonly kind: BackupKind; readonly name: string; readonly source: string };
  /** Why it is made. Default: somebody, or a schedule, asked for a backup. */
  readonly reason?: BackupReason | undefined;
  /** Encrypts the archive. */
  readonly key?: NamedKey | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Copies a directory into a compressed archive (tar, gzip) with the time in its name, and reads the archive back.
 * The original is only read. The archive appears when it is whole, verified and on disk; on any error nothing of it
 * is left. Removes what killed backups left in the same place.
 *
 * @throws {CancelledError} when `signal` fires
 * @throws {StorageError} if a file changes meanwhile, a database is in the middle of a transaction, the directory
 * holds links, or the disk refuses
 */
export async function backupDirectory(
  directory: string,
  backupsDirectory: string,
  options: BackupOptions = {},
): Promise<Backup> {
  const { includeJournals = false, content, reason, key, signal } = options;
  const before = await listFiles(directory);
  if (!includeJournals) refuseHotJournals(directory, before);
  const createdAt = new Date().toISOString();
  const path = join(
    backupsDirectory,
    // A name that begins with a dot is hidden from listings and wildcards.
    `${(content?.name ?? basename(resolve(directory))).replace(/^\.+(?=.)/, "")}-${createdAt.replaceAll(/[-:]/g, "")}.tar.gz${key ? ".encrypted" : ""}`,
  );
  refuseInside(directory, backupsDirectory);
  const draft = draftOf(path);
  try {
    makeDirectories(backupsDirectory);
    removeAbandonedDrafts(backupsDirectory);
    const cipher = key && { key, format: archiveFormat(createdAt) };
    const { files, byteCount, sha256 } = await writeArchive(directory, before, draft, cipher, signal);
    requireUnchanged(directory, before, await listFiles(directory));
    const record: BackupRecord = {
      format: "ragfood-backup",
      formatVersion: 1,
      createdAt,
      ...(content && { kind: content.kind }),
      ...(reason && { reason }),
      source: content?.source ?? resolve(directory),
      byteCount,
      sha256,
      files: key ? files.map(({ sha256: _, ...file }) => file) : files,
      ...(key && { encryption: { keyId: key.id } }),
    };
    await verifyArchive(draft, record, { key, signal });
    // The archive comes last: if it exists, its record does.
    writeRecord(path, { ...record, verifiedAt: new Date().toISOString() });
    publish(draft, path);
    return { path, checksum: sha256, files };
  } catch (error) {
    removeDraft(draft);
    if (!existsSync(path)) rmSync(recordPath(path), { force: true });
    if (signal?.aborted) throw new CancelledError("The backup was cancelled; nothing of it was left.");
    throw fileFailure(path, "cannot be written", error);
  }
}

/** A backup within what it backs up would be in the next one. */
function refuseInside(directory: string, backupsDirectory: string): void {
  const inner = `${resolve(backupsDirectory)}/`;
  if (!inner.startsWith(`${resolve(directory)}/`)) return;
  throw new StorageError(backupsDirectory, `${backupsDirectory} is within ${directory}.`, {
    hint: "Keep backups beside the directory, not in it.",
  });
}

async function writeArchive(
  directory: string,
  found: readonly FoundFile[],
  draft: string,
  cipher: { readonly key: NamedKey; readonly format: SealedFormat } | undefined,
  signal: AbortSignal | undefined,
): Promise<Pick<BackupRecord, "files" | "byteCount" | "sha256">> {
  const files: BackedUpFile[] = [];
  const hash = createHash("sha256");
  let byteCount = 0;
  // Opened here: a stream by path that is cancelled early still creates its file, after the draft was removed.
  const archive = await open(draft, "wx", ownerFile);
  const { readable, controller } = createTarPacker();
  // Its failure reaches the pipeline through the stream.
  const packing = pack(directory, found, files, controller).catch((error) => controller.error(error));
  try {
    await pipeline(
      readable,
      // Vectors hardly shrink: the fastest level.
      createGzip({ level: 1 }),
      async function* sealed(pieces: AsyncIterable<Uint8Array>) {
        yield* cipher ? seal(pieces, cipher.key.bytes, cipher.format) : pieces;
      },
      async function* count(pieces: AsyncIterable<Uint8Array>) {
        for await (const piece of pieces) {
          hash.update(piece);
          byteCount += piece.length;
          yield piece;
        }
      },
      archive.createWriteStream({ flush: true }),
      { signal },
    );
  } finally {
    // A pipeline that never began leaves it open.
    await archive.close();
  }
  await packing;
  return { files, byteCount, sha256: hash.digest("hex") };
}

/** Puts every file into the archive; fills `files` with what was read. */
async function pack(
  directory: string,
  found: readonly FoundFile[],
  files: BackedUpFile[],
  archive: TarPackController,
): Promise<void> {
  const root = basename(resolve(directory));
  for (const { path, type, size, modifiedMs } of found) {
    const name = type === "directory" ? `${root}/${path}/` : `${root}/${path}`;
    const entry = archive.add({ name, type, size, mtime: new Date(Math.max(0, modifiedMs)) }).getWriter();
    const hash = createHash("sha256");
    let read = 0;
    for await (const piece of type === "file" ? piecesOf(join(directory, path)) : []) {
      read += piece.length;
      if (read > size) throw changedDuring(join(directory, path));
      hash.update(piece);
      await entry.write(piece);
    }
    if (read !== size) throw changedDuring(join(directory, path));
    await entry.close();
    files.push({ path, type, size, ...(type === "file" && { sha256: hash.digest("hex") }) });
  }
  archive.finalize();
}

async function* piecesOf(path: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path, { highWaterMark: 2 ** 18 }) as AsyncIterable<Buffer>;
  } catch (error) {
    throw fileFailure(path, "cannot be read", error);
  }
}
