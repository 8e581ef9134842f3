import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { CancelledError, DataError, RagfoodError, UsageError } from "../../foundation/errors.ts";
import { fileFailure } from "../../foundation/file-failure.ts";
import { type NamedKey, type SealedFormat, unsealStream } from "../../foundation/sealed-stream.ts";
import { type Backup, type BackupRecord, noteInRecord, readRecord } from "./record.ts";
import { readTar, type TarEntry, type TarVisitor } from "./tar-reader.ts";

export interface ReadOptions {
  /** The key of an encrypted archive. */
  readonly key?: NamedKey | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface VerifiedBackup extends Backup {
  /** False for an encrypted archive without its key: then only the archive was compared with its SHA-256. */
  readonly isContentChecked: boolean;
}

/** How an archive is encrypted; the time of a backup goes into its key, so that one cannot replace another. */
export function archiveFormat(createdAt: string): SealedFormat {
  return { magic: Buffer.from("RFBACK01"), label: `ragfood backup ${createdAt}` };
}

/**
 * Reads a backup to its end and compares the archive and every file in it with its SHA-256.
 *
 * @param archive its path, as `backupDirectory` returned it
 * @throws {DataError} if the archive is not the one that was written, or its record is missing or damaged
 * @throws {StorageError} if it cannot be read
 * @throws {CancelledError} when `signal` fires
 */
export async function verifyBackup(archive: string, options: ReadOptions = {}): Promise<VerifiedBackup> {
  const record = readRecord(archive);
  const isContentChecked = record.encryption === undefined || options.key !== undefined;
  try {
    if (isContentChecked) await verifyArchive(archive, record, options);
    else await verifyBytes(archive, record, options.signal);
  } catch (error) {
    if (error instanceof DataError) noteInRecord(archive, { fault: error.message });
    throw error;
  }
  noteInRecord(archive, { verifiedAt: new Date().toISOString() });
  return { path: archive, checksum: record.sha256, files: record.files, isContentChecked };
}

async function verifyBytes(
  archive: string,
  record: BackupRecord,
  signal: AbortSignal | undefined,
): Promise<void> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(archive), hash, { signal });
  } catch (error) {
    throw signal?.aborted ? new CancelledError() : fileFailure(archive, "cannot be read", error);
  }
  requireSum(archive, record, hash);
}

function requireSum(archive: string, record: BackupRecord, hash: Hash): void {
  if (hash.digest("hex") === record.sha256) return;
  throw damagedBackup(archive, "its SHA-256 is not that of its record");
}

const nowhere: TarVisitor = { begin: async () => {}, content: async () => {}, end: async () => {} };

/** @throws {DataError} if the archive is not what its record says */
export async function verifyArchive(
  archive: string,
  record: BackupRecord,
  options: ReadOptions,
): Promise<void> {
  await readArchive(archive, record, nowhere, options);
}

/**
 * Hands every file of an archive to a sink, under its path within the directory. At `end` the content of the file
 * has been compared with its hash.
 * @throws {DataError} if the archive is not what its record says
 */
export async function readArchive(
  archive: string,
  record: BackupRecord,
  sink: TarVisitor,
  { key, signal }: ReadOptions,
): Promise<void> {
  const sealed = record.encryption && requireKeyOf(archive, record.encryption.keyId, key);
  const hash = createHash("sha256");
  const check = new EntryCheck(archive, record, sink);
  try {
    await pipeline(
      createReadStream(archive, { highWaterMark: 2 ** 18 }),
      async function* counted(pieces: AsyncIterable<Buffer>) {
        for await (const piece of pieces) {
          hash.update(piece);
          yield piece;
        }
      },
      async function* unsealed(pieces: AsyncIterable<Uint8Array>) {
        yield* sealed ? unsealStream(pieces, sealed.bytes, archiveFormat(record.createdAt)) : pieces;
      },
      createGunzip({ chunkSize: 2 ** 18 }),
      (pieces: AsyncIterable<Buffer>) => readTar(pieces, check),
      { signal },
    );
  } catch (error) {
    if (signal?.aborted) throw new CancelledError();
    if (error instanceof RagfoodError) throw error;
    if ((error as NodeJS.ErrnoException).syscall !== undefined)
      throw fileFailure(archive, "cannot be read", error);
    throw damagedBackup(archive, (error as Error).message, error);
  }
  check.requireAll();
  requireSum(archive, record, hash);
}

/** @throws {UsageError} without the key that the record names */
function requireKeyOf(archive: string, keyId: string, key: NamedKey | undefined): NamedKey {
  if (key?.id === keyId) return key;
  throw new UsageError(`The backup ${archive} is encrypted with the key "${keyId}".`, {
    hint:
      key === undefined
        ? `Give it with --key-file, or in BACKUP_KEY_FILE.`
        : `The key that was given is "${key.id}".`,
  });
}

/** Compares the entries of an archive with its record while they are read. */
class EntryCheck implements TarVisitor {
  readonly #archive: string;
  readonly #record: BackupRecord;
  readonly #sink: TarVisitor;
  #hash: Hash = createHash("sha256");
  #count = 0;

  constructor(archive: string, record: BackupRecord, sink: TarVisitor) {
    this.#archive = archive;
    this.#record = record;
    this.#sink = sink;
  }

  async begin(entry: TarEntry): Promise<void> {
    const expected = this.#record.files[this.#count];
    const inner = innerEntry(entry);
    if (expected?.path !== inner.path || expected.type !== entry.type || expected.size !== entry.size) {
      throw damagedBackup(this.#archive, `it holds ${entry.path}, which its record does not list`);
    }
    this.#hash = createHash("sha256");
    await this.#sink.begin(inner);
  }

  async content(piece: Uint8Array): Promise<void> {
    this.#hash.update(piece);
    await this.#sink.content(piece);
  }

  async end(entry: TarEntry): Promise<void> {
    const expected = this.#record.files[this.#count++];
    // An encrypted archive is authenticated as a whole.
    const isHashed = entry.type === "file" && this.#record.encryption === undefined;
    if (isHashed && this.#hash.digest("hex") !== expected?.sha256) {
      throw damagedBackup(this.#archive, `${entry.path} in it is not the file that was backed up`);
    }
    await this.#sink.end(innerEntry(entry));
  }

  /** @throws {DataError} if files of the record are missing */
  requireAll(): void {
    const missing = this.#record.files[this.#count];
    if (missing !== undefined) throw damagedBackup(this.#archive, `${missing.path} is missing`);
  }
}

/** Without the name of the directory, which comes first in every path. */
function innerEntry(entry: TarEntry): TarEntry {
  return { ...entry, path: entry.path.slice(entry.path.indexOf("/") + 1) };
}

function damagedBackup(archive: string, problem: string, cause?: unknown): DataError {
  return new DataError(archive, `The backup ${archive} is damaged: ${problem}.`, {
    faults: [{ problem }],
    hint: "Take another backup; do not trust this one.",
    ...(cause !== undefined && { cause }),
  });
}
