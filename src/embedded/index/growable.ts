type NumberArray = Int32Array | Float32Array | Float64Array | Uint8Array;

/** A typed array that grows at its end by doubling its capacity. */
export class Growable<A extends NumberArray> {
  length = 0;
  #array: A;
  readonly #allocate: (capacity: number) => A;

  constructor(allocate: (capacity: number) => A, capacity = 16) {
    this.#allocate = allocate;
    this.#array = allocate(capacity);
  }

  /** The backing array; entries from `length` on are undefined. A `push` may replace it. */
  get array(): A {
    return this.#array;
  }

  /** The entries, as a view that is valid until the next `push`. */
  get view(): A {
    return this.#array.subarray(0, this.length) as A;
  }

  /** Replaces all entries. */
  replace(entries: A): void {
    this.#array = entries;
    this.length = entries.length;
  }

  push(value: number): void {
    if (this.length === this.#array.length) {
      const larger = this.#allocate(Math.max(16, this.#array.length * 2));
      larger.set(this.#array);
      this.#array = larger;
    }
    this.#array[this.length++] = value;
  }
}
