import type { ImportListener } from "./events.ts";

/** Milliseconds over which the rate is taken. */
const windowMs = 20_000;
/** Milliseconds between two events. */
const intervalMs = 100;

/** Counts what is in the target, and says so from time to time. */
export class Progress {
  readonly #total: number;
  readonly #emit: ImportListener;
  readonly #now: () => number;
  #done = 0;
  #emittedAt = Number.NEGATIVE_INFINITY;
  /** Times of acknowledgements within the window, with their records; the first one is where it starts. */
  #recent: { readonly at: number; readonly records: number }[];

  /** @param now milliseconds of a clock that never goes back */
  constructor(total: number, emit: ImportListener, now: () => number = () => performance.now()) {
    this.#total = total;
    this.#emit = emit;
    this.#now = now;
    this.#recent = [{ at: now(), records: 0 }];
  }

  skip(records: number): void {
    this.#done += records;
    this.#report();
  }

  acknowledge(records: number): void {
    this.#done += records;
    const at = this.#now();
    this.#recent.push({ at, records });
    while (this.#recent.length > 2 && at - (this.#recent[0]?.at ?? at) > windowMs) this.#recent.shift();
    this.#report();
  }

  #report(): void {
    if (this.#now() - this.#emittedAt >= intervalMs) this.report();
  }

  report(): void {
    this.#emittedAt = this.#now();
    const recordsPerSecond = this.#rate();
    const left = Math.max(0, this.#total - this.#done);
    this.#emit({
      type: "progress",
      done: this.#done,
      total: this.#total,
      recordsPerSecond,
      ...(recordsPerSecond > 0 && { secondsLeft: left / recordsPerSecond }),
    });
  }

  #rate(): number {
    const [start, ...acknowledged] = this.#recent;
    const seconds = (this.#now() - (start?.at ?? 0)) / 1_000;
    if (seconds <= 0) return 0;
    return acknowledged.reduce((sum, { records }) => sum + records, 0) / seconds;
  }
}
