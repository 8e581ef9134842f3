type NumberArray = Int32Array | Float32Array | Float64Array | Uint8Array;

/** A typed array that grows at its end, doubling its room. */
export class Growable<A extends NumberArray> {
  length = 0;
  #array: A;
  readonly #allocate: (capacity: number) => A;

  constructor(allocate: (capacity: number) => A, capacity = 16) {
    this.#allocate = allocate;
    this.#array = allocate(capacity);
  }

  /** The backing array; entries from `length` on mean nothing. Taken anew after each `push`. */
  get array(): A {
    return this.#array;
  }

  push(value: number): void {
    if (this.length === this.#array.length) {
      const larger = this.#allocate(this.#array.length * 2);
      larger.set(this.#array);
      this.#array = larger;
    }
    this.#array[this.length++] = value;
  }
}
