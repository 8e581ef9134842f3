import { createHash } from "node:crypto";
import { once } from "node:events";
import { type FileHandle, open } from "node:fs/promises";
import type { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ownerFile } from "../../foundation/owner-only.ts";
import { type DumpKey, encryptShard } from "./encryption.ts";

/** One file being written: the content of `input` is encrypted if a key is given, hashed, and written to disk. */
export class ShardOutput {
  readonly #input: Transform;
  readonly #hash = createHash("sha256");
  readonly #written: Promise<void>;
  readonly #closed: Promise<void>;
  #byteCount = 0;

  /**
   * @param input takes the content; a compressor, or a stream that passes it on
   * @throws {Error} of the system if the file exists, or cannot be created
   */
  static async open(
    path: string,
    file: string,
    input: Transform,
    key: DumpKey | undefined,
  ): Promise<ShardOutput> {
    // Opened here, because a path stream that is destroyed early would create its file after the draft is removed.
    // `wx` never touches an existing file.
    return new ShardOutput(await open(path, "wx", ownerFile), file, input, key);
  }

  private constructor(handle: FileHandle, file: string, input: Transform, key: DumpKey | undefined) {
    this.#input = input;
    // `flush` is fsync before close.
    const target = handle.createWriteStream({ flush: true });
    this.#closed = new Promise((resolve) => target.once("close", resolve));
    const count = (pieces: AsyncIterable<Uint8Array>) => this.#count(pieces);
    this.#written =
      key === undefined
        ? pipeline(input, count, target)
        : pipeline(
            input,
            (pieces: AsyncIterable<Uint8Array>) => encryptShard(pieces, key, file),
            count,
            target,
          );
    // The next write, or the end, reports it.
    this.#written.catch(() => {});
  }

  /** Resolves when there is room for more. */
  async write(content: Uint8Array): Promise<void> {
    if (this.#input.destroyed) await this.#written;
    if (this.#input.write(content)) return;
    await Promise.race([once(this.#input, "drain"), this.#written]);
  }

  /** Resolves when the file is on disk. */
  async end(): Promise<{ byteCount: number; sha256: string }> {
    this.#input.end();
    await this.#written;
    return { byteCount: this.#byteCount, sha256: this.#hash.digest("hex") };
  }

  /** Stops at once; the file is closed when this resolves. */
  async destroy(): Promise<void> {
    this.#input.destroy();
    await this.#written.catch(() => {});
    await this.#closed;
  }

  async *#count(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      this.#byteCount += piece.length;
      this.#hash.update(piece);
      yield piece;
    }
  }
}
