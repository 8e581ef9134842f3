import { Rate } from "../rate.ts";
import type { ProgressEvent } from "./event.ts";

/** Milliseconds between two events. */
const intervalMs = 100;

/** Adds rate and time left to plain counts, up to ten times a second and at the end. */
export class ProgressMeter {
  readonly #emit: (event: ProgressEvent) => void;
  readonly #now: () => number;
  readonly #rate: Rate;
  #done = 0;
  #emittedAt = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds of a monotonic clock */
  constructor(emit: (event: ProgressEvent) => void, now: () => number = () => performance.now()) {
    this.#emit = emit;
    this.#now = now;
    this.#rate = new Rate(now);
  }

  update(done: number, total: number): void {
    if (done > this.#done) this.#rate.add(done - this.#done);
    this.#done = done;
    const now = this.#now();
    if (done < total && now - this.#emittedAt < intervalMs) return;
    this.#emittedAt = now;
    const secondsLeft = this.#rate.secondsLeft(total - done);
    this.#emit({
      type: "progress",
      done,
      total,
      recordsPerSecond: this.#rate.perSecond,
      ...(secondsLeft !== undefined && { secondsLeft }),
    });
  }
}
