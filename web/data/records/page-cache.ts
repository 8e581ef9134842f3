/** Rows of a page. */
export const pageSize = 100;

/** Pages that are kept. */
const maximumPages = 40;

interface Page<T> {
  readonly rows: readonly T[];
  /** Whether all its rows are there. */
  readonly isWhole: boolean;
}

/** Pages of rows; the ones that were used last are kept. */
export class PageCache<T> {
  readonly #pages: Map<number, Page<T>> = new Map();

  isWhole(page: number): boolean {
    return this.#pages.get(page)?.isWhole ?? false;
  }

  /** The rows of a page that are there. */
  get(page: number): readonly T[] | undefined {
    const found = this.#pages.get(page);
    if (found === undefined) return undefined;
    this.#pages.delete(page);
    this.#pages.set(page, found);
    return found.rows;
  }

  set(page: number, rows: readonly T[], isWhole: boolean): void {
    this.#pages.delete(page);
    this.#pages.set(page, { rows, isWhole });
  }

  append(page: number, row: T): void {
    const found = this.#pages.get(page);
    const rows = [...(found?.rows ?? []), row];
    this.#pages.set(page, { rows, isWhole: rows.length === pageSize });
  }

  /** Drops the pages that were not used for longest, except those in use. */
  trim(isInUse: (page: number) => boolean): void {
    for (const page of this.#pages.keys()) {
      if (this.#pages.size <= maximumPages) return;
      if (!isInUse(page)) this.#pages.delete(page);
    }
  }
}
