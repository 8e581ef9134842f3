import { createHash } from "node:crypto";
import { join } from "node:path";
import { CancelledError, DataError } from "../../foundation/errors.ts";
import { counted } from "../../foundation/plural.ts";
import { ContentSum, contentHash } from "../content-hash.ts";
import { IdSet } from "../id-set.ts";
import { recordProblems } from "../record-problems.ts";
import { type DumpKey, keyedHash, requireKey } from "./encryption.ts";
import { damaged } from "./faults.ts";
import { type Manifest, manifestFile, type ShardEntry } from "./manifest.ts";
import { listingFaults, openDump } from "./open.ts";
import { readShard, ShardLoader } from "./shard-reader.ts";

const batchSize = 1_000;

type CheckDumpEvent = { readonly type: "shard-end"; readonly done: number; readonly total: number };

export interface CheckDumpOptions {
  /** The key of an encrypted dump. Without it, the files are checked, but not the records in them. */
  readonly key?: DumpKey;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: (event: CheckDumpEvent) => void;
}

export interface DumpReport {
  readonly directory: string;
  readonly manifest: Manifest;
  /** Whether every record was compared with its hash, and not only the files. */
  readonly isContentChecked: boolean;
  /** Each names its file, the line or row if there is one, and what to do. Empty: the dump is whole. */
  readonly faults: readonly DataError[];
}

/**
 * Checks a dump offline, before anything of it is written anywhere: the manifest, the list of files, the
 * SHA-256 of each, and of what they hold every record with its content hash, the counts, and that no id
 * comes twice. One damaged shard does not end the check.
 *
 * @throws {CancelledError} when `signal` fires
 * @throws {DataError} if the manifest cannot be used: missing, damaged, of a later version, or made
 * with another key
 * @throws {StorageError} if the directory cannot be read
 */
export async function checkDump(directory: string, options: CheckDumpOptions = {}): Promise<DumpReport> {
  const { key, signal, onEvent } = options;
  if (key) requireKey(key);
  const manifest = openDump(directory, key);
  const faults = listingFaults(directory, manifest);
  const isContentChecked = manifest.encryption === null || key !== undefined;
  const check = new ContentCheck(directory, manifest, key);
  const loader = new ShardLoader(directory);
  for (const [index, shard] of manifest.shards.entries()) {
    if (signal?.aborted) throw new CancelledError("The check was cancelled.");
    try {
      const bytes = await loader.load(shard);
      if (isContentChecked) faults.push(...(await check.shard(bytes, shard)));
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      faults.push(error);
    }
    onEvent?.({ type: "shard-end", done: index + 1, total: manifest.shards.length });
  }
  // With damaged shards, the sums say nothing more.
  if (isContentChecked && faults.length === 0) faults.push(...check.wholeFaults());
  return { directory, manifest, isContentChecked, faults };
}

/** Counts and hashes of the records of a dump. */
class ContentCheck {
  readonly #directory: string;
  readonly #manifest: Manifest;
  readonly #key: DumpKey | undefined;
  readonly #ids = new IdSet();
  readonly #contentSum = new ContentSum();
  #vectorCount = 0;
  #sparseVectorCount = 0;

  constructor(directory: string, manifest: Manifest, key: DumpKey | undefined) {
    this.#directory = directory;
    this.#manifest = manifest;
    this.#key = key;
  }

  /** @throws {DataError} if its records cannot be read */
  async shard(bytes: Buffer, entry: ShardEntry): Promise<DataError[]> {
    const path = join(this.#directory, entry.file);
    const faults: DataError[] = [];
    const hash = createHash("sha256");
    const options = { key: this.#key, batchSize, includeVectors: true };
    const { dimension, shardFormat: format } = this.#manifest;
    let line = 0;
    for await (const records of readShard(bytes, this.#directory, this.#manifest, entry, options)) {
      for (const record of records) {
        line++;
        const { id } = record;
        const problem =
          recordProblems(record, { holder: "dump", dimension, format })[0]?.message ??
          (this.#ids.add(id) ? undefined : "an earlier record has the same id");
        if (problem !== undefined) {
          faults.push(damaged(path, problem, { line, id }));
          continue;
        }
        const recordHash = contentHash(record);
        hash.update(recordHash);
        this.#contentSum.add(recordHash);
        if (record.vector !== undefined) this.#vectorCount++;
        if (record.sparseVector !== undefined) this.#sparseVectorCount++;
      }
    }
    if (line !== entry.recordCount) {
      faults.push(
        damaged(path, `it holds ${counted(line, "record")}; the manifest says ${entry.recordCount}`),
      );
    } else if (faults.length === 0 && this.#hidden(hash.digest("hex")) !== entry.contentHash) {
      faults.push(damaged(path, "its records do not match their hash in the manifest"));
    }
    return faults;
  }

  wholeFaults(): DataError[] {
    const { vectorCount, sparseVectorCount, contentHash: expected } = this.#manifest;
    const facts = [
      ["vectorCount", vectorCount, this.#vectorCount],
      ["sparseVectorCount", sparseVectorCount, this.#sparseVectorCount],
      ["contentHash", expected, this.#hidden(this.#contentSum.hex())],
    ] as const;
    return facts.flatMap(([name, said, found]) =>
      said === found
        ? []
        : [damaged(join(this.#directory, manifestFile), `${name} is ${said}; the records have ${found}`)],
    );
  }

  #hidden(hash: string): string {
    return this.#key ? keyedHash(this.#key, "content", hash) : hash;
  }
}
