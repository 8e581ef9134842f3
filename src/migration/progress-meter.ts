import { Rate } from "./rate.ts";

/** Progress of long work. */
export interface ProgressEvent {
  readonly type: "progress";
  /** Number of records, including those of earlier runs. */
  readonly done: number;
  readonly total: number;
  /** Over the last 20 seconds. */
  readonly recordsPerSecond: number;
  /** Absent until the estimate means something. */
  readonly secondsLeft?: number;
}

/** Milliseconds between two events. */
const intervalMs = 100;

/** Adds rate and time left to plain counts, up to ten times a second and at the end. */
export class ProgressMeter {
  readonly #emit: (event: ProgressEvent) => void;
  readonly #now: () => number;
  readonly #rate: Rate;
  #done = 0;
  #total = 0;
  #emittedAt = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds of a monotonic clock */
  constructor(emit: (event: ProgressEvent) => void, now: () => number = () => performance.now()) {
    this.#emit = emit;
    this.#now = now;
    this.#rate = new Rate(now);
  }

  /** @param worked records that count for the rate; 0 for records that were skipped */
  update(done: number, total: number, worked: number = done - this.#done): void {
    if (worked > 0) this.#rate.add(worked);
    this.#done = done;
    this.#total = total;
    if (done >= total || this.#now() - this.#emittedAt >= intervalMs) this.report();
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
