import type { BitKeys } from "./bit-keys.ts";
import { type ChunkRows, type DenseCodes, rowsPerChunk } from "./codes.ts";
import type { Scratch } from "./scratch.ts";

/** The keys of all rows for one query, and how many rows have each; both in the scratch. */
export class BitScan {
  readonly #codes: DenseCodes;
  readonly #bitKeys: BitKeys;
  readonly #scratch: Scratch;

  constructor(codes: DenseCodes, bitKeys: BitKeys, scratch: Scratch) {
    this.#codes = codes;
    this.#bitKeys = bitKeys;
    this.#scratch = scratch;
    this.#histogram.fill(0);
  }

  /** Rows by key, in a view that is good until the memory grows. */
  get #histogram(): Uint32Array {
    const start = this.#scratch.histogram / 4;
    return this.#codes.memory.views.uint32.subarray(start, start + this.keyCount);
  }

  /** Keys there are: a bound of this many takes in every row that counts. */
  get keyCount(): number {
    return this.#bitKeys.similarities.length;
  }

  /** The similarity that the key of a row stands for. */
  predicted({ first }: ChunkRows, position: number): number {
    const key = this.#codes.memory.views.uint16[this.#keysAt(first) / 2 + position] as number;
    return this.#bitKeys.similarities[key] as number;
  }

  /** Compares the query with the rows of one chunk. */
  scan({ first, count, chunk }: ChunkRows, accepted: Uint8Array, querySquaredNorm: number): void {
    const { memory, bitStride } = this.#codes;
    const { queryBits, accepted: marks, histogram } = this.#scratch;
    const keys = this.#keysAt(first);
    const { uint8, uint16, float32 } = memory.views;
    uint8.set(accepted.subarray(first, first + count), marks);
    memory.kernel.hammingDistances(queryBits, chunk.bits, bitStride, marks, count, keys);
    this.#bitKeys.fromDistances?.(
      uint16.subarray(keys / 2, keys / 2 + count),
      float32.subarray(chunk.squaredNorms / 4, chunk.squaredNorms / 4 + count),
      querySquaredNorm,
    );
    memory.kernel.countKeys(keys, count, this.keyCount, histogram);
  }

  /** The least bound that at least `count` rows have a key below, or that of all rows. */
  boundOf(count: number): number {
    const histogram = this.#histogram;
    let bound = 0;
    for (let rows = 0; rows < count && bound < this.keyCount; bound++) rows += histogram[bound] as number;
    return bound;
  }

  /** Rows with a key below the bound. */
  countBelow(bound: number): number {
    return this.#histogram.subarray(0, bound).reduce((rows, count) => rows + count, 0);
  }

  /**
   * The least bound beyond which the rows left out weigh no more than `most` in all.
   * @param weigh what one row weighs by the similarity that its key stands for
   */
  boundByWeight(most: number, weigh: (similarity: number) => number): number {
    const histogram = this.#histogram;
    let weight = 0;
    for (let bound = this.keyCount; bound > 0; bound--) {
      const rows = histogram[bound - 1] as number;
      if (rows === 0) continue;
      weight += rows * weigh(this.#bitKeys.similarities[bound - 1] as number);
      if (weight > most) return bound;
    }
    return 0;
  }

  /** Writes the positions of a chunk's rows with `low` ≤ key < `high` into the scratch; how many. */
  pick({ first, count }: ChunkRows, low: number, high: number): number {
    return this.#codes.memory.kernel.pickKeys(this.#keysAt(first), count, low, high, this.#scratch.positions);
  }

  /** Where the keys are of the chunk that begins with row `first`. */
  #keysAt(first: number): number {
    const { keys } = this.#scratch;
    const place = first / rowsPerChunk;
    keys[place] ??= this.#codes.memory.allocate(rowsPerChunk * 2);
    return keys[place];
  }
}
