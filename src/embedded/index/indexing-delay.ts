/** Every slot is visible. */
const everySlot = Number.MAX_SAFE_INTEGER;

/**
 * Simulates that the service indexes records some time after it has acknowledged them: queries see only
 * slots up to the horizon. Fetch, range, update and delete are not delayed: a record that a write has replaced is found
 * in neither version until the new one is indexed.
 */
export class IndexingDelay {
  /** Milliseconds; 0: no delay. May be changed at any time. */
  delayMs = 0;
  /** Writes that are not indexed yet, oldest first: the last slot before each, and when it was made. */
  #writes: { readonly slotBefore: number; readonly time: number }[] = [];
  readonly #now: () => number;

  /** @param now the time in milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** A write has been acknowledged. @param slotBefore the last slot before it */
  note(slotBefore: number): void {
    if (this.delayMs > 0) this.#writes.push({ slotBefore, time: this.#now() });
  }

  /** The last slot that queries see. */
  horizon(): number {
    const due = this.#now() - this.delayMs;
    const firstHidden = this.#writes.findIndex(({ time }) => time > due);
    this.#writes = firstHidden < 0 ? [] : this.#writes.slice(firstHidden);
    return this.#writes[0]?.slotBefore ?? everySlot;
  }
}
