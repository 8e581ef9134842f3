import type { ScoredRow } from "../top-k.ts";
import { TopK } from "../top-k.ts";
import type { BestEstimates } from "./best-estimates.ts";
import type { Contenders } from "./contenders.ts";
import type { Metric } from "./metric.ts";
import type { EncodedQuery } from "./query.ts";
import { TailModel, upperTail } from "./tail.ts";

/** Vectors that are read at once, which halves the time of each: up to 0.3 ms. */
const readAtOnce = 32;

/** The same by estimates of bits, between two looks at whether they are enough. */
const readsBetweenLooks = 8;

/** After so many vectors, the relation of estimates and similarities is known (tail.ts). */
const readsThatTell = 192;

/** The rows that codes found, ranked by their exact scores. */
export class Settlement {
  readonly #k: number;
  readonly #query: EncodedQuery;
  readonly #metric: Metric;
  readonly #scoresOf: (rows: readonly number[]) => readonly number[];
  /** Scores by row, of the vectors that were read. */
  readonly #scores = new Map<number, number>();

  /** @param scoresOf the exact scores of rows */
  constructor(
    k: number,
    query: EncodedQuery,
    metric: Metric,
    scoresOf: (rows: readonly number[]) => readonly number[],
  ) {
    this.#k = k;
    this.#query = query;
    this.#metric = metric;
    this.#scoresOf = scoresOf;
  }

  /** By int8 estimates: the k best, and all rows that may be among them. */
  *byBytes(found: Contenders): Generator<void, ScoredRow[]> {
    const settled = new TopK(this.#k);
    const contenders = found.sorted();
    for (let start = 0; start < contenders.length; start += readAtOnce) {
      const few = contenders.slice(start, start + readAtOnce).filter(
        ({ row, score: estimate }) =>
          // The margin of a vector out of float32's range is not a number: no reason to pass it over.
          !(this.#metric.toScore(estimate + this.#query.errorOf(row, estimate)) < settled.worstScore),
      );
      this.#offer(few, settled);
      yield;
    }
    return settled.sorted();
  }

  /**
   * By estimates of bits: the best ones, until the others are unlikely to hold more than `most` of the k best.
   *
   * @param left rows that were estimated, and are worse than all of `found`
   * @returns `undefined` if the rows in `found` are not enough
   */
  *byBits(found: BestEstimates, left: number, most: number): Generator<void, ScoredRow[] | undefined> {
    const settled = new TopK(this.#k);
    const tail = new TailModel();
    const ranked = found.sorted();
    let end = 0;
    for (let start = 0; start < ranked.length; start = end) {
      const isFull = start >= this.#k;
      if (isFull && this.#isEnough(ranked, start, left, most, settled, tail)) return settled.sorted();
      end = isFull ? start + readsBetweenLooks : Math.min(this.#k, start + readAtOnce);
      const few = ranked.slice(start, end);
      this.#offer(few, settled);
      for (const { row, score: estimate } of few) {
        tail.add(estimate, this.#metric.fromScore(this.#scores.get(row) as number));
      }
      yield;
    }
    if (left === 0 || this.#isEnough(ranked, ranked.length, left, most, settled, tail))
      return settled.sorted();
    return undefined;
  }

  #isEnough(
    ranked: readonly ScoredRow[],
    from: number,
    left: number,
    most: number,
    settled: TopK,
    tail: TailModel,
  ): boolean {
    const least = this.#metric.fromScore(settled.worstScore);
    const byDeviation = ({ row, score }: ScoredRow) =>
      upperTail(least - score, this.#query.errorOf(row, score));
    if (this.#weighs(ranked, from, left, most, byDeviation)) return true;
    if (from < readsThatTell) return false;
    const chance = tail.chanceAbove(least);
    return this.#weighs(ranked, from, left, most, ({ score }) => chance(score));
  }

  /** Whether the rows that were not read weigh no more than `most`. */
  #weighs(
    ranked: readonly ScoredRow[],
    from: number,
    left: number,
    most: number,
    weigh: (row: ScoredRow) => number,
  ): boolean {
    const last = ranked.at(-1);
    let weight = left === 0 || last === undefined ? 0 : left * weigh(last);
    for (let place = from; place < ranked.length && weight <= most; place++) {
      weight += weigh(ranked[place] as ScoredRow);
    }
    return weight <= most;
  }

  #offer(few: readonly ScoredRow[], settled: TopK): void {
    const unread = few.map(({ row }) => row).filter((row) => !this.#scores.has(row));
    if (unread.length > 0)
      this.#scoresOf(unread).forEach((score, place) => {
        this.#scores.set(unread[place] as number, score);
      });
    for (const { row } of few) settled.offer(row, this.#scores.get(row) as number);
  }
}
