/** Blocks by bound, the highest first: a binary heap. */
export class BlockQueue {
  readonly #heap: Int32Array;
  readonly #bounds: Float32Array;
  #size: number;

  /** @param blocks become the heap */
  constructor(blocks: Int32Array, bounds: Float32Array) {
    this.#heap = blocks;
    this.#bounds = bounds;
    this.#size = blocks.length;
    for (let place = (this.#size >> 1) - 1; place >= 0; place--) this.#siftDown(place);
  }

  pop(): number | undefined {
    if (this.#size === 0) return undefined;
    const first = this.#heap[0] as number;
    this.#size--;
    this.#heap[0] = this.#heap[this.#size] as number;
    this.#siftDown(0);
    return first;
  }

  #siftDown(from: number): void {
    const block = this.#heap[from] as number;
    const bound = this.#bounds[block] as number;
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.#size) break;
      if (child + 1 < this.#size && this.#boundAt(child + 1) > this.#boundAt(child)) child++;
      if (this.#boundAt(child) <= bound) break;
      this.#heap[place] = this.#heap[child] as number;
      place = child;
    }
    this.#heap[place] = block;
  }

  #boundAt(place: number): number {
    return this.#bounds[this.#heap[place] as number] as number;
  }
}
