import type { StateDatabase } from "../../state/database.ts";
import {
  pruneBuckets,
  readBuckets,
  type StoredBucket,
  sumHours,
  writeMinutes,
} from "../../state/metric-history.ts";
import { type Bucket, hourMs, mergeBuckets, minuteMs } from "./bucket.ts";
import type { Metrics } from "./metrics.ts";
import { hoursKeptMs, minutesKeptMs, type Timeline } from "./timeline.ts";

/** Milliseconds that a write or a read of the history may take; the next one tries again. */
const timeoutMs = 5_000;

/** Milliseconds for which other replicas may write a minute late and still be seen at once. */
const lateMs: number = 3 * minuteMs;

/** Milliseconds between two reads of everything that a replica without a connection may have written since. */
const catchUpMs: number = 10 * minuteMs;

export interface MetricHistoryOptions {
  readonly metrics: Metrics;
  readonly timeline: Timeline;
  readonly state: StateDatabase;
  /** Names this process among those that share the state. */
  readonly replica: string;
  /** Days that hours are kept. */
  readonly retentionDays: number;
  readonly onFailure: (error: unknown) => void;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

/**
 * Writes the minutes of this replica to the state store, and reads those of the others. A failure harms no request:
 * minutes wait for an hour, and are then a gap.
 */
export class MetricHistory {
  readonly #options: MetricHistoryOptions;
  readonly #now: () => number;
  #readAt: number | undefined;
  #failure: unknown;
  #caughtUpAt = Number.NEGATIVE_INFINITY;
  #tidiedHour = Number.NEGATIVE_INFINITY;

  constructor(options: MetricHistoryOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** When the store was last written and read, epoch milliseconds; `undefined` before the first time. */
  get syncedAt(): number | undefined {
    return this.#readAt;
  }

  /** Why the last `sync` failed; `undefined` after one that did not. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Takes over what this process measured since; cheap, and without the store. */
  collect(): void {
    const { metrics, timeline, replica } = this.#options;
    for (const bucket of metrics.minutes.pending()) timeline.addMinute(replica, bucket);
  }

  /** Writes and reads. Never throws. @returns whether the store could be used */
  async sync(): Promise<boolean> {
    this.collect();
    this.#options.timeline.prune(this.#now());
    try {
      await this.#write();
      await this.#read();
      await this.#tidy();
      this.#failure = undefined;
      return true;
    } catch (error) {
      this.#failure = error;
      this.#options.metrics.families.historyFailures.inc();
      this.#options.onFailure(error);
      return false;
    }
  }

  async #write(): Promise<void> {
    const { state, metrics, replica } = this.#options;
    const pending = metrics.minutes.pending();
    await state.transaction((session) => writeMinutes(session, replica, pending), { timeoutMs });
    const finished = pending.at(-2);
    if (finished) metrics.minutes.written(finished.startMs);
  }

  async #read(): Promise<void> {
    const { state, timeline, replica } = this.#options;
    const now = this.#now();
    const isFirst = this.#readAt === undefined;
    const isCatchUp = now - this.#caughtUpAt >= catchUpMs;
    const spanMs = isFirst ? minutesKeptMs : isCatchUp ? 60 * minuteMs + catchUpMs : lateMs;
    const { minutes, hours } = await state.transaction(
      async (session) => ({
        // A process that restarts under the same name reads what it wrote before.
        minutes: await readBuckets(session, {
          resolution: "minute",
          fromMs: now - spanMs,
          toMs: now + hourMs,
          ...(!isFirst && { exceptReplica: replica }),
        }),
        hours: isCatchUp
          ? await readBuckets(session, { resolution: "hour", fromMs: now - hoursKeptMs, toMs: now })
          : [],
      }),
      { readOnly: true, timeoutMs },
    );
    for (const bucket of minutes) timeline.addMinute(bucket.replica, toBucket(bucket));
    for (const bucket of hours) timeline.addHour(toBucket(bucket));
    // The minutes of this process in memory are newer than those it has just read.
    this.collect();
    this.#readAt = now;
    if (isCatchUp) this.#caughtUpAt = now;
  }

  /** Once an hour: sums the hours that have ended, then deletes what is too old. */
  async #tidy(): Promise<void> {
    const { state, retentionDays } = this.#options;
    const now = this.#now();
    const hour = Math.floor(now / hourMs) * hourMs;
    if (hour <= this.#tidiedHour) return;
    // A few minutes of grace for the last minutes of the other replicas.
    const endedMs = Math.floor((now - lateMs) / hourMs) * hourMs;
    await state.transaction(
      async (session) => {
        await sumHours(session, endedMs, (startMs, buckets) => mergeBuckets(startMs, buckets.map(toBucket)));
        await pruneBuckets(session, {
          minute: now - minutesKeptMs - hourMs,
          hour: now - retentionDays * 24 * hourMs,
        });
      },
      { timeoutMs: 30_000 },
    );
    if (endedMs === hour) this.#tidiedHour = hour;
  }
}

/** What the store has is what `Metrics` wrote. */
function toBucket({ startMs, counters, latencies }: StoredBucket): Bucket {
  return { startMs, counters: counters as Bucket["counters"], latencies };
}

/** The history of a span for charts and reports: the store's buckets of all replicas, merged by step. */
export interface HistoryPoint {
  /** Epoch milliseconds. */
  readonly startMs: number;
  /** `undefined`: nobody measured in this step. */
  readonly bucket: Bucket | undefined;
}

/** Epoch milliseconds. */
export interface HistorySpan {
  readonly fromMs: number;
  readonly toMs: number;
  /** Whole minutes, of which the last 26 hours are kept; or whole hours, which are kept longer. */
  readonly stepMs: number;
}

/** Merged buckets from the store, a point for each step; a step in which nobody measured is a gap. */
export async function readHistory(
  state: StateDatabase,
  { fromMs, toMs, stepMs }: HistorySpan,
): Promise<HistoryPoint[]> {
  const isHourly = stepMs >= hourMs && stepMs % hourMs === 0;
  const from = Math.floor(fromMs / stepMs) * stepMs;
  const stored = await state.transaction(
    async (session) => {
      const query = { fromMs: from, toMs };
      const minutes = await readBuckets(session, { ...query, resolution: "minute" });
      if (!isHourly) return minutes;
      const hours = await readBuckets(session, { ...query, resolution: "hour" });
      const summed = new Set(hours.map(({ startMs }) => startMs));
      // Hours that are not summed yet, like the present one.
      const open = minutes.filter(({ startMs }) => !summed.has(Math.floor(startMs / hourMs) * hourMs));
      return [...hours, ...open];
    },
    { readOnly: true, timeoutMs: 30_000 },
  );
  const steps = new Map<number, Bucket[]>();
  for (const bucket of stored) {
    const start = Math.floor(bucket.startMs / stepMs) * stepMs;
    steps.set(start, [...(steps.get(start) ?? []), toBucket(bucket)]);
  }
  const points: HistoryPoint[] = [];
  for (let startMs = from; startMs < toMs; startMs += stepMs) {
    const buckets = steps.get(startMs);
    points.push({ startMs, bucket: buckets && mergeBuckets(startMs, buckets) });
  }
  return points;
}
