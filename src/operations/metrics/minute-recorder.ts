import { type Bucket, type CounterName, type LatencyName, minuteMs } from "./bucket.ts";
import { Latencies } from "./latencies.ts";

/** Finished minutes that wait to be written. Older ones are dropped and become a gap of the history. */
const maximumPending = 60;

/** Counts and durations of the current minute, and the finished minutes that are not yet written. */
export class MinuteRecorder {
  readonly #now: () => number;
  readonly #latencies = new Map<LatencyName, Latencies>();
  #minute: number;
  #counters: Partial<Record<CounterName, number>> = {};
  #finished: Bucket[] = [];

  /** @param now epoch milliseconds */
  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#minute = this.#thisMinute();
  }

  count(name: CounterName, count = 1): void {
    this.#roll();
    this.#counters[name] = (this.#counters[name] ?? 0) + count;
  }

  time(name: LatencyName, milliseconds: number): void {
    this.#roll();
    let latencies = this.#latencies.get(name);
    if (latencies === undefined) {
      latencies = new Latencies();
      this.#latencies.set(name, latencies);
    }
    latencies.record(milliseconds);
  }

  /** The minutes that are not yet written, oldest first; the last one is the current minute so far. */
  pending(): readonly Bucket[] {
    this.#roll();
    return [...this.#finished, this.#current()];
  }

  /** Drops the finished minutes up to this one: they are written. */
  written(startMs: number): void {
    this.#finished = this.#finished.filter((bucket) => bucket.startMs > startMs);
  }

  #thisMinute(): number {
    return Math.floor(this.#now() / minuteMs) * minuteMs;
  }

  #roll(): void {
    const minute = this.#thisMinute();
    // A clock that is set back adds to the minute that was begun.
    if (minute <= this.#minute) return;
    this.#finished.push(this.#current());
    if (this.#finished.length > maximumPending) this.#finished.shift();
    this.#minute = minute;
    this.#counters = {};
    for (const latencies of this.#latencies.values()) latencies.reset();
  }

  #current(): Bucket {
    const recorded = [...this.#latencies].filter(([, latencies]) => latencies.count > 0);
    return {
      startMs: this.#minute,
      counters: { ...this.#counters },
      latencies: Object.fromEntries(recorded.map(([name, latencies]) => [name, latencies.encode()])),
    };
  }
}
