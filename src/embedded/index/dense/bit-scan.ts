import type { BitKeys } from "./bit-keys.ts";
import { rejectedKey } from "./bit-keys.ts";
import type { ChunkRows, DenseCodes } from "./codes.ts";
import type { Scratch } from "./scratch.ts";

/** The keys of all rows for one query, and how many rows have each. */
export class BitScan {
  readonly #codes: DenseCodes;
  readonly #bitKeys: BitKeys;
  readonly #keys: Uint16Array;
  /** Rows by key; the last place counts the rejected. */
  readonly #histogram = new Uint32Array(rejectedKey + 1);

  constructor(codes: DenseCodes, bitKeys: BitKeys, rowCount: number) {
    this.#codes = codes;
    this.#bitKeys = bitKeys;
    this.#keys = new Uint16Array(rowCount);
  }

  /** Keys there are: a bound of this many takes in every row that counts. */
  get keyCount(): number {
    return this.#bitKeys.similarities.length;
  }

  /** The similarity that the key of a row stands for. */
  predicted(row: number): number {
    return this.#bitKeys.similarities[this.#keys[row] as number] as number;
  }

  /** Compares the query with the rows of one chunk. */
  scan(rows: ChunkRows, scratch: Scratch, accepted: Uint8Array, querySquaredNorm: number): void {
    const { first, count, chunk } = rows;
    const { memory, bitStride } = this.#codes;
    const { uint8, uint16, float32 } = memory.views;
    uint8.set(accepted.subarray(first, first + count), scratch.accepted);
    memory.kernel.hammingDistances(
      scratch.queryBits,
      chunk.bits,
      bitStride,
      scratch.accepted,
      count,
      scratch.results,
    );
    const keys = uint16.subarray(scratch.results / 2, scratch.results / 2 + count);
    const squaredNorms = float32.subarray(chunk.squaredNorms / 4, chunk.squaredNorms / 4 + count);
    this.#bitKeys.fromDistances(keys, squaredNorms, querySquaredNorm);
    this.#keys.set(keys, first);
    const histogram = this.#histogram;
    for (let position = 0; position < count; position++) (histogram[keys[position] as number] as number)++;
  }

  /** The least bound that at least `count` rows have a key below, or that of all rows. */
  boundOf(count: number): number {
    let bound = 0;
    for (let rows = 0; rows < count && bound < this.keyCount; bound++)
      rows += this.#histogram[bound] as number;
    return bound;
  }

  /** Rows with a key below the bound. */
  countBelow(bound: number): number {
    let rows = 0;
    for (let key = 0; key < bound; key++) rows += this.#histogram[key] as number;
    return rows;
  }

  /**
   * The least bound beyond which the rows left out weigh no more than `most` in all.
   * @param weigh what one row weighs by the similarity that its key stands for
   */
  boundByWeight(most: number, weigh: (similarity: number) => number): number {
    let weight = 0;
    for (let bound = this.keyCount; bound > 0; bound--) {
      const rows = this.#histogram[bound - 1] as number;
      if (rows === 0) continue;
      weight += rows * weigh(this.#bitKeys.similarities[bound - 1] as number);
      if (weight > most) return bound;
    }
    return 0;
  }

  /** Writes the positions of a chunk's rows with `low` ≤ key < `high` into the scratch; how many. */
  pick(rows: ChunkRows, scratch: Scratch, low: number, high: number): number {
    const positions = this.#codes.memory.views.uint16;
    const start = scratch.positions / 2;
    let picked = 0;
    for (let position = 0; position < rows.count; position++) {
      const key = this.#keys[rows.first + position] as number;
      if (key >= low && key < high) positions[start + picked++] = position;
    }
    return picked;
  }
}
