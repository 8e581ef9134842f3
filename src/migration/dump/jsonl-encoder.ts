import type { TransformOptions } from "node:stream";
import { constants, createGzip, type ZlibOptions } from "node:zlib";
import type { StoreRecord } from "../../store/document.ts";
import { encodeLine } from "./jsonl-line.ts";
import type { ShardEncoder, ShardEncoderOptions, ShardFile } from "./shard.ts";
import { ShardOutput } from "./shard-output.ts";

/** Bytes gathered before they go to the compressor, and of what the compressor gives at a time. */
const pieceBytes = 2 ** 18;

const newline = "\n";

/** Writes records as gzipped JSON Lines, vectors as base64 of little-endian float32. */
export class JsonlEncoder implements ShardEncoder {
  readonly #output: ShardOutput;
  #piece = Buffer.allocUnsafeSlow(pieceBytes);
  #filled = 0;
  #contentByteCount = 0;

  private constructor(output: ShardOutput) {
    this.#output = output;
  }

  static async open({ path, file, key, hasVectors }: ShardEncoderOptions): Promise<JsonlEncoder> {
    // Base64 of floats repeats nothing: coding its 64 letters by their frequency makes it about as small as
    // looking for repetitions does, in a third of the time. Without vectors, it is text.
    const strategy = hasVectors ? constants.Z_HUFFMAN_ONLY : constants.Z_DEFAULT_STRATEGY;
    const options: ZlibOptions & TransformOptions = {
      level: 1,
      strategy,
      chunkSize: pieceBytes,
      // Several pieces: the next is made while one is compressed on another thread.
      highWaterMark: 4 * pieceBytes,
    };
    return new JsonlEncoder(await ShardOutput.open(path, file, createGzip(options), key));
  }

  get contentByteCount(): number {
    return this.#contentByteCount;
  }

  append(record: StoreRecord): Promise<void> | undefined {
    const { head, vector = "" } = encodeLine(record);
    const length = Buffer.byteLength(head) + vector.length + newline.length;
    const room = this.#filled + length > this.#piece.length ? this.#flush(length) : undefined;
    this.#filled += this.#piece.write(head, this.#filled);
    this.#filled += this.#piece.write(vector, this.#filled, "latin1");
    this.#filled += this.#piece.write(newline, this.#filled, "latin1");
    this.#contentByteCount += length;
    return room;
  }

  async end(): Promise<ShardFile> {
    if (this.#filled > 0) await this.#flush(0);
    return await this.#output.end();
  }

  destroy(): Promise<void> {
    return this.#output.destroy();
  }

  /** Hands on what was gathered. The compressor keeps that memory; new one takes at least `length` bytes. */
  #flush(length: number): Promise<void> | undefined {
    const gathered = this.#piece.subarray(0, this.#filled);
    this.#piece = Buffer.allocUnsafeSlow(Math.max(length, pieceBytes));
    this.#filled = 0;
    return gathered.length > 0 ? this.#output.write(gathered) : undefined;
  }
}
