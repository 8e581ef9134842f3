/**
 * Bytes of a batch of records, about: small beside the heap of a process also when several batches of both sides of
 * a migration are in memory, and large enough that the cost of a request does not count.
 */
export const maximumBatchBytes: number = 8 * 1_024 * 1_024;

/** Collects items into batches that are bounded by number and by bytes; an item that is too large is alone. */
export class BoundedBatch<Item> {
  readonly #maximumCount: number;
  #items: Item[] = [];
  #bytes = 0;

  constructor(maximumCount: number) {
    this.#maximumCount = maximumCount;
  }

  /** @returns the batch that was complete before this item, if it does not take the item */
  add(item: Item, bytes: number): Item[] | undefined {
    const isFull = this.#items.length >= this.#maximumCount || this.#bytes + bytes > maximumBatchBytes;
    const full = isFull && this.#items.length > 0 ? this.take() : undefined;
    this.#items.push(item);
    this.#bytes += bytes;
    return full;
  }

  /** The items since the last complete batch, which may be none. */
  take(): Item[] {
    const items = this.#items;
    this.#items = [];
    this.#bytes = 0;
    return items;
  }
}

/** Items of the first page, whose sizes are not known. */
const firstPage = 50;
/** A page is not allowed to grow faster: the next records may be larger than the last. */
const growth = 4;

/** The number of items to ask for, so that a page of about as large items as the last page stays within the bound. */
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
