import { Latencies } from "./latencies.ts";

/** What a bucket counts. Requests are those that the objectives count (docs/observability.md). */
export type CounterName =
  | "requests"
  | "failed"
  | "refused"
  /** Slower than the objective for the 99th percentile. */
  | "slow"
  /** Sum of the durations of `requests`. */
  | "milliseconds"
  /** Answered with 4xx; not part of `requests`. */
  | "clientErrors"
  /** The client left before the answer; not part of `requests`. */
  | "abandoned"
  | "answers"
  | "declined"
  | "fallbacks"
  | "retries"
  | "rateLimitWaits"
  | "breakerOpens"
  | "promptTokens"
  | "completionTokens"
  | `error.${string}`;

/** Durations that a bucket has percentiles of. `request`: those of `requests`. `store`: calls to a store. */
export type LatencyName = "request" | "understanding" | "retrieval" | "generation" | "store";

export type Counters = Readonly<Partial<Record<CounterName, number>>>;

/** What one replica measured in one minute, or all replicas together in one hour. */
export interface Bucket {
  /** Epoch milliseconds. */
  readonly startMs: number;
  readonly counters: Counters;
  /** Encoded HDR histograms of microseconds; absent without a recording. */
  readonly latencies: Readonly<Partial<Record<LatencyName, string>>>;
}

export const minuteMs = 60_000;
export const hourMs: number = 60 * minuteMs;

/** Adds counters of several buckets. */
export function sumCounters(all: Iterable<Counters>): Counters {
  const sums: Record<string, number> = {};
  for (const counters of all) {
    for (const [name, count] of Object.entries(counters) as [string, number][])
      sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}

/** The durations of several buckets; `undefined` if none has any. */
export function mergeLatencies(buckets: Iterable<Bucket>, name: LatencyName): Latencies | undefined {
  let merged: Latencies | undefined;
  for (const { latencies } of buckets) {
    const encoded = latencies[name];
    if (encoded === undefined) continue;
    const decoded = Latencies.decode(encoded);
    if (merged === undefined) merged = new Latencies();
    merged.add(decoded);
  }
  return merged;
}

/** One bucket of several replicas or minutes. */
export function mergeBuckets(startMs: number, buckets: readonly Bucket[]): Bucket {
  const names = new Set(buckets.flatMap(({ latencies }) => Object.keys(latencies) as LatencyName[]));
  return {
    startMs,
    counters: sumCounters(buckets.map(({ counters }) => counters)),
    latencies: Object.fromEntries(
      [...names].map((name) => [name, mergeLatencies(buckets, name)?.encode()]),
    ) as Bucket["latencies"],
  };
}
