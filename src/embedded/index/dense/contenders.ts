import { type ScoredRow, TopK } from "../top-k.ts";
import type { Estimates } from "./best-estimates.ts";

/**
 * The rows that may be among the k most similar, as far as estimates tell: those whose estimate and error reach the k-th
 * best estimate less the errors of the best. So few rows need no heap: they are appended, and sorted out when there are
 * too many.
 */
export class Contenders implements Estimates {
  readonly #most: number;
  readonly #errorOf: (row: number, similarity: number) => number;
  readonly #leading: TopK;
  /** The largest error of a row that was ever among the k best. */
  #widest = 0;
  #rows: ScoredRow[] = [];
  /** The last of the rows that were kept when there were too many. */
  #last: ScoredRow | undefined;

  /**
   * @param most how many are kept in case estimates cannot separate them, as with near duplicates: at least `k`
   * @param errorOf how far an estimated similarity may be off
   */
  constructor(k: number, most: number, errorOf: (row: number, similarity: number) => number) {
    this.#most = most;
    this.#errorOf = errorOf;
    this.#leading = new TopK(k);
  }

  get worstOfBest(): number {
    return this.#leading.worstScore;
  }

  /** A row may be among the best if its estimate and its error together reach this. */
  get floor(): number {
    return this.#leading.worstScore - this.#widest;
  }

  offer(row: number, similarity: number): void {
    if (!(similarity < this.#leading.worstScore)) {
      // An error that is not a number, of a vector out of float32's range, leaves no floor.
      this.#widest = Math.max(this.#widest, this.#errorOf(row, similarity));
    }
    this.#leading.offer(row, similarity);
    const candidate = { row, score: similarity };
    if (this.#last !== undefined && byScore(this.#last, candidate) <= 0) return;
    this.#rows.push(candidate);
    if (this.#rows.length >= 2 * this.#most) this.#sortOut();
  }

  /** The contenders, best estimate first. */
  sorted(): ScoredRow[] {
    this.#sortOut();
    return this.#rows.sort(byScore);
  }

  #sortOut(): void {
    const { floor } = this;
    const kept = this.#rows.filter(({ row, score }) => !(score + this.#errorOf(row, score) < floor));
    if (kept.length > this.#most) {
      kept.sort(byScore).length = this.#most;
      this.#last = kept.at(-1);
    }
    this.#rows = kept;
  }
}

/** The better one first; of equal ones the earlier row. */
function byScore(left: ScoredRow, right: ScoredRow): number {
  return right.score - left.score || left.row - right.row;
}
