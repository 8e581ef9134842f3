import { Rate } from "../rate.ts";
import type { ImportListener } from "./events.ts";

/** Milliseconds between two events. */
const intervalMs = 100;

/** Counts the records that are in the target, and reports them from time to time. */
export class Progress {
  readonly #total: number;
  readonly #emit: ImportListener;
  readonly #now: () => number;
  readonly #rate: Rate;
  #done = 0;
  #emittedAt = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds of a monotonic clock */
  constructor(total: number, emit: ImportListener, now: () => number = () => performance.now()) {
    this.#total = total;
    this.#emit = emit;
    this.#now = now;
    this.#rate = new Rate(now);
  }

  skip(records: number): void {
    this.#done += records;
    this.#reportSometimes();
  }

  acknowledge(records: number): void {
    this.#done += records;
    this.#rate.add(records);
    this.#reportSometimes();
  }

  #reportSometimes(): void {
    if (this.#now() - this.#emittedAt >= intervalMs) this.report();
  }

  report(): void {
    this.#emittedAt = this.#now();
    const secondsLeft = this.#rate.secondsLeft(this.#total - this.#done);
    this.#emit({
      type: "progress",
      done: this.#done,
      total: this.#total,
      recordsPerSecond: this.#rate.perSecond,
      ...(secondsLeft !== undefined && { secondsLeft }),
    });
  }
}
