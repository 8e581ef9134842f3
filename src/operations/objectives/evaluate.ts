import { percentileMinutes, type Timeline, type Totals } from "../metrics/timeline.ts";
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

/** How an objective is computed from the totals of a window. */
interface Definition {
  readonly name: ObjectiveName;
  readonly rules: readonly BurnRule[];
  readonly target: (targets: ObjectiveTargets) => number;
  /** Requests that count. */
  readonly total: (totals: Totals) => number;
  /** Requests that use up the error budget; `undefined`: the objective has none. */
  readonly bad?: (totals: Totals) => number;
  /** Share of requests that may be bad. */
  readonly allowed?: (targets: ObjectiveTargets) => number;
  /** In the unit of the target, for more than 0 requests. */
  readonly value: (totals: Totals, total: number) => number;
}

const requests = (totals: Totals): number => totals.requests;
/** Refused requests have no duration that says anything. */
const timed = (totals: Totals): number => totals.requests - totals.refused;
const failed = (totals: Totals): number => totals.failed;
const unavailable = (totals: Totals): number => totals.failed + totals.refused;

/** The value of p99 is filled in by `evaluate`: it comes from durations, not from totals. */
const definitions: readonly Definition[] = [
  {
    name: "average",
    rules: [averageRule],
    target: ({ averageMs }) => averageMs,
    total: timed,
    value: (totals, total) => totals.milliseconds / total,
  },
  {
    name: "p99",
    rules: p99Rules,
    target: ({ p99Ms }) => p99Ms,
    total: timed,
    bad: (totals) => totals.slow,
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
    value: (totals, total) => 1 - unavailable(totals) / total,
  },
  {
    name: "errors",
    rules: ratioRules,
    target: ({ errors }) => errors,
    total: requests,
    bad: failed,
    allowed: ({ errors }) => errors,
    value: (totals, total) => failed(totals) / total,
  },
];

const hourMinutes = 60;
const dayMinutes = 1_440;

const budgetMinutes = budgetDays * dayMinutes;

/** Every window that an objective looks at. */
const windows: readonly number[] = [
  hourMinutes,
  budgetMinutes,
  ...definitions.flatMap(({ rules }) =>
    rules.flatMap(({ longMinutes, shortMinutes }) => [longMinutes, shortMinutes]),
  ),
];

/** The objectives at this moment, from what all replicas measured. @param now epoch milliseconds */
export function evaluate(timeline: Timeline, targets: ObjectiveTargets, now: number): Evaluation[] {
  const totals = timeline.totals(now, windows);
  const p99 = timeline.requestLatencies(now)?.percentile(99);
  const context = {
    targets,
    now,
    p99,
    totalsOf: (minutes: number) => totals.get(minutes) as Totals,
    measuredAt: timeline.lastRequestMinute,
  };
  return definitions.map((definition) => evaluateOne({ ...context, definition }));
}

interface Context {
  readonly definition: Definition;
  readonly targets: ObjectiveTargets;
  readonly now: number;
  /** Milliseconds, over `percentileMinutes`. */
  readonly p99: number | undefined;
  readonly totalsOf: (minutes: number) => Totals;
  readonly measuredAt: number | undefined;
}

function evaluateOne(context: Context): Evaluation {
  const { definition, targets, now, totalsOf, measuredAt } = context;
  const rule = definition.rules.find((each) => applies(each, context));
  const windows = windowsOf(definition).map((minutes) => windowOf(minutes, context));
  const count = definition.total(totalsOf(hourMinutes));
  const isStale = measuredAt === undefined || now - measuredAt > (staleAfterMinutes + 1) * 60_000;
  const hasEver = requests(totalsOf(budgetMinutes)) > 0;
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
    budget: budgetOf(context),
    measuredAt,
  };
}

/** The windows of the rules, shortest first. */
function windowsOf({ rules }: Definition): number[] {
  const minutes = new Set(rules.flatMap(({ longMinutes, shortMinutes }) => [longMinutes, shortMinutes]));
  return [...minutes].sort((left, right) => left - right);
}

function applies({ longMinutes, shortMinutes, factor }: BurnRule, context: Context): boolean {
  const { definition, targets, totalsOf } = context;
  const long = totalsOf(longMinutes);
  if (definition.total(long) < targets.minimumRequests) return false;
  if (definition.bad !== undefined && definition.bad(long) < fewestBadRequests) return false;
  return [longMinutes, shortMinutes].every((minutes) => (rateOf(minutes, context) ?? 0) > factor);
}

/** Bad requests as a multiple of the allowed share; for the average, its multiple of the target. */
function rateOf(minutes: number, { definition, targets, totalsOf }: Context): number | undefined {
  const totals = totalsOf(minutes);
  const total = definition.total(totals);
  if (total === 0) return undefined;
  const { bad, allowed } = definition;
  if (bad === undefined || allowed === undefined) {
    return definition.value(totals, total) / definition.target(targets);
  }
  return bad(totals) / total / allowed(targets);
}

function windowOf(minutes: number, context: Context): ObjectiveWindow {
  const { definition, totalsOf } = context;
  const totals = totalsOf(minutes);
  const total = definition.total(totals);
  return {
    minutes,
    value: total === 0 ? null : currentValue(minutes, totals, total, context),
    requests: total,
    burnRate: definition.bad === undefined ? null : (rateOf(minutes, context) ?? null),
  };
}

function currentValue(
  minutes: number,
  totals: Totals,
  total: number,
  { definition, p99 }: Context,
): number | null {
  if (definition.name !== "p99") return definition.value(totals, total);
  return minutes === percentileMinutes ? (p99 ?? null) : null;
}

function budgetOf({ definition, targets, totalsOf }: Context): ErrorBudget | undefined {
  const { bad, allowed, total } = definition;
  const totals = totalsOf(budgetMinutes);
  const count = total(totals);
  if (bad === undefined || allowed === undefined || count < targets.minimumRequests) return undefined;
  return { days: budgetDays, remaining: 1 - bad(totals) / (count * allowed(targets)), requests: count };
}
