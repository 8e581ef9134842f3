import type { Row, RowSource } from "./row-source.ts";

/** Rows that a sort orders at most: all of them have to be read and kept. */
const maximumSorted = 2_000;

/**
 * The first rows of a source in another order. The API cannot sort, so the rows are read first, and the count says how
 * many the order is about.
 */
export class SortedSource implements RowSource {
  readonly #source: RowSource;
  readonly #compare: (left: Row, right: Row) => number;
  readonly #unsubscribe: () => void;
  #rows: readonly Row[] | undefined;

  constructor(source: RowSource, compare: (left: Row, right: Row) => number) {
    this.#source = source;
    this.#compare = compare;
    this.#unsubscribe = source.subscribe(() => this.#sort());
    source.want(0, maximumSorted - 1);
    this.#sort();
  }

  get count(): number {
    return this.#rows?.length ?? Math.min(this.#source.count, maximumSorted);
  }

  get isCountExact(): boolean {
    return this.#rows !== undefined;
  }

  get isLoading(): boolean {
    return this.#source.isLoading;
  }

  get error(): Error | undefined {
    return this.#source.error;
  }

  get scanned(): number | undefined {
    return this.#source.scanned;
  }

  get passed(): number | undefined {
    return this.#source.passed;
  }

  row(place: number): Row | undefined {
    return this.#rows?.[place];
  }

  want(): void {}

  stop(): void {
    this.#source.stop();
  }

  resume(): void {
    this.#source.resume();
  }

  finish(): void {
    this.#source.finish();
  }

  subscribe(listener: () => void): () => void {
    return this.#source.subscribe(listener);
  }

  /** The source stays open: the rows may be wanted in their own order again. */
  close(): void {
    this.#unsubscribe();
  }

  #sort(): void {
    if (this.#source.isLoading) return;
    const rows: Row[] = [];
    for (
      let row = this.#source.row(0);
      row && rows.length < maximumSorted;
      row = this.#source.row(rows.length)
    )
      rows.push(row);
    this.#rows = rows.sort(this.#compare);
  }
}
