import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { fileFailure } from "../../foundation/file-failure.ts";
import { type DumpKey, decryptShard } from "./encryption.ts";
import { damaged } from "./faults.ts";
import { readJsonl } from "./jsonl-reader.ts";
import type { Manifest, ShardEntry } from "./manifest.ts";
import { readParquet } from "./parquet-reader.ts";
import type { RecordBatches } from "./shard.ts";

/** The system refuses to follow a link, without a race; Windows has no such flag. */
const readItself = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);

/** Reads shards one after the other into the same memory, which is that of the largest file. */
export class ShardLoader {
  readonly #directory: string;
  #memory: Buffer = Buffer.alloc(0);

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * The complete file of a shard in memory, so that later reads return exactly the verified bytes.
   * @returns its bytes, until the next call
   * @throws {DataError} if it is missing, a link, or not the file that was written
   */
  async load(entry: ShardEntry): Promise<Buffer> {
    const path = join(this.#directory, entry.file);
    const handle = await openItself(path);
    try {
      const found = await handle.stat();
      if (!found.isFile()) throw damaged(path, "it is not a regular file");
      if (found.size !== entry.byteCount) {
        throw damaged(path, `it has ${found.size} bytes; the manifest says ${entry.byteCount}`);
      }
      const bytes = await this.#read(handle, path, entry.byteCount);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      if (sha256 !== entry.sha256) throw damaged(path, "its SHA-256 is not the one in the manifest");
      return bytes;
    } finally {
      await handle.close();
    }
  }

  async #read(handle: FileHandle, path: string, length: number): Promise<Buffer> {
    if (this.#memory.length < length) this.#memory = Buffer.allocUnsafeSlow(length);
    let filled = 0;
    while (filled < length) {
      const bytesRead = await readSome(handle, path, this.#memory, filled, length - filled);
      if (bytesRead === 0) throw damaged(path, `it ends after ${filled} bytes; the manifest says ${length}`);
      filled += bytesRead;
    }
    return this.#memory.subarray(0, length);
  }
}

async function openItself(path: string): Promise<FileHandle> {
  try {
    return await open(path, readItself);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw damaged(path, "the shard is missing", { cause: error });
    if (code === "ELOOP") throw damaged(path, "it is a symbolic link", { cause: error });
    throw fileFailure(path, "cannot be read", error);
  }
}

async function readSome(
  handle: FileHandle,
  path: string,
  memory: Buffer,
  offset: number,
  length: number,
): Promise<number> {
  try {
    return (await handle.read(memory, offset, length, null)).bytesRead;
  } catch (error) {
    throw fileFailure(path, "cannot be read", error);
  }
}

export interface ShardReadOptions {
  readonly key: DumpKey | undefined;
  readonly batchSize: number;
  readonly includeVectors: boolean;
  readonly exactNumbers?: boolean;
}

/**
 * The records of a loaded shard in batches, in their order.
 * @param bytes as `ShardLoader.load` gave them
 * @throws {DataError} naming file and line, or row
 */
export async function* readShard(
  bytes: Buffer,
  directory: string,
  manifest: Manifest,
  entry: ShardEntry,
  options: ShardReadOptions,
): RecordBatches {
  const path = join(directory, entry.file);
  const { contentByteCount } = entry;
  const read = { path, contentByteCount, ...options };
  const plain = options.key === undefined ? [bytes] : decrypted(bytes, options.key, entry.file, path);
  if (manifest.shardFormat === "jsonl") yield* readJsonl(plain, read);
  else yield* readParquet(options.key === undefined ? bytes : Buffer.concat([...plain]), read);
}

function* decrypted(bytes: Buffer, key: DumpKey, file: string, path: string): Generator<Uint8Array> {
  try {
    yield* decryptShard(bytes, key, file);
  } catch (cause) {
    throw damaged(path, `it cannot be decrypted with the key "${key.id}"`, {
      cause,
      hint: "Give the key that the manifest names; if it is that one, the dump is damaged.",
    });
  }
}
