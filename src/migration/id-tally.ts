/** How many, and the first of them. */
export interface CountedIds {
  readonly count: number;
  readonly ids: readonly string[];
}

/** Counts ids and keeps the first. */
export class IdTally implements CountedIds {
  count = 0;
  readonly ids: string[] = [];
  readonly #told: number;

  /** @param told how many are kept */
  constructor(told = 10) {
    this.#told = told;
  }

  add(id: string): void {
    this.count++;
    if (this.ids.length < this.#told) this.ids.push(id);
  }
}
