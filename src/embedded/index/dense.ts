import type { SimilarityFunction } from "../settings.ts";
import { type BitKeys, bitKeys } from "./dense/bit-keys.ts";
import { DenseCodes } from "./dense/codes.ts";
import { ScratchPool } from "./dense/scratch.ts";
import { DenseSearch, type ReadVector } from "./dense/search.ts";
import {
  type CodesDescription,
  type CodesReader,
  readBits,
  readInt8,
  writeBits,
  writeBytes,
} from "./dense/side-file.ts";
import { runInSlices, runThrough } from "./slices.ts";
import type { ScoredRow } from "./top-k.ts";

export interface DenseVectorsOptions {
  /** Components of a vector, from 1. */
  readonly dimension: number;
  readonly similarity: SimilarityFunction;
  /** Reads back a row that was pushed and that `accepted` marks, unchanged: the vectors are not kept. */
  readonly readVector: ReadVector;
  /**
   * Keep int8 codes beside the bits, `dimension` bytes a row. Default: true. Without them a search
   * reads 192 vectors or more, and every one that counts where that is up to 1,000.
   */
  readonly byteCodes?: boolean;
  /** Bytes of int8 codes up to which these alone choose the candidates. Default: 51.2 MB, 50,000 × 1,024. */
  readonly bitsBeyondBytes?: number;
  /** Bytes that the codes may take. Default: what WebAssembly allows, 4 GiB. */
  readonly mostBytes?: number;
}

/** Reads int8 codes with `fill`, a step at a time; false where they are not what was saved. */
export type LateBytes = (fill: (reader: CodesReader) => Iterable<void>) => Generator<void, boolean>;

/**
 * A scan of 50,000 × 1,024 int8 codes takes 3 to 10 ms, by the machine, and misses nothing; of less, bits save
 * little, and on vectors without structure, or of few dimensions, they cost more than they save.
 */
const defaultBitsBeyondBytes = 51_200_000;

/**
 * Up to so many rows that count, all are measured: by int8 that is as fast as choosing among them by bits;
 * without int8 it takes 10 to 20 ms, and misses nothing.
 */
const bitsBeyondAccepted = { withBytes: 5_000, bitsOnly: 1_000 } as const;

/**
 * The dense vectors of a namespace as codes, row after row. A search chooses candidates by codes and
 * settles the last few by the float32 vectors, which stay where they are: scores are exact.
 */
export class DenseVectors {
  readonly #readVector: ReadVector;
  readonly #description: CodesDescription;
  readonly #bitsBeyondBytes: number;
  readonly #mostBytes: number | undefined;
  readonly #bitKeys: BitKeys;
  #codes: DenseCodes;
  #scratches: ScratchPool;
  /** Brings the int8 codes that were restored in part; nothing is there once they have come. */
  #late: LateBytes | undefined;
  /** Whether the int8 codes of all rows are there. */
  #hasBytes: boolean;
  #restoredRows = 0;
  #searches = 0;

  constructor(options: DenseVectorsOptions) {
    const { dimension, similarity } = options;
    this.#readVector = options.readVector;
    this.#description = { dimension, similarity, byteCodes: options.byteCodes ?? true };
    this.#bitsBeyondBytes = options.bitsBeyondBytes ?? defaultBitsBeyondBytes;
    this.#mostBytes = options.mostBytes;
    this.#bitKeys = bitKeys(similarity, dimension);
    this.#codes = new DenseCodes(dimension, this.#description.byteCodes, options.mostBytes);
    this.#scratches = new ScratchPool(this.#codes, this.#bitKeys.histogramLength);
    this.#hasBytes = this.#description.byteCodes;
  }

  get rowCount(): number {
    return this.#codes.rowCount;
  }

  /** Bytes that the codes take, room for rows to come included. */
  get byteLength(): number {
    return this.#codes.memory.byteLength;
  }

  /**
   * Takes the next row.
   * @throws {IndexMemoryError} when there is no more room for codes
   */
  push(vector: Float32Array): void {
    this.#codes.push(vector);
  }

  /**
   * The best `k` of the rows that `accepted` marks with 1, best first, the earlier row first where
   * scores are equal.
   * @throws {IndexMemoryError} when there is no room for the keys of the rows, 2 bytes each
   */
  search(query: Float32Array, k: number, accepted: Uint8Array): ScoredRow[] {
    return runThrough(this.#steps(query, k, accepted));
  }

  /**
   * The same, giving the event loop its turn after every 10 to 15 ms of work. Rows pushed meanwhile do
   * not take part; `readVector` has to go on reading those that do.
   */
  searchInSlices(query: Float32Array, k: number, accepted: Uint8Array): Promise<ScoredRow[]> {
    return runInSlices(this.#steps(query, k, accepted));
  }

  /**
   * The codes as bytes for a side file, in views that are good until the next `push`: what a search cannot
   * do without, and the int8 codes apart.
   * @throws {RangeError} when int8 codes were promised to `restore` and have not come
   */
  save(): { bits: Iterable<Uint8Array>; bytes: Iterable<Uint8Array> } {
    if (this.#late) runThrough(this.#bringBytes());
    if (this.#hasBytes !== this.#description.byteCodes) throw new RangeError("the int8 codes are not there");
    return { bits: writeBits(this.#codes, this.#description), bytes: writeBytes(this.#codes) };
  }

  /**
   * Replaces all rows by those of `save`. The first search answers by their bits; the next brings the int8
   * codes in.
   *
   * @param late reads the int8 codes, a step at a time, and tells whether they are what was saved; where they
   * are not, searches go on by bits alone
   * @throws {IndexMismatchError} when the bits are of another index or version; {RangeError} when they end
   * early; {IndexMemoryError} when they do not fit: the rows then stay as they are
   */
  restore(reader: CodesReader, late: LateBytes): void {
    this.#codes = readBits(reader, this.#description, this.#mostBytes);
    this.#scratches = new ScratchPool(this.#codes, this.#bitKeys.histogramLength);
    this.#hasBytes = false;
    this.#late = this.#description.byteCodes ? late : undefined;
    this.#restoredRows = this.#codes.rowCount;
    this.#searches = 0;
  }

  *#bringBytes(): Generator<void> {
    const late = this.#late;
    if (late === undefined) return;
    // Another search that begins meanwhile goes by bits.
    this.#late = undefined;
    let isDone = false;
    try {
      const codes = this.#codes;
      this.#hasBytes = yield* late((reader) => readInt8(reader, codes, this.#restoredRows));
      isDone = true;
    } finally {
      if (!isDone) this.#late = late;
    }
  }

  *#steps(query: Float32Array, k: number, accepted: Uint8Array): Generator<void, ScoredRow[]> {
    if (this.#searches++ > 0) yield* this.#bringBytes();
    for (;;) {
      const found = yield* this.#search(query, k, accepted);
      if (found) return found;
      // Vectors without structure take more candidates than it is sensible to read.
      yield* this.#bringBytes();
    }
  }

  /** @returns `undefined` where bits alone do not do, and the int8 codes are yet to come */
  *#search(query: Float32Array, k: number, accepted: Uint8Array): Generator<void, ScoredRow[] | undefined> {
    const { similarity } = this.#description;
    const codes = this.#codes;
    const scratches = this.#scratches;
    const hasBytes = this.#hasBytes;
    const rowCount = Math.min(codes.rowCount, accepted.length);
    const manyAccepted = hasBytes ? bitsBeyondAccepted.withBytes : bitsBeyondAccepted.bitsOnly;
    const acceptedCount = countOnes(accepted, rowCount, Math.max(k, manyAccepted + 1));
    const limit = Math.min(k, acceptedCount);
    if (limit === 0) return [];
    const isFlat = similarity !== "EUCLIDEAN" && query.every((component) => component === 0);
    const isLarge = rowCount * codes.byteStride > this.#bitsBeyondBytes;
    const usesBits = acceptedCount > manyAccepted && (!hasBytes || isLarge);
    const scratch = scratches.acquire();
    try {
      const source = { codes, bitKeys: this.#bitKeys, similarity, readVector: this.#readVector };
      return yield* new DenseSearch(
        source,
        {
          query,
          k: limit,
          // Every row scores alike against a zero vector: the first are the best.
          accepted: isFlat ? firstOnes(accepted, limit) : accepted,
          rowCount,
          usesBits: usesBits && !isFlat,
          hasBytes,
          isBrief: this.#late !== undefined,
        },
        scratch,
      ).steps();
    } finally {
      scratches.release(scratch);
    }
  }
}

/** How many of the first `length` marks are 1; beyond `enough` it does not count on. */
function countOnes(mask: Uint8Array, length: number, enough: number): number {
  let count = 0;
  for (let row = 0; row < length && count < enough; row++) if (mask[row] === 1) count++;
  return count;
}

/** The mask with no more than its first `count` ones. */
function firstOnes(mask: Uint8Array, count: number): Uint8Array {
  const first = new Uint8Array(mask.length);
  for (let row = 0, found = 0; found < count; row++) {
    if (mask[row] !== 1) continue;
    first[row] = 1;
    found++;
  }
  return first;
}
