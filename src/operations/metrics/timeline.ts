import {
  type Bucket,
  type Counters,
  hourMs,
  type LatencyName,
  mergeLatencies,
  minuteMs,
  sumCounters,
} from "./bucket.ts";
import type { Latencies } from "./latencies.ts";

/** How long minutes are kept in memory; before that, hours count. */
export const minutesKeptMs: number = 26 * hourMs;

/** How long hours are kept in memory: the days of an error budget, and one more. */
export const hoursKeptMs: number = 31 * 24 * hourMs;

/**
 * What all replicas measured, in memory: the last 26 hours by the minute, 31 days by the hour. At most some ten
 * megabytes for three replicas under load.
 */
export class Timeline {
  /** By start, then by replica. */
  readonly #minutes = new Map<number, Map<string, Bucket>>();
  readonly #hours = new Map<number, Bucket>();

  addMinute(replica: string, bucket: Bucket): void {
    let replicas = this.#minutes.get(bucket.startMs);
    if (replicas === undefined) {
      replicas = new Map();
      this.#minutes.set(bucket.startMs, replicas);
    }
    replicas.set(replica, bucket);
  }

  addHour(bucket: Bucket): void {
    this.#hours.set(bucket.startMs, bucket);
  }

  /** Forgets what is too old to count. */
  prune(now: number): void {
    for (const start of this.#minutes.keys()) if (start < this.#firstMinute(now)) this.#minutes.delete(start);
    for (const start of this.#hours.keys()) if (start < now - hoursKeptMs) this.#hours.delete(start);
  }

  /** Sums of the last minutes, and of the minute that has begun. */
  counters(now: number, minutes: number): Counters {
    return sumCounters(this.#buckets(now, minutes).map(({ counters }) => counters));
  }

  /** Durations of the last minutes, which must be within 26 hours; `undefined` without any. */
  latencies(now: number, minutes: number, name: LatencyName): Latencies | undefined {
    return mergeLatencies(this.#buckets(now, minutes), name);
  }

  /** Begin of the last minute in which this was counted; `undefined` if it was not within 26 hours. */
  lastMinuteWith(name: keyof Counters): number | undefined {
    const starts = [...this.#minutes].flatMap(([start, replicas]) =>
      [...replicas.values()].some(({ counters }) => (counters[name] ?? 0) > 0) ? [start] : [],
    );
    return starts.length === 0 ? undefined : Math.max(...starts);
  }

  /** Replicas with a minute that began within these milliseconds. */
  replicas(now: number, withinMs: number): string[] {
    const recent = [...this.#minutes].filter(([start]) => start > now - withinMs);
    return [...new Set(recent.flatMap(([, replicas]) => [...replicas.keys()]))];
  }

  #buckets(now: number, minutes: number): Bucket[] {
    const from = Math.floor(now / minuteMs) * minuteMs - minutes * minuteMs;
    const firstMinute = this.#firstMinute(now);
    const recent = [...this.#minutes].filter(([start]) => start >= from && start >= firstMinute);
    const older = [...this.#hours].filter(([start]) => start >= from && start < firstMinute);
    return [
      ...recent.flatMap(([, replicas]) => [...replicas.values()]),
      ...older.map(([, bucket]) => bucket),
    ];
  }

  /** The first hour that is kept by the minute. */
  #firstMinute(now: number): number {
    return Math.ceil((now - minutesKeptMs) / hourMs) * hourMs;
  }
}
