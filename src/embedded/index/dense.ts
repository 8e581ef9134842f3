import type { SimilarityFunction } from "../settings.ts";
import { type BitKeys, bitKeys } from "./dense/bit-keys.ts";
import { DenseCodes } from "./dense/codes.ts";
import { ScratchPool } from "./dense/scratch.ts";
import { DenseSearch, type ReadVector } from "./dense/search.ts";
import { type CodesDescription, readCodes, writeCodes } from "./dense/side-file.ts";
import { runInSlices, runThrough } from "./dense/slices.ts";
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
  /** Rows up to which int8 codes alone choose the candidates. Default: 50,000. */
  readonly bitsBeyondRows?: number;
  /** Bytes that the codes may take. Default: what WebAssembly allows, 4 GiB. */
  readonly mostBytes?: number;
}

/**
 * A scan of 50,000 × 1,024 int8 codes takes 3 to 10 ms, by the machine, and misses nothing; on so few
 * rows bits save little, and on vectors without structure they cost more than they save.
 */
const defaultBitsBeyondRows = 50_000;

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
  readonly #bitsBeyondRows: number;
  readonly #mostBytes: number | undefined;
  readonly #bitKeys: BitKeys;
  #codes: DenseCodes;
  #scratches: ScratchPool;

  constructor(options: DenseVectorsOptions) {
    const { dimension, similarity } = options;
    this.#readVector = options.readVector;
    this.#description = { dimension, similarity, byteCodes: options.byteCodes ?? true };
    this.#bitsBeyondRows = options.bitsBeyondRows ?? defaultBitsBeyondRows;
    this.#mostBytes = options.mostBytes;
    this.#bitKeys = bitKeys(similarity, dimension);
    this.#codes = new DenseCodes(dimension, this.#description.byteCodes, options.mostBytes);
    this.#scratches = new ScratchPool(this.#codes, this.#bitKeys.histogramLength);
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

  /** The codes as bytes for a side file, in views that are good until the next `push`. */
  save(): Generator<Uint8Array> {
    return writeCodes(this.#codes, this.#description);
  }

  /**
   * Replaces all rows by those of `save`.
   * @param bytes in pieces of any length
   * @throws {IndexMismatchError} when the bytes are of another index or version, or end too early;
   * the rows then stay as they are; {IndexMemoryError} when they do not fit
   */
  restore(bytes: Iterable<Uint8Array>): void {
    this.#codes = readCodes(bytes, this.#description, this.#mostBytes);
    this.#scratches = new ScratchPool(this.#codes, this.#bitKeys.histogramLength);
  }

  *#steps(query: Float32Array, k: number, accepted: Uint8Array): Generator<void, ScoredRow[]> {
    const { similarity, byteCodes } = this.#description;
    const codes = this.#codes;
    const scratches = this.#scratches;
    const rowCount = Math.min(codes.rowCount, accepted.length);
    const manyAccepted = byteCodes ? bitsBeyondAccepted.withBytes : bitsBeyondAccepted.bitsOnly;
    const acceptedCount = countOnes(accepted, rowCount, Math.max(k, manyAccepted + 1));
    const limit = Math.min(k, acceptedCount);
    if (limit === 0) return [];
    const isFlat = similarity !== "EUCLIDEAN" && query.every((component) => component === 0);
    const usesBits = acceptedCount > manyAccepted && (!byteCodes || rowCount > this.#bitsBeyondRows);
    const scratch = scratches.acquire();
    try {
      const source = { codes, bitKeys: this.#bitKeys, similarity, readVector: this.#readVector };
      // Every row scores alike against a zero vector: the first are the best.
      const request = isFlat
        ? { query, k: limit, accepted: firstOnes(accepted, limit), rowCount, usesBits: false }
        : { query, k: limit, accepted, rowCount, usesBits };
      return yield* new DenseSearch(source, request, scratch).steps();
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
