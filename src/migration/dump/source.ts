import { join } from "node:path";
import { CancelledError, type DataError, UsageError } from "../../foundation/errors.ts";
import { counted } from "../../foundation/plural.ts";
import type { StoreRecord } from "../../store/document.ts";
import type { RecordSource, RecordsOptions, SourceDescription } from "../source.ts";
import { type DumpKey, keyHint, requireKey } from "./encryption.ts";
import { damaged } from "./faults.ts";
import { type Manifest, manifestFile } from "./manifest.ts";
import { listingFaults, openDump } from "./open.ts";
import { readShard, ShardLoader } from "./shard-reader.ts";

const defaultBatchSize = 1_000;

/**
 * A dump as a source. No record of a damaged shard is returned: the file is compared with its hash first, and
 * read from the memory that was compared. It needs the memory of one shard's file. `checkDump` compares every
 * shard before the first record is returned.
 */
export class DumpSource implements RecordSource {
  readonly name: string;
  readonly manifest: Manifest;
  readonly #directory: string;
  readonly #key: DumpKey | undefined;

  private constructor(directory: string, manifest: Manifest, key: DumpKey | undefined) {
    this.name = `${directory} ${manifest.source.collection}`;
    this.manifest = manifest;
    this.#directory = directory;
    this.#key = key;
  }

  /**
   * @param key of an encrypted dump
   * @throws {UsageError} for a malformed key, or if the dump is encrypted and no key is given
   * @throws {DataError} if the directory is not a dump, or its manifest or list of files was changed
   * @throws {StorageError} if it cannot be read
   */
  static open(directory: string, key?: DumpKey): DumpSource {
    if (key) requireKey(key);
    const manifest = openDump(directory, key);
    const [fault] = listingFaults(directory, manifest);
    if (fault !== undefined) throw fault;
    if (manifest.encryption !== null && key === undefined) {
      throw new UsageError(`The dump ${directory} is encrypted.`, {
        hint: keyHint(manifest.encryption.keyId),
      });
    }
    return new DumpSource(directory, manifest, key);
  }

  async describe(): Promise<SourceDescription> {
    const { source, recordCount, dimension, similarityFunction, embeddingModel } = this.manifest;
    return {
      kind: "dump",
      collection: source.collection,
      recordCount,
      dimension,
      similarityFunction: similarityFunction ?? undefined,
      embeddingModel: embeddingModel ?? undefined,
    };
  }

  /**
   * @throws {CancelledError} when `signal` fires
   * @throws {DataError} before the first record of a damaged shard
   */
  async *records(options: RecordsOptions = {}): AsyncGenerator<StoreRecord[]> {
    const { batchSize = defaultBatchSize, includeVectors = true, exactNumbers = false, signal } = options;
    const read = { key: this.#key, batchSize, includeVectors, exactNumbers };
    const loader = new ShardLoader(this.#directory);
    for (const entry of this.manifest.shards) {
      refuseCancelled(signal);
      const bytes = await loader.load(entry);
      let count = 0;
      for await (const records of readShard(bytes, this.#directory, this.manifest, entry, read)) {
        refuseCancelled(signal);
        count += records.length;
        yield records;
      }
      if (count !== entry.recordCount) throw this.#wrongCount(entry.file, count, entry.recordCount);
    }
  }

  async close(): Promise<void> {}

  #wrongCount(file: string, found: number, said: number): DataError {
    return damaged(
      join(this.#directory, file),
      `it holds ${counted(found, "record")}; ${manifestFile} says ${said}`,
    );
  }
}

function refuseCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new CancelledError("Reading the dump was cancelled.");
}
