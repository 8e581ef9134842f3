import type { StateSession } from "./database.ts";

/** What was measured in one minute by one replica, or in one hour by all of them. */
export interface StoredBucket {
  /** Epoch milliseconds. */
  readonly startMs: number;
  readonly counters: Readonly<Partial<Record<string, number>>>;
  /** Encoded histograms by name. */
  readonly latencies: Readonly<Partial<Record<string, string>>>;
}

export interface ReplicaBucket extends StoredBucket {
  readonly replica: string;
}

export type Resolution = "minute" | "hour";

export interface BucketQuery {
  readonly resolution: Resolution;
  /** Epoch milliseconds; inclusive. */
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  /** Leaves out the buckets of one replica, which has them in memory. */
  readonly exceptReplica?: string;
}

const hourMs = 3_600_000;

/** In the hours all replicas are merged. */
const allReplicas = "";

export const metricHistoryTables = `
  CREATE TABLE metric_buckets (
    resolution TEXT NOT NULL,
    start_ms BIGINT NOT NULL,
    replica TEXT NOT NULL,
    counters TEXT NOT NULL,
    latencies TEXT NOT NULL,
    PRIMARY KEY (resolution, start_ms, replica)
  );
`;

interface Row {
  readonly start_ms: number;
  readonly replica: string;
  readonly counters: string;
  readonly latencies: string;
}

/** Writes minutes of a replica, and replaces those that it has written before. */
export async function writeMinutes(
  session: StateSession,
  replica: string,
  buckets: readonly StoredBucket[],
): Promise<void> {
  for (const bucket of buckets) {
    await put(session, "minute", replica, bucket);
    // A minute that comes late is missing in the sum of its hour, which is made again.
    const hour = Math.floor(bucket.startMs / hourMs) * hourMs;
    await session.run("DELETE FROM metric_buckets WHERE resolution = 'hour' AND start_ms = ?", hour);
  }
}

/** Oldest first; buckets of several replicas with the same start follow each other. */
export async function readBuckets(session: StateSession, query: BucketQuery): Promise<ReplicaBucket[]> {
  const rows = await session.all<Row>(
    `SELECT start_ms, replica, counters, latencies FROM metric_buckets
     WHERE resolution = ? AND start_ms >= ? AND start_ms < ? AND (resolution = 'hour' OR replica <> ?)
     ORDER BY start_ms`,
    query.resolution,
    query.fromMs,
    query.toMs,
    query.exceptReplica ?? allReplicas,
  );
  return rows.map((row) => ({
    startMs: row.start_ms,
    replica: row.replica,
    counters: JSON.parse(row.counters),
    latencies: JSON.parse(row.latencies),
  }));
}

/**
 * Makes the sums of the hours that have minutes and no sum yet. Any replica may do it, at any time.
 *
 * @param beforeMs only hours that start earlier: those that have ended
 * @param merge one bucket of several
 * @returns how many hours were summed
 */
export async function sumHours(
  session: StateSession,
  beforeMs: number,
  merge: (startMs: number, buckets: readonly StoredBucket[]) => StoredBucket,
): Promise<number> {
  const starts = await session.all<{ start_ms: number }>(
    "SELECT DISTINCT start_ms FROM metric_buckets WHERE resolution = 'minute' AND start_ms < ?",
    beforeMs,
  );
  const summed = await session.all<{ start_ms: number }>(
    "SELECT start_ms FROM metric_buckets WHERE resolution = 'hour'",
  );
  const done = new Set(summed.map((row) => row.start_ms));
  const hours = new Set(starts.map((row) => Math.floor(row.start_ms / hourMs) * hourMs));
  const open = [...hours].filter((hour) => !done.has(hour) && hour + hourMs <= beforeMs);
  for (const hour of open) {
    const query = { resolution: "minute", fromMs: hour, toMs: hour + hourMs } as const;
    await put(session, "hour", allReplicas, merge(hour, await readBuckets(session, query)));
  }
  return open.length;
}

/** Deletes minutes and hours that start before these times. */
export async function pruneBuckets(
  session: StateSession,
  before: Readonly<Record<Resolution, number>>,
): Promise<number> {
  const prune = (resolution: Resolution) =>
    session.run(
      "DELETE FROM metric_buckets WHERE resolution = ? AND start_ms < ?",
      resolution,
      before[resolution],
    );
  return (await prune("minute")) + (await prune("hour"));
}

async function put(
  session: StateSession,
  resolution: Resolution,
  replica: string,
  { startMs, counters, latencies }: StoredBucket,
): Promise<void> {
  await session.run(
    `INSERT INTO metric_buckets (resolution, start_ms, replica, counters, latencies) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (resolution, start_ms, replica)
     DO UPDATE SET counters = excluded.counters, latencies = excluded.latencies`,
    resolution,
    startMs,
    replica,
    JSON.stringify(counters),
    JSON.stringify(latencies),
  );
}
