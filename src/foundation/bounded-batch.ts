/**
 * Approximate bytes of a batch of records: small enough for several batches of both sides of a migration in memory, and
 * large enough that the cost per request is negligible.
 */
export const maximumBatchBytes: number = 8 * 1_024 * 1_024;

/** Collects items into batches that are bounded by number and by bytes; an item beyond the bound gets its own batch. */
export class BoundedBatch<Item> {
  readonly #maximumCount: number;
  #items: Item[] = [];
  #bytes = 0;

  constructor(maximumCount: number) {
    this.#maximumCount = maximumCount;
  }

  /** @returns the completed batch if this item does not fit into it */
  add(item: Item, bytes: number): Item[] | undefined {
    const isFull = this.#items.length >= this.#maximumCount || this.#bytes + bytes > maximumBatchBytes;
    const full = isFull && this.#items.length > 0 ? this.take() : undefined;
    this.#items.push(item);
    this.#bytes += bytes;
    return full;
  }

  /** The items since the last complete batch; may be empty. */
  take(): Item[] {
    const items = this.#items;
    this.#items = [];
    this.#bytes = 0;
    return items;
  }
}

/** Items of the first page, whose sizes are not known. */
const firstPage = 50;
/** Limit on the growth of pages, because the next records may be larger. */
const growth = 4;

/** The number of items to request, so that a page of similar items stays within the bound. */
export class PageSize {
  readonly #maximum: number;
  #next: number;

  constructor(maximum: number) {
    this.#maximum = maximum;
    this.#next = Math.min(maximum, firstPage);
  }

  get next(): number {
    return this.#next;
  }

  /** @param bytes of the page that was received */
  observe(count: number, bytes: number): void {
    if (count === 0) return;
    const fitting = Math.floor(maximumBatchBytes / Math.max(1, bytes / count));
    this.#next = Math.max(1, Math.min(this.#maximum, count * growth, fitting));
  }
}
