import { partialFlag } from "../../kernel/kernel.ts";
import type { BitKeys } from "./bit-keys.ts";
import { type ChunkRows, type DenseCodes, rowsPerChunk } from "./codes.ts";
import type { Scratch } from "./scratch.ts";

/** More than any distance in front: every row is compared whole. */
const everyDistance = 0x7ffe;

/** What is nearest is looked up after each of the first chunks, then after every sixteenth. */
const chunksBetweenLooks = 16;

/**
 * Of the rows seen so far, twice the share that is wanted of all, and 32, are taken to be near enough. Where
 * rows come in an order that this misjudges, those left at their front plane weigh in `boundByWeight`.
 */
const share = { factor: 2, least: 32 } as const;

/**
 * The keys of all rows for one query, and how many rows have each; both in the scratch. Rows whose front
 * plane rules them out of the nearest `wanted` are not compared further, until `complete` is called.
 */
export class BitScan {
  readonly #codes: DenseCodes;
  readonly #bitKeys: BitKeys;
  readonly #scratch: Scratch;
  readonly #wanted: number;
  readonly #rowCount: number;
  #mostInFront = everyDistance;

  /** @param rowCount how many rows are going to be scanned */
  constructor(codes: DenseCodes, bitKeys: BitKeys, scratch: Scratch, wanted: number, rowCount: number) {
    this.#codes = codes;
    this.#bitKeys = bitKeys;
    this.#scratch = scratch;
    this.#wanted = wanted;
    this.#rowCount = rowCount;
    this.#histogram.fill(0);
  }

  /** Rows by key, in a view that is good until the memory grows. */
  get #histogram(): Uint32Array {
    const start = this.#scratch.histogram / 4;
    return this.#codes.memory.views.uint32.subarray(start, start + this.#bitKeys.histogramLength);
  }

  /** Keys there are of rows compared whole: a bound of this many takes in every such row that counts. */
  get keyCount(): number {
    return this.#bitKeys.similarities.length;
  }

  /** The similarity that the key of a row represents. */
  predicted(row: number): number {
    const position = row % rowsPerChunk;
    const key = this.#codes.memory.views.uint16[this.#keysAt(row - position) / 2 + position] as number;
    return this.#bitKeys.similarities[key] as number;
  }

  /** Compares the query with the rows of one chunk. */
  scan(rows: ChunkRows, accepted: Uint8Array, querySquaredNorm: number): void {
    const { first, count, chunk } = rows;
    const { memory, planes } = this.#codes;
    const { queryFront, accepted: marks } = this.#scratch;
    const keys = this.#keysAt(first);
    memory.views.uint8.set(accepted.subarray(first, first + count), marks);
    const flag = planes.backStride === 0 ? 0 : partialFlag;
    memory.kernel.hammingDistances(queryFront, chunk.front, planes.frontStride, marks, count, flag, keys);
    this.#compareBacks(rows, this.#mostInFront);
    const { uint16, float32 } = memory.views;
    this.#bitKeys.fromDistances?.(
      uint16.subarray(keys / 2, keys / 2 + count),
      float32.subarray(chunk.squaredNorms / 4, chunk.squaredNorms / 4 + count),
      querySquaredNorm,
    );
    this.#countKeys(rows);
    this.#narrow(rows);
  }

  /** Whether rows were left at their front plane. */
  get isPartial(): boolean {
    return this.#mostInFront < everyDistance;
  }

  /** Compares the rest of these rows, chunk by chunk; `chunks` has to be all that were scanned. */
  *complete(chunks: Iterable<ChunkRows>): Generator<void> {
    this.#mostInFront = everyDistance;
    this.#histogram.fill(0);
    for (const rows of chunks) {
      this.#compareBacks(rows, everyDistance);
      this.#countKeys(rows);
      yield;
    }
  }

  /** The least bound that at least `count` rows have a key below, or that of all rows compared whole. */
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
   * The least bound beyond which the rows left out, whether compared whole or in part, weigh no more than
   * `most` in all.
   * @param weigh the weight of a row by the similarity of its key
   */
  boundByWeight(most: number, weigh: (similarity: number) => number): number {
    const histogram = this.#histogram;
    let weight = 0;
    for (const [distance, similarity] of this.#bitKeys.front?.similarities.entries() ?? []) {
      const rows = histogram[partialFlag + distance] as number;
      if (rows !== 0) weight += rows * weigh(similarity);
    }
    if (weight > most) return this.keyCount;
    for (let bound = this.keyCount; bound > 0; bound--) {
      const rows = histogram[bound - 1] as number;
      if (rows === 0) continue;
      weight += rows * weigh(this.#bitKeys.similarities[bound - 1] as number);
      if (weight > most) return bound;
    }
    return 0;
  }

  /** Writes a chunk's rows with `low` ≤ key < `high` into the scratch; how many. */
  pick({ first, count }: ChunkRows, low: number, high: number): number {
    const { kernel } = this.#codes.memory;
    return kernel.pickKeys(this.#keysAt(first), count, low, high, first, this.#scratch.rows);
  }

  #compareBacks({ first, count, chunk }: ChunkRows, mostInFront: number): void {
    const { memory, planes } = this.#codes;
    if (planes.backStride === 0) return;
    const { queryBack } = this.#scratch;
    memory.kernel.completeDistances(
      queryBack,
      chunk.back,
      planes.backStride,
      count,
      mostInFront,
      this.#keysAt(first),
    );
  }

  #countKeys({ first, count }: ChunkRows): void {
    const { histogram } = this.#scratch;
    this.#codes.memory.kernel.countKeys(this.#keysAt(first), count, this.#bitKeys.histogramLength, histogram);
  }

  /** Asks less of the rows to come, once enough are nearer. */
  #narrow({ first, count }: ChunkRows): void {
    const { front } = this.#bitKeys;
    const chunk = first / rowsPerChunk;
    if (front === undefined || (chunk >= chunksBetweenLooks && chunk % chunksBetweenLooks !== 0)) return;
    const seen = (first + count) / this.#rowCount;
    const bound = this.boundOf(Math.min(this.#wanted, share.least + share.factor * this.#wanted * seen));
    if (bound < this.keyCount) this.#mostInFront = front.mostInFront(bound);
  }

  /** The address of the keys of the chunk that begins with row `first`. */
  #keysAt(first: number): number {
    const { keys } = this.#scratch;
    const place = first / rowsPerChunk;
    keys[place] ??= this.#codes.memory.allocate(rowsPerChunk * 2);
    return keys[place];
  }
}
