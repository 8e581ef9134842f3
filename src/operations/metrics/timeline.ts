import { type Bucket, type Counters, hourMs, minuteMs } from "./bucket.ts";
import { Latencies } from "./latencies.ts";

/** How long minutes are kept in memory; before that, hours count. */
export const minutesKeptMs: number = 26 * hourMs;

/** How long hours are kept in memory: the days of an error budget, and one more. */
export const hoursKeptMs: number = 31 * 24 * hourMs;

/** Histograms are kept for windows of this length: percentiles of longer ones come from the state store. */
export const percentileMinutes = 5;

/** What is summed over windows. */
const summed = ["requests", "failed", "refused", "slow", "milliseconds", "fallbacks"] as const;

/** `minutes`: those that any replica has measured, with or without requests. */
export type Totals = Readonly<Record<(typeof summed)[number] | "minutes", number>>;

type Sums = { -readonly [Name in keyof Totals]: number };

/** What a request can be besides answered in time. */
export type Fault = "failed" | "refused" | "slow";

const faults: readonly Fault[] = ["failed", "refused", "slow"];

/**
 * What all replicas measured, in memory: the last 26 hours by the minute, 31 days by the hour; some megabytes for
 * three replicas.
 */
export class Timeline {
  /** By start, then by replica. */
  readonly #minutes = new Map<number, Map<string, Bucket>>();
  readonly #hours = new Map<number, Bucket>();
  /** Decoded histograms of recent buckets; a bucket does not change. */
  readonly #decoded = new WeakMap<Bucket, Latencies>();
  #lastRequestMinute: number | undefined;
  #lastBucket: number | undefined;
  readonly #lastFaults = new Map<Fault, number>();
  #firstBucket: number | undefined;
  #firstMinuteBucket: number | undefined;

  addMinute(replica: string, bucket: Bucket): void {
    const { startMs, counters } = bucket;
    let replicas = this.#minutes.get(startMs);
    if (replicas === undefined) {
      replicas = new Map();
      this.#minutes.set(startMs, replicas);
    }
    replicas.set(replica, bucket);
    this.#firstBucket = Math.min(startMs, this.#firstBucket ?? startMs);
    this.#firstMinuteBucket = Math.min(startMs, this.#firstMinuteBucket ?? startMs);
    this.#lastBucket = Math.max(startMs, this.#lastBucket ?? startMs);
    if ((counters.requests ?? 0) > 0) {
      this.#lastRequestMinute = Math.max(startMs, this.#lastRequestMinute ?? startMs);
    }
    for (const fault of faults) {
      if ((counters[fault] ?? 0) === 0) continue;
      this.#lastFaults.set(fault, Math.max(startMs, this.#lastFaults.get(fault) ?? startMs));
    }
  }

  addHour(bucket: Bucket): void {
    this.#firstBucket = Math.min(bucket.startMs, this.#firstBucket ?? bucket.startMs);
    this.#hours.set(bucket.startMs, { ...bucket, latencies: {} });
  }

  /** Forgets what is too old to count. */
  prune(now: number): void {
    const firstMinute = this.#firstMinute(now);
    for (const [start, replicas] of this.#minutes) {
      if (start < firstMinute) this.#minutes.delete(start);
      else if (start < now - (percentileMinutes + 2) * minuteMs) withoutLatencies(replicas);
    }
    for (const start of this.#hours.keys()) if (start < now - hoursKeptMs) this.#hours.delete(start);
  }

  /** Sums of the last minutes, and of the minute that has begun, for several windows in one pass. */
  totals(now: number, windows: readonly number[]): Map<number, Totals> {
    const sorted = [...new Set(windows)].sort((left, right) => left - right);
    const begins = sorted.map((minutes) => beginOf(now, minutes));
    const sums = sorted.map(zeros);
    const sumAt = (startMs: number) => sums[begins.findIndex((begin) => startMs >= begin)];
    const firstMinute = this.#firstMinute(now);
    for (const [start, replicas] of this.#minutes) {
      if (start >= firstMinute) add(sumAt(start), 1, replicas.values());
    }
    for (const [start, hour] of this.#hours) if (start < firstMinute) add(sumAt(start), 60, [hour]);
    // A longer window holds the shorter ones.
    sums.forEach((sum, place) => {
      const shorter = sums[place - 1];
      if (shorter !== undefined) add(sum, shorter.minutes, [{ counters: shorter }]);
    });
    return new Map(sorted.map((minutes, place) => [minutes, sums[place] as Totals]));
  }

  /** Sums of a span: by the minute as long as minutes are kept, before that by the hour. Epoch milliseconds. */
  between(fromMs: number, toMs: number, now: number): Totals {
    const sum = zeros();
    const firstMinute = this.#firstMinute(now);
    const isWithin = (startMs: number, lengthMs: number) => startMs + lengthMs > fromMs && startMs < toMs;
    for (const [start, replicas] of this.#minutes) {
      if (start >= firstMinute && isWithin(start, minuteMs)) add(sum, 1, replicas.values());
    }
    for (const [start, hour] of this.#hours) {
      if (start < firstMinute && isWithin(start, hourMs)) add(sum, 60, [hour]);
    }
    return sum;
  }

  /** Durations of counted requests over `percentileMinutes`; `undefined` without any. */
  requestLatencies(now: number): Latencies | undefined {
    const begin = beginOf(now, percentileMinutes);
    let merged: Latencies | undefined;
    for (const [start, replicas] of this.#minutes) {
      if (start < begin) continue;
      for (const bucket of replicas.values()) {
        const latencies = this.#decode(bucket);
        if (latencies === undefined) continue;
        merged ??= new Latencies();
        merged.add(latencies);
      }
    }
    return merged;
  }

  /** Begin of the first measures that are known, at most 31 days ago; `undefined` before any. */
  measuredSince(now: number): number | undefined {
    const first = this.#firstBucket;
    if (first === undefined) return undefined;
    // An hour that holds the first minute was measured from that minute on.
    const minute = this.#firstMinuteBucket ?? first;
    return Math.max(minute < first + hourMs ? minute : first, now - hoursKeptMs);
  }

  /** Begin of the last minute that was measured; `undefined` before any. */
  get lastMinute(): number | undefined {
    return this.#lastBucket;
  }

  /** Begin of the last minute with a counted request; `undefined` before any. */
  get lastRequestMinute(): number | undefined {
    return this.#lastRequestMinute;
  }

  /** Begin of the last minute with such a request; `undefined` before any. */
  lastMinuteWith(fault: Fault): number | undefined {
    return this.#lastFaults.get(fault);
  }

  #decode(bucket: Bucket): Latencies | undefined {
    const encoded = bucket.latencies.request;
    if (encoded === undefined) return undefined;
    let latencies = this.#decoded.get(bucket);
    if (latencies === undefined) {
      latencies = Latencies.decode(encoded);
      this.#decoded.set(bucket, latencies);
    }
    return latencies;
  }

  /** The first hour that is kept by the minute. */
  #firstMinute(now: number): number {
    return Math.ceil((now - minutesKeptMs) / hourMs) * hourMs;
  }
}

function beginOf(now: number, minutes: number): number {
  return Math.floor(now / minuteMs) * minuteMs - minutes * minuteMs;
}

/** Adds what all replicas counted in the same minutes. */
function add(
  sum: Sums | undefined,
  minutes: number,
  replicas: Iterable<{ readonly counters: Counters }>,
): void {
  if (sum === undefined) return;
  sum.minutes += minutes;
  for (const { counters } of replicas) for (const name of summed) sum[name] += counters[name] ?? 0;
}

function zeros(): Sums {
  return { minutes: 0, requests: 0, failed: 0, refused: 0, slow: 0, milliseconds: 0, fallbacks: 0 };
}

/** Replaces the buckets, so that their decoded histograms are freed. */
function withoutLatencies(replicas: Map<string, Bucket>): void {
  for (const [replica, bucket] of replicas) {
    if (Object.keys(bucket.latencies).length > 0) replicas.set(replica, { ...bucket, latencies: {} });
  }
}
