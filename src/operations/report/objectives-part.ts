import { type Bucket, type Counters, hourMs, mergeLatencies, sumCounters } from "../metrics/bucket.ts";
import type { HistoryPoint } from "../metrics/history.ts";
import { objectiveWords } from "../objectives/describe.ts";
import { isMissed } from "../objectives/standing.ts";
import type { ObjectiveTargets } from "../objectives/targets.ts";
import type { ObjectiveOutcome, ObjectiveRow, ObjectivesPart, Part, TrafficPoint } from "./report.ts";

/** Steps of a chart that a reader can distinguish, about. */
const mostSteps = 200;
const dayMs = 24 * hourMs;
/** How long minutes are kept (`minutesKeptMs`), less an hour that may be summed already. */
const minutesSpanMs = 25 * hourMs;

/** The step of a chart over a span: minutes while they are kept, then hours, then days. */
export function stepOf({ from, to }: { readonly from: number; readonly to: number }, now: number): number {
  const span = to - from;
  if (from >= now - minutesSpanMs && span <= 6 * hourMs) return 5 * 60_000;
  return span / hourMs <= mostSteps ? hourMs : dayMs;
}

export interface MeasuredSpan {
  readonly points: readonly HistoryPoint[];
  readonly stepMs: number;
}

/** The objectives over a span, from what all replicas measured. */
export function objectivesPart(
  { points, stepMs }: MeasuredSpan,
  previous: readonly HistoryPoint[],
  targets: ObjectiveTargets,
): Part<ObjectivesPart> {
  const buckets = bucketsOf(points);
  const counters = sumCounters(buckets.map((bucket) => bucket.counters));
  const requests = counters.requests ?? 0;
  if (requests === 0) {
    return {
      state: "missing",
      reason: buckets.length === 0 ? "nothing was measured in this time" : "no request arrived in this time",
      remedy: "ragfood serve",
    };
  }
  const now = valuesOf(buckets);
  const before = valuesOf(bucketsOf(previous));
  const rows = (["average", "p99", "availability", "errors"] as const).map((name) => {
    const { title, unit, comparison } = objectiveWords[name];
    const target = targetOf(name, targets);
    const value = now[name];
    const outcome = outcomeOf({ comparison, target, value, requests, minimum: targets.minimumRequests });
    return { name, title, unit, comparison, target, value, previous: before[name], outcome };
  });
  return {
    state: "measured",
    value: {
      requests,
      coverage: buckets.length / points.length,
      stepMinutes: stepMs / 60_000,
      rows,
      points: points.map(pointOf),
    },
  };
}

type Values = Readonly<Record<ObjectiveRow["name"], number | undefined>>;

function valuesOf(buckets: readonly Bucket[]): Values {
  const counters = sumCounters(buckets.map((bucket) => bucket.counters));
  const { requests = 0, failed = 0, refused = 0 } = counters;
  const ratio = (value: number) => (requests === 0 ? undefined : value / requests);
  return {
    average: averageOf(counters),
    p99: mergeLatencies(buckets, "request")?.percentile(99),
    availability: ratio(requests - failed - refused),
    errors: ratio(failed),
  };
}

/** Refused requests have no duration that says anything. */
function averageOf({ requests = 0, refused = 0, milliseconds = 0 }: Counters): number | undefined {
  return requests - refused <= 0 ? undefined : milliseconds / (requests - refused);
}

function targetOf(name: ObjectiveRow["name"], targets: ObjectiveTargets): number {
  const { averageMs, p99Ms, availability, errors } = targets;
  return { average: averageMs, p99: p99Ms, availability, errors }[name];
}

function outcomeOf(row: {
  readonly comparison: ObjectiveRow["comparison"];
  readonly target: number;
  readonly value: number | undefined;
  readonly requests: number;
  readonly minimum: number;
}): ObjectiveOutcome {
  const { value, requests, minimum } = row;
  if (value === undefined || requests < minimum) return "unknown";
  return isMissed(row) ? "missed" : "met";
}

function bucketsOf(points: readonly HistoryPoint[]): Bucket[] {
  return points.flatMap(({ bucket }) => bucket ?? []);
}

function pointOf({ startMs, bucket }: HistoryPoint): TrafficPoint {
  const { requests = 0, failed = 0 } = bucket?.counters ?? {};
  return {
    time: new Date(startMs).toISOString(),
    requests: bucket && requests,
    failed: bucket && failed,
    average: bucket && averageOf(bucket.counters),
    p99: bucket && mergeLatencies([bucket], "request")?.percentile(99),
  };
}
