/** Numbers from 0 to below 1; the same for the same seed (mulberry32). Not for secrets. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A sample of a sequence of unknown length, in one pass: every item has the same chance to be in it (Vitter,
 * 1985, "Random sampling with a reservoir", algorithm R).
 */
export class Reservoir<Item> {
  readonly items: Item[] = [];
  readonly #size: number;
  readonly #random: () => number;
  #seen = 0;

  /** @param size maximum number of items */
  constructor(size: number, seed = 1) {
    this.#size = size;
    this.#random = seededRandom(seed);
  }

  /** @param item called only if the item is taken */
  offer(item: () => Item): void {
    this.#seen++;
    const place =
      this.items.length < this.#size ? this.items.length : Math.floor(this.#random() * this.#seen);
    if (place < this.#size) this.items[place] = item();
  }
}
