import { type ScoredRow, TopK } from "../top-k.ts";

/** Rows by estimated similarity, from which float32 vectors choose the best. */
export interface Estimates {
  /** The similarity that the k-th best so far has at least, as far as its estimate is known; -∞ if there are fewer. */
  readonly worstOfBest: number;
  /** Less similar rows need not be offered. */
  readonly floor: number;
  offer(row: number, similarity: number): void;
}

/** The rows of the best estimates; their errors do not count. */
export class BestEstimates implements Estimates {
  readonly #k: number;
  readonly #best: TopK;
  readonly #errorOf: (row: number, similarity: number) => number;

  /** @param kept how many: at least `k` */
  constructor(k: number, kept: number, errorOf: (row: number, similarity: number) => number) {
    this.#k = k;
    this.#best = new TopK(kept);
    this.#errorOf = errorOf;
  }

  get size(): number {
    return this.#best.size;
  }

  /** By bits, the best of many are those whose estimates are too high. */
  get worstOfBest(): number {
    const last = this.#best.best(this.#k)[this.#k - 1];
    return last === undefined ? Number.NEGATIVE_INFINITY : last.score - this.#errorOf(last.row, last.score);
  }

  get floor(): number {
    return this.#best.worstScore;
  }

  offer(row: number, similarity: number): void {
    this.#best.offer(row, similarity);
  }

  sorted(): ScoredRow[] {
    return this.#best.sorted();
  }
}
