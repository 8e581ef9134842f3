import type { WorkReport } from "./claimed-work.ts";

/**
 * How many records a pass of a worker takes. On a slow store a large batch outlives its claims, is given up and taken
 * again, and never ends. So the batch is halved after a pass that may have failed by its size, and doubled after one that
 * finished a whole batch.
 */
export class BatchSize {
  readonly #largest: number;
  #size: number;

  constructor(largest: number) {
    this.#largest = largest;
    this.#size = largest;
  }

  get size(): number {
    return this.#size;
  }

  /** Learns from a pass with the present size. */
  note({ done, isTooLarge }: Pick<WorkReport, "done" | "isTooLarge">): void {
    if (isTooLarge) this.#size = Math.max(1, this.#size >> 1);
    else if (done >= this.#size) this.#size = Math.min(this.#largest, this.#size * 2);
  }
}
