import type { SimilarityFunction } from "../../settings.ts";
import { type Scorer, scorer } from "../similarity.ts";
import { type ScoredRow, TopK } from "../top-k.ts";
import type { BitKeys } from "./bit-keys.ts";
import { BitScan } from "./bit-scan.ts";
import { CellScan } from "./cells/cell-scan.ts";
import type { Cells } from "./cells/cells.ts";
import type { ChunkRows, DenseCodes } from "./codes.ts";
import { type Metric, metrics } from "./metric.ts";
import { EncodedQuery } from "./query.ts";
import type { Scratch } from "./scratch.ts";
import { TailModel } from "./tail.ts";

/** Returns the exact vectors of rows, in their order: `float32[dimension]` each. */
export type ReadVectors = (rows: readonly number[]) => readonly Float32Array[];

/** What one search is asked. */
export interface DenseRequest {
  /** `float32[dimension]` */
  readonly query: Float32Array;
  /** From 1 to the number of rows that count. */
  readonly k: number;
  /** u8[rows], 1 for a row that counts. */
  readonly accepted: Uint8Array;
  readonly rowCount: number;
  /** Choose candidates by bits rather than measure every row that counts. */
  readonly usesBits: boolean;
  /** The int8 codes are loaded and rank the candidates. */
  readonly hasBytes: boolean;
  /** Give up if the first candidates are not enough. */
  readonly isBrief: boolean;
}

/** What it is asked of. */
export interface DenseSource {
  readonly codes: DenseCodes;
  readonly bitKeys: BitKeys;
  readonly similarity: SimilarityFunction;
  readonly readVectors: ReadVectors;
  /** Cells of all rows, if they exist: by cosine, with int8 codes. */
  readonly cells?: Cells;
}

/**
 * Candidates that bits choose at first: with int8 codes, some 0.1 µs each; without, one read each, 6 to
 * 30 µs, so no more than the tail model needs to judge by (tail.ts). Measured without int8 on clustered
 * vectors of 1,024 dimensions, whole and under filters of 10 % and 1 %: recall@10 1.000 with 192; with 128,
 * 0.993 on one tenth of 100,000; with 64, 0.993 on 1,000,000. On 100,000 vectors without structure the model
 * widens to some 25,000 from 128 as from 1,000.
 */
const firstCandidates = { withBytes: 400, bitsOnly: 192 } as const;

/** Minimum candidates per requested row. */
const candidatesPerResult = 4;

/** How much wider each round of candidates may be than the one before: the model learns from each. */
const widening = 4;

/**
 * The part of the k results that bits, or the cells that are left, may be expected to miss. Measured on 20,000 × 128 vectors without
 * structure: recall@10 0.998 for COSINE; 0.97 for DOT_PRODUCT with norms from 0.5 to 2, where the spread
 * grows with the norm and one deviation for all is too little.
 */
const missingShare = 0.01;

/** The most rows that float32 vectors rank if int8 codes cannot separate them, as with near duplicates. */
function mostSettled(k: number): number {
  return 8 * k + 256;
}

/** Vectors that are read at once, which halves the time of each: up to 0.3 ms. */
const readAtOnce = 32;

/** Rows of the nearest cells that are read at first: enough to know how similar the best are. */
const firstCellRows = 512;

/** For fewer results the tail table cannot tell so small a chance. */
const fewestResults = 5;

/** A search that has to read more of its rows than this share is faster by bits. */
const mostOfCells = 0.08;

/** One search, in steps of well under a millisecond and a read; the caller may pause between them. */
export class DenseSearch {
  readonly #request: DenseRequest;
  readonly #source: DenseSource;
  readonly #scratch: Scratch;
  readonly #metric: Metric;
  readonly #query: EncodedQuery;
  readonly #score: Scorer;
  /** The best by int8 estimate, as similarities; or by float32, as scores. */
  #best: TopK;

  constructor(source: DenseSource, request: DenseRequest, scratch: Scratch) {
    this.#source = source;
    this.#request = request;
    this.#scratch = scratch;
    this.#metric = metrics[source.similarity];
    this.#query = new EncodedQuery(request.query, this.#metric, source.codes, scratch);
    this.#score = scorer(source.similarity, request.query);
    this.#best = this.#noneYet();
  }

  #noneYet(): TopK {
    const { hasBytes, k } = this.#request;
    return new TopK(hasBytes ? mostSettled(k) : k);
  }

  /** @returns the best k rows with their exact scores, best first; `undefined` if it gave up */
  *steps(): Generator<void, ScoredRow[] | undefined> {
    if (!this.#request.usesBits) yield* this.#rankAll();
    else if (!(yield* this.#rankByCells()) && !(yield* this.#rankByBits())) return undefined;
    return this.#request.hasBytes ? yield* this.#settle() : this.#best.sorted();
  }

  *#rankAll(): Generator<void> {
    for (const rows of this.#source.codes.chunks(this.#request.rowCount)) {
      // A row that is worse than this many others is not among the best.
      yield* this.#rank(rows, this.#pickAccepted(rows), this.#best.worstScore);
      yield;
    }
  }

  /**
   * Ranks the rows of the nearest cells, and of more as long as those left are likely to matter.
   * @returns false, with nothing ranked, if there are no cells or too many would have to be read
   */
  *#rankByCells(): Generator<void, boolean> {
    const { cells, codes } = this.#source;
    if (cells === undefined || !this.#request.hasBytes) return false;
    const { query, accepted, rowCount, k } = this.#request;
    const scan = new CellScan(cells, query, accepted, rowCount);
    let wanted = Math.max(firstCellRows, candidatesPerResult * k);
    while (wanted > 0 && !scan.isOver) {
      if (scan.scanned + wanted > mostOfCells * cells.rowCount) {
        this.#best = this.#noneYet();
        return false;
      }
      for (const [chunk, positions] of scan.take(wanted)) {
        codes.memory.views.uint16.set(positions, this.#scratch.positions / 2);
        this.#rankByBytes(codes.chunkRows(chunk, rowCount), positions.length, this.#best.worstScore);
      }
      yield;
      wanted = scan.rowsUntil(this.#lastOfBest(), missingShare * Math.max(k, fewestResults));
    }
    return true;
  }

  /**
   * Takes candidates by their bits, and more as long as those left out are likely to matter.
   * @returns false if it gave up
   */
  *#rankByBits(): Generator<void, boolean> {
    const { codes, bitKeys } = this.#source;
    const { accepted, rowCount, k, hasBytes, isBrief } = this.#request;
    const atFirst = hasBytes ? firstCandidates.withBytes : firstCandidates.bitsOnly;
    const wanted = Math.max(atFirst, candidatesPerResult * k);
    const scan = new BitScan(codes, bitKeys, this.#scratch, wanted, rowCount);
    for (const rows of codes.chunks(rowCount)) {
      scan.scan(rows, accepted, this.#query.squaredNorm);
      yield;
    }
    const tail = new TailModel();
    let low = 0;
    let high = scan.boundOf(wanted);
    while (low < high) {
      for (const rows of codes.chunks(rowCount)) {
        const picked = scan.pick(rows, low, high);
        if (picked === 0) continue;
        // All of them: the model learns from each.
        yield* this.#rank(rows, picked, Number.NEGATIVE_INFINITY);
        this.#learn(tail, scan, rows, picked);
        yield;
      }
      const weigh = tail.chanceAbove(this.#lastOfBest());
      let enough = scan.boundByWeight(missingShare * k, weigh);
      if (enough > high && scan.isPartial) {
        yield* scan.complete(codes.chunks(rowCount));
        enough = scan.boundByWeight(missingShare * k, weigh);
      }
      if (enough > high && isBrief) return false;
      low = high;
      high = Math.min(enough, scan.boundOf(widening * scan.countBelow(high)));
    }
    return true;
  }

  #learn(tail: TailModel, scan: BitScan, rows: ChunkRows, picked: number): void {
    for (let place = 0; place < picked; place++) {
      tail.add(scan.predicted(rows, this.#pickedPosition(place)), this.#similarityOf(place));
    }
  }

  /** The similarity of the k-th best so far. */
  #lastOfBest(): number {
    const { k } = this.#request;
    const last = this.#best.best(k)[k - 1];
    if (last === undefined) return Number.NEGATIVE_INFINITY;
    return this.#request.hasBytes ? last.score : this.#metric.fromScore(last.score);
  }

  /** Writes the positions of a chunk's rows that count into the scratch; how many. */
  #pickAccepted({ first, count }: ChunkRows): number {
    const { memory } = this.#source.codes;
    const { accepted, positions } = this.#scratch;
    memory.views.uint8.set(this.#request.accepted.subarray(first, first + count), accepted);
    return memory.kernel.pickMarked(accepted, count, positions);
  }

  #pickedPosition(place: number): number {
    return this.#source.codes.memory.views.uint16[this.#scratch.positions / 2 + place] as number;
  }

  /** The similarity of a row picked, as it was measured. */
  #similarityOf(place: number): number {
    return this.#source.codes.memory.views.float64[this.#scratch.similarities / 8 + place] as number;
  }

  /**
   * Measures the selected rows, with int8 codes if they are loaded.
   * @param floor rows that are less similar need not be ranked
   */
  *#rank(rows: ChunkRows, picked: number, floor: number): Generator<void> {
    if (picked === 0) return;
    if (this.#request.hasBytes) this.#rankByBytes(rows, picked, floor);
    else yield* this.#rankByFloats(rows, picked);
  }

  #rankByBytes({ chunk, first }: ChunkRows, picked: number, floor: number): void {
    const { memory, byteStride } = this.#source.codes;
    const { kernel } = memory;
    const { queryCodes, positions, products, similarities } = this.#scratch;
    const { scale, squaredNorm } = this.#query;
    kernel.dotProducts(queryCodes, chunk.bytes, byteStride, positions, picked, products);
    const left = kernel.pickSimilar(
      positions,
      products,
      picked,
      chunk.scales,
      chunk.squaredNorms,
      this.#metric.kernelMetric,
      scale,
      squaredNorm,
      floor,
      similarities,
    );
    for (let place = 0; place < left; place++) {
      this.#best.offer(first + this.#pickedPosition(place), this.#similarityOf(place));
    }
  }

  *#rankByFloats(rows: ChunkRows, picked: number): Generator<void> {
    for (let start = 0; start < picked; start += readAtOnce) {
      const count = Math.min(readAtOnce, picked - start);
      const some = Array.from(
        { length: count },
        (_, place) => rows.first + this.#pickedPosition(start + place),
      );
      for (const [place, score] of this.#exactScores(some).entries()) {
        this.#source.codes.memory.views.float64[this.#scratch.similarities / 8 + start + place] =
          this.#metric.fromScore(score);
        this.#best.offer(some[place] as number, score);
      }
      yield;
    }
  }

  /** Exact scores for the k best estimates, and for all rows that may be among them. */
  *#settle(): Generator<void, ScoredRow[]> {
    const { k } = this.#request;
    const settled = new TopK(k);
    const contenders = this.#contenders();
    for (let start = 0; start < contenders.length; start += readAtOnce) {
      const rows: number[] = [];
      for (const { row, score: estimate } of contenders.slice(start, start + readAtOnce)) {
        // The margin of a vector out of float32's range is not a number: no reason to pass it over.
        if (!(this.#metric.toScore(estimate + this.#margin(row)) < settled.worstScore)) rows.push(row);
      }
      for (const [place, score] of this.#exactScores(rows).entries())
        settled.offer(rows[place] as number, score);
      yield;
    }
    return settled.sorted();
  }

  /** The rows that may be among the k best by int8 estimates, best estimate first. */
  #contenders(): ScoredRow[] {
    const leading = this.#best.best(this.#request.k);
    const floor = Math.min(...leading.map(({ row, score }) => score - this.#margin(row)));
    return this.#best.sorted(({ row, score }) => !(score + this.#margin(row) < floor));
  }

  /** How far the int8 estimate of a row may be off. */
  #margin(row: number): number {
    const { codes } = this.#source;
    return this.#query.margin(codes.scale(row), codes.squaredNorm(row));
  }

  #exactScores(rows: readonly number[]): number[] {
    const { readVectors, codes } = this.#source;
    return readVectors(rows).map((vector, place) =>
      this.#score(vector, codes.squaredNorm(rows[place] as number)),
    );
  }
}
