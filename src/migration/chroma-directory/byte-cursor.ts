import type { BinaryFile } from "./binary-file.ts";

/** Bytes read ahead at a time. */
const chunkBytes = 2 ** 18;

/** Reads a file from its start to its end in small steps. */
export class ByteCursor {
  readonly #file: BinaryFile;
  readonly #chunk: Buffer;
  /** Offset of the chunk in the file. */
  #start = 0;
  #length = 0;
  #next = 0;

  constructor(file: BinaryFile) {
    this.#file = file;
    this.#chunk = Buffer.alloc(Math.min(chunkBytes, file.size));
  }

  /** Byte offset of the next read. */
  get position(): number {
    return this.#start + this.#next;
  }

  get remaining(): number {
    return this.#file.size - this.position;
  }

  /** The next `length` bytes, at most 16: valid until the next call. */
  take(length: number): Buffer {
    if (this.#length - this.#next < length) this.#fill();
    const bytes = this.#chunk.subarray(this.#next, this.#next + length);
    this.#next += length;
    return bytes;
  }

  /** The next `length` bytes, however many. */
  takeMany(length: number): Buffer {
    if (length <= this.#length - this.#next) return this.take(length);
    const bytes = Buffer.allocUnsafe(length);
    this.#file.read(bytes, this.position);
    this.skip(length);
    return bytes;
  }

  skip(length: number): void {
    this.#next += length;
    if (this.#next <= this.#length) return;
    this.#start = this.position;
    this.#length = 0;
    this.#next = 0;
  }

  #fill(): void {
    this.#start = this.position;
    this.#length = Math.min(this.#chunk.length, this.#file.size - this.#start);
    this.#next = 0;
    this.#file.read(this.#chunk.subarray(0, this.#length), this.#start);
  }
}
