import { type ScoredRow, TopK } from "../top-k.ts";
import { BlockQueue } from "./block-queue.ts";
import { blockBits, blockRows } from "./posting-blocks.ts";
import type { Term } from "./term.ts";

const round = Math.fround;

/** Entries, or blocks, of one step: well under a millisecond. */
const entriesPerStep = 20_000;

/** Entries of a block that are read as fast as one row is looked up in a term. */
const entriesPerLookup = 4;

/** Bound of the relative error of one float32 addition or product. */
const rounding = 2 ** -24;

/**
 * Finds the best rows of an inverted index without reading all of it. A row's score is the float32 sum of its
 * products in the order of the query's terms, as a search of every entry computes it.
 *
 * - *Blocks.* The bound of a block is the sum of its terms' bounds in the same order. Rounding is monotone, so no row
 *   of the block scores more. Blocks are read from the highest bound down, until the next is below the k-th score
 *   (Mallia, Suel and Tonellotto, "Faster Learned Sparse Retrieval with Block-Max Pruning", SIGIR 2024).
 * - *Terms.* Terms that together cannot reach the k-th score need not be read to find candidates: a row without one
 *   of the others is not among the best (MaxScore; Turtle and Flood, "Query Evaluation", 1995).
 *
 * An object is the memory of one search at a time.
 */
export class BlockSearch {
  /** For each block of the namespace, the bound of the score of its rows; 0 if no term has it. */
  #bounds: Float32Array = new Float32Array(0);
  /**
   * For each term and block, the place of the block in the term; -1 if it does not have it. A query with too many
   * terms for this table searches the blocks of its terms.
   */
  #places: Int32Array = new Int32Array(0);
  #blockCount = 0;
  #hasPlaces = true;
  readonly #mostPlaces: number;
  readonly #sums: Float32Array = new Float32Array(blockRows);
  readonly #isTouched: Uint8Array = new Uint8Array(blockRows);
  /** The touched rows of a block, as offsets. */
  readonly #touched: Uint8Array = new Uint8Array(blockRows);

  /** @param maximumPlaces entries of the table of places: 8 MB by default */
  constructor(maximumPlaces: number = 2 ** 21) {
    this.#mostPlaces = maximumPlaces;
  }

  /**
   * The best `k` accepted rows that share a term, in steps.
   * @param accepted marks the rows that count with 1
   */
  *search(terms: readonly Term[], k: number, accepted: Uint8Array): Generator<void, ScoredRow[]> {
    const best = new TopK(Math.min(k, accepted.length));
    const queue = yield* this.#boundBlocks(terms, Math.ceil(accepted.length / blockRows));
    const essential = new EssentialTerms(terms);
    let entries = 0;
    for (let block = queue.pop(); block !== undefined; block = queue.pop()) {
      const needed = best.worstScore;
      if ((this.#bounds[block] as number) < needed) break;
      const candidates = essential.reach(needed);
      entries +=
        candidates.length === terms.length
          ? this.#scoreBlock(block, terms, accepted, best)
          : this.#scoreCandidates(block, terms, candidates, essential, accepted, best);
      if (entries < entriesPerStep) continue;
      entries = 0;
      yield;
    }
    return best.sorted();
  }

  *#boundBlocks(terms: readonly Term[], blockCount: number): Generator<void, BlockQueue> {
    this.#blockCount = blockCount;
    if (this.#bounds.length < blockCount) this.#bounds = new Float32Array(2 * blockCount);
    const bounds = this.#bounds.fill(0, 0, blockCount);
    const size = terms.length * blockCount;
    this.#hasPlaces = size <= this.#mostPlaces;
    if (this.#hasPlaces && this.#places.length < size)
      this.#places = new Int32Array(Math.min(2 * size, this.#mostPlaces));
    const places = this.#places.fill(-1, 0, Math.min(size, this.#places.length));
    const isFound = new Uint8Array(blockCount);
    const found = new Int32Array(blockCount);
    let count = 0;
    let steps = 0;
    for (const [number, { blocks, bounds: added }] of terms.entries()) {
      const first = number * blockCount;
      for (let place = 0; place < blocks.length; place++) {
        const block = blocks[place] as number;
        if (this.#hasPlaces) places[first + block] = place;
        bounds[block] = (bounds[block] as number) + (added[place] as number);
        if (isFound[block] === 1) continue;
        isFound[block] = 1;
        found[count++] = block;
      }
      steps += blocks.length;
      if (steps < entriesPerStep) continue;
      steps = 0;
      yield;
    }
    return new BlockQueue(found.subarray(0, count), bounds);
  }

  /** Scores all rows of a block. @returns the number of entries that it has read, at most */
  #scoreBlock(block: number, terms: readonly Term[], accepted: Uint8Array, best: TopK): number {
    const firstRow = block << blockBits;
    const sums = this.#sums;
    let count = 0;
    for (let number = 0; number < terms.length; number++) {
      const place = this.#placeOf(number, block, terms);
      if (place >= 0) count = this.#add(terms[number] as Term, place, firstRow, count);
    }
    for (let place = 0; place < count; place++) {
      const offset = this.#takeTouched(place);
      if (accepted[firstRow + offset] === 1) best.offer(firstRow + offset, sums[offset] as number);
    }
    return terms.length + count * terms.length;
  }

  /** Scores the rows of a block that have an essential term, if they can reach the k-th score. */
  #scoreCandidates(
    block: number,
    terms: readonly Term[],
    candidates: readonly number[],
    { others, slack }: EssentialTerms,
    accepted: Uint8Array,
    best: TopK,
  ): number {
    const firstRow = block << blockBits;
    const sums = this.#sums;
    let count = 0;
    for (let each = 0; each < candidates.length; each++) {
      const number = candidates[each] as number;
      const place = this.#placeOf(number, block, terms);
      if (place >= 0) count = this.#add(terms[number] as Term, place, firstRow, count);
    }
    if (count === 0) return candidates.length;
    let rest = slack;
    let entries = 0;
    for (let each = 0; each < others.length; each++) {
      const number = others[each] as number;
      const place = this.#placeOf(number, block, terms);
      if (place < 0) continue;
      const { bounds, starts, rows } = terms[number] as Term;
      rest += bounds[place] as number;
      entries +=
        (place + 1 < starts.length ? (starts[place + 1] as number) : rows.length) - (starts[place] as number);
    }
    let likely = 0;
    for (let place = 0; place < count; place++) {
      if ((sums[this.#touched[place] as number] as number) + rest >= best.worstScore) likely++;
    }
    if (entries < entriesPerLookup * likely * others.length) {
      for (let place = 0; place < count; place++) this.#takeTouched(place);
      return this.#scoreBlock(block, terms, accepted, best);
    }
    for (let place = 0; place < count; place++) {
      const offset = this.#takeTouched(place);
      const row = firstRow + offset;
      if (accepted[row] !== 1) continue;
      // Replaces the bounds by what the row has, the highest first, as long as it can reach the k-th score.
      let bound = (sums[offset] as number) + rest;
      for (let each = others.length - 1; each >= 0 && bound >= best.worstScore; each--) {
        const number = others[each] as number;
        const at = this.#placeOf(number, block, terms);
        if (at < 0) continue;
        const term = terms[number] as Term;
        bound += this.#productOf(term, at, row) - (term.bounds[at] as number);
      }
      if (bound >= best.worstScore) best.offer(row, this.#scoreOf(row, block, terms));
    }
    return terms.length + count * terms.length;
  }

  /** The place of a block in a term; -1 if it does not have it. */
  #placeOf(number: number, block: number, terms: readonly Term[]): number {
    if (this.#hasPlaces) return this.#places[number * this.#blockCount + block] as number;
    const { blocks } = terms[number] as Term;
    let low = 0;
    let high = blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((blocks[middle] as number) <= block) low = middle;
      else high = middle - 1;
    }
    return blocks[low] === block ? low : -1;
  }

  #takeTouched(place: number): number {
    const offset = this.#touched[place] as number;
    this.#isTouched[offset] = 0;
    return offset;
  }

  /** Adds what a term gives the rows of a block. @returns the number of touched rows */
  #add(
    { weight, rows, values, starts }: Term,
    place: number,
    firstRow: number,
    touchedCount: number,
  ): number {
    const sums = this.#sums;
    const isTouched = this.#isTouched;
    const end = place + 1 < starts.length ? (starts[place + 1] as number) : rows.length;
    let count = touchedCount;
    for (let entry = starts[place] as number; entry < end; entry++) {
      const offset = (rows[entry] as number) - firstRow;
      const product = round(weight * (values[entry] as number));
      if (isTouched[offset] === 1) {
        sums[offset] = (sums[offset] as number) + product;
      } else {
        isTouched[offset] = 1;
        this.#touched[count++] = offset;
        sums[offset] = product;
      }
    }
    return count;
  }

  #scoreOf(row: number, block: number, terms: readonly Term[]): number {
    let score = 0;
    for (let number = 0; number < terms.length; number++) {
      const place = this.#placeOf(number, block, terms);
      if (place >= 0) score = round(score + this.#productOf(terms[number] as Term, place, row));
    }
    return score;
  }

  /** What a term adds to a row of the block at this place. */
  #productOf({ weight, rows, values, starts }: Term, place: number, row: number): number {
    let low = starts[place] as number;
    const end = place + 1 < starts.length ? (starts[place + 1] as number) : rows.length;
    // Rows ascend, so the entry of the n-th row of a block is among the first n.
    let high = Math.min(end, low + (row & (blockRows - 1)) + 1);
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((rows[middle] as number) <= row) low = middle;
      else high = middle;
    }
    return rows[low] === row ? round(weight * (values[low] as number)) : 0;
  }
}

/** The terms of which a row needs one to be among the best: all at first, fewer as the k-th score rises. */
class EssentialTerms {
  /** By bound, the highest first. */
  readonly #order: readonly number[];
  readonly #terms: readonly Term[];
  /** More than what float32 sums in different orders can differ by. */
  readonly slack: number;
  #candidates: readonly number[];
  /** The other terms. */
  others: readonly number[] = [];
  #othersBound = 0;

  constructor(terms: readonly Term[]) {
    this.#terms = terms;
    this.#order = [...terms.keys()].sort(
      (left, right) => (terms[right] as Term).bound - (terms[left] as Term).bound,
    );
    this.#candidates = this.#order;
    const isPrunable = terms.every(({ isPositive }) => isPositive);
    const total = terms.reduce((sum, { bound }) => sum + bound, 0);
    this.slack = isPrunable ? 4 * (terms.length + 1) * rounding * total : Number.POSITIVE_INFINITY;
  }

  /** The essential terms if a row needs a score of `needed`. It never falls. */
  reach(needed: number): readonly number[] {
    for (;;) {
      const last = this.#candidates.at(-1);
      if (last === undefined) break;
      const bound = this.#othersBound + (this.#terms[last] as Term).bound;
      if (bound + this.slack >= needed) break;
      this.#othersBound = bound;
      this.#candidates = this.#candidates.slice(0, -1);
      this.others = [...this.others, last];
    }
    return this.#candidates;
  }
}
