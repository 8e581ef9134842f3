import { createHash, type Hash } from "node:crypto";
import { join } from "node:path";
import { DraftDirectory } from "../../foundation/draft-directory.ts";
import { replaceFile } from "../../foundation/durable-file.ts";
import { DataError, StorageError } from "../../foundation/errors.ts";
import { fileFailure } from "../../foundation/file-failure.ts";
import { quoted } from "../../foundation/quoted.ts";
import type { StoreRecord } from "../../store/document.ts";
import { ContentSum, contentHash } from "../content-hash.ts";
import { IdSet } from "../id-set.ts";
import { recordProblems } from "../record-problems.ts";
import type { SourceDescription } from "../source.ts";
import { type DumpKey, keyedHash, requireKey } from "./encryption.ts";
import { JsonlEncoder } from "./jsonl-encoder.ts";
import {
  type Manifest,
  manifestFile,
  type ShardEntry,
  type ShardFormat,
  sealManifest,
  shardFile,
} from "./manifest.ts";
import { ParquetEncoder } from "./parquet-encoder.ts";
import type { ShardEncoder } from "./shard.ts";
import { ragfoodVersion } from "./version.ts";

/** A shard is closed at whichever comes first; a reader holds the file of one in memory. */
const defaultShardRecords = 50_000;
const defaultShardBytes = 64 * 2 ** 20;

export interface DumpWriterOptions {
  /** The source of the records, as plans and reports name it. */
  readonly name: string;
  /** Their description; vectors must have its dimension. */
  readonly description: SourceDescription;
  /** `jsonl` is gzipped JSON Lines. Default `jsonl`. */
  readonly format?: ShardFormat;
  /** Encrypts the shards. Default: they are not encrypted. */
  readonly key?: DumpKey;
  /** Records a shard, at most. Default 50,000. */
  readonly shardRecords?: number;
  /** Bytes of records a shard, before compression. Default 64 MiB. */
  readonly shardBytes?: number;
  /** Removes what a killed export to the same directory left. Default false: that is an error. */
  readonly discardPartial?: boolean;
  /** A shard is on disk. */
  readonly onShardEnd?: (shard: ShardEntry) => void;
}

/** A shard that is being written. */
interface OpenShard {
  readonly file: string;
  readonly encoder: ShardEncoder;
  readonly contentHash: Hash;
  recordCount: number;
}

/**
 * Writes a dump record by record, in memory bounded by one piece of a shard and 32 to 64 bytes an id. The
 * directory appears at `finish`, whole and on disk; before, its content lies in `<directory>.partial`, which
 * no reader takes for a dump. An export that was cut short starts again: to know which shards it has, it
 * would have to read its source again anyway.
 *
 * @example
 * const writer = DumpWriter.create("foods-dump", { name: source.name, description: await source.describe() });
 * try {
 *   for await (const records of source.records()) await writer.append(records);
 *   await writer.finish();
 * } finally {
 *   await writer.abandon(); // does nothing after finish
 * }
 */
export class DumpWriter {
  readonly #directory: string;
  readonly #draft: DraftDirectory;
  readonly #options: DumpWriterOptions;
  readonly #format: ShardFormat;
  readonly #ids = new IdSet();
  readonly #contentSum = new ContentSum();
  readonly #shards: ShardEntry[] = [];
  #shard: OpenShard | undefined;
  #counts = { recordCount: 0, vectorCount: 0, sparseVectorCount: 0 };
  #state: "open" | "failed" | "ended" = "open";

  private constructor(directory: string, draft: DraftDirectory, options: DumpWriterOptions) {
    this.#directory = directory;
    this.#draft = draft;
    this.#options = options;
    this.#format = options.format ?? "jsonl";
  }

  /**
   * @throws {UsageError} for a malformed key
   * @throws {StorageError} if the directory exists, another writer has begun it, or the disk refuses
   */
  static create(directory: string, options: DumpWriterOptions): DumpWriter {
    if (options.key) requireKey(options.key);
    const draft = DraftDirectory.create(directory, options.discardPartial ?? false);
    return new DumpWriter(directory, draft, options);
  }

  /** Records taken so far. */
  get recordCount(): number {
    return this.#counts.recordCount;
  }

  /**
   * Resolves when the records are taken, which is not yet on disk.
   * @throws {DataError} for an id that was there before, or a record that a dump would change; the dump can
   * then only be abandoned
   * @throws {StorageError} if the disk refuses
   */
  async append(records: readonly StoreRecord[]): Promise<void> {
    this.#requireOpen();
    // A batch that was taken in part must not become a dump.
    this.#state = "failed";
    for (const record of records) {
      this.#require(record);
      this.#shard ??= await this.#onDisk(this.#openShard(record));
      // Most records need no wait.
      const room = this.#take(record, this.#shard);
      if (room !== undefined) await this.#onDisk(room);
      if (this.#isFull(this.#shard)) await this.#endShard(this.#shard);
    }
    this.#state = "open";
  }

  /**
   * Makes the dump appear under its name.
   * @throws {StorageError} if the disk refuses, or the name is taken meanwhile
   */
  async finish(): Promise<Manifest> {
    this.#requireOpen();
    if (this.#shard !== undefined) await this.#endShard(this.#shard);
    const { name, description, key } = this.#options;
    const { manifest, text } = sealManifest(
      {
        ragfoodVersion: ragfoodVersion(),
        createdAt: new Date().toISOString(),
        shardFormat: this.#format,
        source: { kind: description.kind, name, collection: description.collection },
        embeddingModel: description.embeddingModel ?? null,
        dimension: description.dimension,
        similarityFunction: description.similarityFunction ?? null,
        ...this.#counts,
        byteCount: this.#shards.reduce((sum, shard) => sum + shard.byteCount, 0),
        contentHash: this.#hidden(this.#contentSum.hex()),
        shards: this.#shards,
      },
      key,
    );
    replaceFile(join(this.#draft.path, manifestFile), text);
    this.#draft.publish();
    this.#state = "ended";
    return manifest;
  }

  /** Stops and removes what was written. Does nothing after `finish`. */
  async abandon(): Promise<void> {
    if (this.#state === "ended") return;
    this.#state = "ended";
    await this.#shard?.encoder.destroy();
    this.#draft.remove();
  }

  /** @returns a promise if the caller has to wait for the disk */
  #take(record: StoreRecord, shard: OpenShard): Promise<void> | undefined {
    const hash = contentHash(record);
    shard.contentHash.update(hash);
    this.#contentSum.add(hash);
    shard.recordCount++;
    this.#counts.recordCount++;
    if (record.vector !== undefined) this.#counts.vectorCount++;
    if (record.sparseVector !== undefined) this.#counts.sparseVectorCount++;
    return shard.encoder.append(record);
  }

  #requireOpen(): void {
    if (this.#state === "open") return;
    throw new StorageError(this.#directory, `The dump ${this.#directory} is no longer being written.`, {
      hint: "It was finished or abandoned, or records could not be taken. Begin it again.",
    });
  }

  #require(record: StoreRecord): void {
    const { id } = record;
    const { dimension } = this.#options.description;
    const [found] = recordProblems(record, { holder: "dump", dimension, format: this.#format });
    const problem = found?.message ?? (this.#ids.add(id) ? undefined : "an earlier record has the same id");
    if (problem === undefined) return;
    const index = this.#counts.recordCount;
    // A source of another program may give a number.
    const name = String(id);
    throw new DataError(this.#options.name, `${this.#options.name}: record ${quoted(name)}: ${problem}.`, {
      faults: [{ index, id: name, problem }],
      hint: "Correct the record in the source; nothing was written.",
    });
  }

  async #openShard(first: StoreRecord): Promise<OpenShard> {
    const { key } = this.#options;
    const file = shardFile(this.#shards.length + 1, this.#format, key !== undefined);
    const options = { path: join(this.#draft.path, file), file, key, hasVectors: first.vector !== undefined };
    const encoder = await (this.#format === "jsonl" ? JsonlEncoder : ParquetEncoder).open(options);
    return { file, encoder, contentHash: createHash("sha256"), recordCount: 0 };
  }

  #isFull({ recordCount, encoder }: OpenShard): boolean {
    const { shardRecords = defaultShardRecords, shardBytes = defaultShardBytes } = this.#options;
    return recordCount >= shardRecords || encoder.contentByteCount >= shardBytes;
  }

  async #endShard({ file, encoder, contentHash: hash, recordCount }: OpenShard): Promise<void> {
    const { byteCount, sha256 } = await this.#onDisk(encoder.end());
    this.#shard = undefined;
    const { contentByteCount } = encoder;
    const shard = { file, recordCount, byteCount, contentByteCount, sha256 };
    this.#shards.push({ ...shard, contentHash: this.#hidden(hash.digest("hex")) });
    this.#options.onShardEnd?.(this.#shards.at(-1) as ShardEntry);
  }

  /** With a key, plain hashes of the content would let anyone test guesses about it. */
  #hidden(hash: string): string {
    return this.#options.key ? keyedHash(this.#options.key, "content", hash) : hash;
  }

  async #onDisk<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw fileFailure(this.#directory, "cannot be written", error);
    }
  }
}
