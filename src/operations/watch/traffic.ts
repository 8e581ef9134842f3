import { minuteMs } from "../metrics/bucket.ts";
import { percentileMinutes, type Timeline } from "../metrics/timeline.ts";
import { isoTime } from "../status/iso-time.ts";
import type { Traffic } from "../status/status.ts";

/** The counted requests of the last minutes. @param inFlight requests that this process is answering */
export function trafficOf(timeline: Timeline, inFlight: number, now: number): Traffic {
  const totals = timeline.totals(now, [percentileMinutes]).get(percentileMinutes);
  const latencies = timeline.requestLatencies(now);
  const measuredAt = timeline.lastRequestMinute;
  const percentile = (value: number) => latencies?.percentile(value) ?? null;
  return {
    requestsPerMinute: (totals?.requests ?? 0) / measuredMinutes(timeline, now),
    inFlight,
    p50: percentile(50),
    p95: percentile(95),
    p99: percentile(99),
    fallbacks: totals?.fallbacks ?? 0,
    time: isoTime(measuredAt),
    isStale: measuredAt === undefined || now - measuredAt > (percentileMinutes + 1) * minuteMs,
  };
}

/** Length of the time whose requests are counted: less than the window in the first minutes of a service. */
function measuredMinutes(timeline: Timeline, now: number): number {
  const begin = Math.floor(now / minuteMs) * minuteMs - percentileMinutes * minuteMs;
  const since = timeline.measuredSince(now) ?? begin;
  return Math.max(1, (now - Math.max(begin, since)) / minuteMs);
}
