import type { Counters } from "../metrics/bucket.ts";
import type { Timeline } from "../metrics/timeline.ts";
import type { ErrorBudget, ObjectiveName, ObjectiveState, ObjectiveWindow } from "../status/status.ts";
import {
  averageRule,
  type BurnRule,
  budgetDays,
  fewestBadRequests,
  type ObjectiveTargets,
  p99Rules,
  ratioRules,
  staleAfterMinutes,
} from "./targets.ts";

/** An objective at one moment. */
export interface Evaluation {
  readonly name: ObjectiveName;
  readonly state: ObjectiveState;
  /** The most severe rule that applies; only if breached. */
  readonly rule: BurnRule | undefined;
  readonly target: number;
  /** Over the shortest window; `undefined` without a counted request in it. */
  readonly value: number | undefined;
  /** Counted requests of the last hour. */
  readonly requests: number;
  readonly windows: readonly ObjectiveWindow[];
  readonly budget: ErrorBudget | undefined;
  /** Begin of the last minute with a counted request, epoch milliseconds. */
  readonly measuredAt: number | undefined;
}

/** How an objective is computed from the counters of a window. */
interface Definition {
  readonly name: ObjectiveName;
  readonly rules: readonly BurnRule[];
  readonly target: (targets: ObjectiveTargets) => number;
  /** Requests that count. */
  readonly total: (counters: Counters) => number;
  /** Requests that use up the error budget; `undefined`: the objective has none. */
  readonly bad?: (counters: Counters) => number;
  /** Share of requests that may be bad. */
  readonly allowed?: (targets: ObjectiveTargets) => number;
  /** In the unit of the target, for more than 0 requests. */
  readonly value: (counters: Counters, total: number) => number;
}

const of = (counters: Counters, name: keyof Counters): number => counters[name] ?? 0;
const requests = (counters: Counters): number => of(counters, "requests");
/** Refused requests have no duration that says anything. */
const timed = (counters: Counters): number => requests(counters) - of(counters, "refused");
const failed = (counters: Counters): number => of(counters, "failed");
const unavailable = (counters: Counters): number => failed(counters) + of(counters, "refused");

/** The value of p99 is filled in by `evaluate`: it comes from durations, not from counters. */
const definitions: readonly Definition[] = [
  {
    name: "average",
    rules: [averageRule],
    target: ({ averageMs }) => averageMs,
    total: timed,
    value: (counters, total) => of(counters, "milliseconds") / total,
  },
  {
    name: "p99",
    rules: p99Rules,
    target: ({ p99Ms }) => p99Ms,
    total: timed,
    bad: (counters) => of(counters, "slow"),
    allowed: () => 0.01,
    value: () => Number.NaN,
  },
  {
    name: "availability",
    rules: ratioRules,
    target: ({ availability }) => availability,
    total: requests,
    bad: unavailable,
    allowed: ({ availability }) => 1 - availability,
    value: (counters, total) => 1 - unavailable(counters) / total,
  },
  {
    name: "errors",
    rules: ratioRules,
    target: ({ errors }) => errors,
    total: requests,
    bad: failed,
    allowed: ({ errors }) => errors,
    value: (counters, total) => failed(counters) / total,
  },
];

const hourMinutes = 60;
const dayMinutes = 1_440;

/** The objectives at this moment, from what all replicas measured. @param now epoch milliseconds */
export function evaluate(timeline: Timeline, targets: ObjectiveTargets, now: number): Evaluation[] {
  const sums = new Map<number, Counters>();
  const countersOf = (minutes: number): Counters => {
    const counters = sums.get(minutes) ?? timeline.counters(now, minutes);
    sums.set(minutes, counters);
    return counters;
  };
  const measuredAt = timeline.lastMinuteWith("requests");
  return definitions.map((definition) =>
    evaluateOne({ definition, targets, now, timeline, countersOf, measuredAt }),
  );
}

interface Context {
  readonly definition: Definition;
  readonly targets: ObjectiveTargets;
  readonly now: number;
  readonly timeline: Timeline;
  readonly countersOf: (minutes: number) => Counters;
  readonly measuredAt: number | undefined;
}

function evaluateOne(context: Context): Evaluation {
  const { definition, targets, now, countersOf, measuredAt } = context;
  const rule = definition.rules.find((each) => applies(each, context));
  const windows = windowsOf(definition).map((minutes) => windowOf(minutes, context));
  const count = definition.total(countersOf(hourMinutes));
  const budgetMinutes = budgetDays * dayMinutes;
  const isStale = measuredAt === undefined || now - measuredAt > (staleAfterMinutes + 1) * 60_000;
  const hasEver = requests(countersOf(budgetMinutes)) > 0;
  let state: ObjectiveState = "met";
  if (rule !== undefined) state = "breached";
  else if (isStale) state = hasEver ? "stale" : "unknown";
  else if (count < targets.minimumRequests) state = "unknown";
  return {
    name: definition.name,
    state,
    rule,
    target: definition.target(targets),
    value: windows[0]?.value ?? undefined,
    requests: count,
    windows,
    budget: budgetOf(budgetMinutes, context),
    measuredAt,
  };
}

/** The windows of the rules, shortest first. */
function windowsOf({ rules }: Definition): number[] {
  const minutes = new Set(rules.flatMap(({ longMinutes, shortMinutes }) => [longMinutes, shortMinutes]));
  return [...minutes].sort((left, right) => left - right);
}

function applies({ longMinutes, shortMinutes, factor }: BurnRule, context: Context): boolean {
  const { definition, targets, countersOf } = context;
  const long = countersOf(longMinutes);
  if (definition.total(long) < targets.minimumRequests) return false;
  if (definition.bad !== undefined && definition.bad(long) < fewestBadRequests) return false;
  return [longMinutes, shortMinutes].every((minutes) => (rateOf(minutes, context) ?? 0) > factor);
}

/** Bad requests as a multiple of the allowed share; for the average, its multiple of the target. */
function rateOf(minutes: number, { definition, targets, countersOf }: Context): number | undefined {
  const counters = countersOf(minutes);
  const total = definition.total(counters);
  if (total === 0) return undefined;
  const { bad, allowed } = definition;
  if (bad === undefined || allowed === undefined) {
    return definition.value(counters, total) / definition.target(targets);
  }
  return bad(counters) / total / allowed(targets);
}

function windowOf(minutes: number, context: Context): ObjectiveWindow {
  const { definition, countersOf } = context;
  const counters = countersOf(minutes);
  const total = definition.total(counters);
  return {
    minutes,
    value: total === 0 ? null : currentValue(minutes, counters, total, context),
    requests: total,
    burnRate: definition.bad === undefined ? null : (rateOf(minutes, context) ?? null),
  };
}

function currentValue(
  minutes: number,
  counters: Counters,
  total: number,
  { definition, timeline, now }: Context,
): number | null {
  if (definition.name !== "p99") return definition.value(counters, total);
  // Longer windows would merge a histogram for each of many minutes at every look.
  if (minutes > longestPercentileMinutes) return null;
  return timeline.latencies(now, minutes, "request")?.percentile(99) ?? null;
}

const longestPercentileMinutes = 5;

function budgetOf(minutes: number, { definition, targets, countersOf }: Context): ErrorBudget | undefined {
  const { bad, allowed, total } = definition;
  const counters = countersOf(minutes);
  const count = total(counters);
  if (bad === undefined || allowed === undefined || count < targets.minimumRequests) return undefined;
  return { days: budgetDays, remaining: 1 - bad(counters) / (count * allowed(targets)), requests: count };
}
