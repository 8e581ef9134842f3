import type { ProgressEvent } from "./event.ts";

/** Milliseconds between two events. */
const intervalMs = 100;

/** Seconds before the rate is an estimate. */
const warmUpSeconds = 3;

/** Adds rate and time left to plain counts, up to ten times a second and at the end. */
export class ProgressMeter {
  readonly #emit: (event: ProgressEvent) => void;
  readonly #now: () => number;
  readonly #startedAt: number;
  #emittedAt = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds of a monotonic clock */
  constructor(emit: (event: ProgressEvent) => void, now: () => number = () => performance.now()) {
    this.#emit = emit;
    this.#now = now;
    this.#startedAt = now();
  }

  update(done: number, total: number): void {
    const now = this.#now();
    if (done < total && now - this.#emittedAt < intervalMs) return;
    this.#emittedAt = now;
    const seconds = (now - this.#startedAt) / 1_000;
    const recordsPerSecond = seconds > 0 ? done / seconds : 0;
    // The first batches also open connections and fill caches: their rate is no estimate.
    const isKnown = recordsPerSecond > 0 && (seconds >= warmUpSeconds || done >= total);
    this.#emit({
      type: "progress",
      done,
      total,
      recordsPerSecond,
      ...(isKnown && { secondsLeft: Math.max(0, total - done) / recordsPerSecond }),
    });
  }
}
