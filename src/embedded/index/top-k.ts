/** A row of a mirror with its score. */
export interface ScoredRow {
  readonly row: number;
  readonly score: number;
}

/**
 * The best k of the offered rows by score; of equal scores the earlier row first. A binary
 * heap with the worst on top.
 */
export class TopK {
  readonly #rows: Int32Array;
  readonly #scores: Float64Array;
  #size = 0;

  constructor(k: number) {
    this.#rows = new Int32Array(k);
    this.#scores = new Float64Array(k);
  }

  /** The number of kept rows. */
  get size(): number {
    return this.#size;
  }

  offer(row: number, score: number): void {
    if (this.#size < this.#rows.length) {
      this.#siftUp(this.#size++, row, score);
    } else if (this.#size > 0 && this.#isWorse(0, row, score)) {
      this.#siftDown(row, score);
    }
  }

  /** The score of the worst of k; -∞ as long as there are fewer. */
  get worstScore(): number {
    const isFull = this.#size === this.#rows.length && this.#size > 0;
    return isFull ? (this.#scores[0] as number) : Number.NEGATIVE_INFINITY;
  }

  /** The worst of k; `undefined` as long as there are fewer. */
  get worst(): ScoredRow | undefined {
    if (this.#size < this.#rows.length || this.#size === 0) return undefined;
    return { row: this.#rows[0] as number, score: this.#scores[0] as number };
  }

  /** The best `count` of the kept rows, best first. */
  best(count: number): ScoredRow[] {
    const few = new TopK(count);
    for (let place = 0; place < this.#size; place++) {
      few.offer(this.#rows[place] as number, this.#scores[place] as number);
    }
    return few.sorted();
  }

  /** The rows that are kept, best first. */
  sorted(keep: (row: ScoredRow) => boolean = () => true): ScoredRow[] {
    const rows: ScoredRow[] = [];
    for (let place = 0; place < this.#size; place++) {
      const row = { row: this.#rows[place] as number, score: this.#scores[place] as number };
      if (keep(row)) rows.push(row);
    }
    return rows.sort((left, right) => right.score - left.score || left.row - right.row);
  }

  #isWorse(place: number, row: number, score: number): boolean {
    const held = this.#scores[place] as number;
    return held < score || (held === score && (this.#rows[place] as number) > row);
  }

  #set(place: number, row: number, score: number): void {
    this.#rows[place] = row;
    this.#scores[place] = score;
  }

  #move(from: number, to: number): void {
    this.#set(to, this.#rows[from] as number, this.#scores[from] as number);
  }

  #siftUp(from: number, row: number, score: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#isWorse(parent, row, score)) break;
      this.#move(parent, place);
      place = parent;
    }
    this.#set(place, row, score);
  }

  #siftDown(row: number, score: number): void {
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.#size) break;
      const other = child + 1;
      if (
        other < this.#size &&
        this.#isWorse(other, this.#rows[child] as number, this.#scores[child] as number)
      ) {
        child = other;
      }
      if (!this.#isWorse(child, row, score)) break;
      this.#move(child, place);
      place = child;
    }
    this.#set(place, row, score);
  }
}
