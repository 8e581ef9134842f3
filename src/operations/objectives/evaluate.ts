import { minuteMs } from "../metrics/bucket.ts";
import { type Fault, percentileMinutes, type Timeline, type Totals } from "../metrics/timeline.ts";
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
  /** The time since the last bad request; `undefined` while there are some, and without requests since. */
  readonly calm: Calm | undefined;
}

/** Epoch milliseconds. */
export interface Calm {
  /** Begin of the first minute without a bad request. */
  readonly since: number;
  /** When no rule applies any more if no further request is bad; `undefined` if none applies now. */
  readonly rulesEndAt: number | undefined;
}

/** How an objective is computed from the totals of a window. */
interface Definition {
  readonly name: ObjectiveName;
  readonly rules: readonly BurnRule[];
  readonly target: (targets: ObjectiveTargets) => number;
  /** Requests that count. */
  readonly total: (totals: Totals) => number;
  /** Requests that use up the error budget; `undefined`: the objective has none. */
  readonly bad?: readonly Fault[];
  /** Share of requests that may be bad. */
  readonly allowed?: (targets: ObjectiveTargets) => number;
  /** In the unit of the target, for more than 0 requests. */
  readonly value: (totals: Totals, total: number) => number;
}

const requests = (totals: Totals): number => totals.requests;
/** Refused requests have no duration that says anything. */
const timed = (totals: Totals): number => totals.requests - totals.refused;

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
    bad: ["slow"],
    allowed: () => 0.01,
    value: () => Number.NaN,
  },
  {
    name: "availability",
    rules: ratioRules,
    target: ({ availability }) => availability,
    total: requests,
    bad: ["failed", "refused"],
    allowed: ({ availability }) => 1 - availability,
    value: (totals, total) => 1 - (totals.failed + totals.refused) / total,
  },
  {
    name: "errors",
    rules: ratioRules,
    target: ({ errors }) => errors,
    total: requests,
    bad: ["failed"],
    allowed: ({ errors }) => errors,
    value: (totals, total) => totals.failed / total,
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
    lastMinuteWith: (fault: Fault) => timeline.lastMinuteWith(fault),
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
  readonly lastMinuteWith: (fault: Fault) => number | undefined;
}

function evaluateOne(context: Context): Evaluation {
  const { definition, targets, now, totalsOf, measuredAt } = context;
  const applying = definition.rules.filter((each) => applies(each, context));
  const [rule] = applying;
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
    calm: calmOf(context, applying),
  };
}

function calmOf(
  { definition: { bad = [] }, lastMinuteWith, measuredAt = 0 }: Context,
  applying: readonly BurnRule[],
): Calm | undefined {
  const last = Math.max(0, ...bad.map((fault) => lastMinuteWith(fault) ?? 0));
  const since = last + minuteMs;
  if (last === 0 || measuredAt < since) return undefined;
  const longest = Math.max(...applying.map(({ shortMinutes }) => shortMinutes));
  return { since, rulesEndAt: applying.length === 0 ? undefined : since + longest * minuteMs };
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
  if (definition.bad !== undefined && badIn(long, definition) < fewestBadRequests) return false;
  // The budget of the whole window counts: the part that nobody has measured yet is taken as good, with as many
  // requests. So a young service is judged as if it had been healthy before, and a short outage does not fill its days.
  const share = definition.bad === undefined ? 1 : coverageOf(longMinutes, context);
  return (
    (rateOf(longMinutes, context) ?? 0) * share > factor && (rateOf(shortMinutes, context) ?? 0) > factor
  );
}

/** Share of a window in which anything was measured. */
function coverageOf(minutes: number, { totalsOf }: Context): number {
  return Math.min(1, totalsOf(minutes).minutes / minutes);
}

function badIn(totals: Totals, { bad = [] }: Definition): number {
  return bad.reduce((sum, fault) => sum + totals[fault], 0);
}

/** Bad requests as a multiple of the allowed share; for the average, its multiple of the target. */
function rateOf(minutes: number, { definition, targets, totalsOf }: Context): number | undefined {
  const totals = totalsOf(minutes);
  const total = definition.total(totals);
  if (total === 0) return undefined;
  const { allowed } = definition;
  if (allowed === undefined) return definition.value(totals, total) / definition.target(targets);
  return badIn(totals, definition) / total / allowed(targets);
}

function windowOf(minutes: number, context: Context): ObjectiveWindow {
  const { definition, totalsOf } = context;
  const totals = totalsOf(minutes);
  const total = definition.total(totals);
  return {
    minutes,
    value: total === 0 ? null : currentValue(minutes, totals, total, context),
    requests: total,
    bad: definition.bad === undefined ? null : badIn(totals, definition),
    coverage: coverageOf(minutes, context),
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

function budgetOf(context: Context): ErrorBudget | undefined {
  const { definition, targets, totalsOf } = context;
  const { allowed, total } = definition;
  const totals = totalsOf(budgetMinutes);
  const count = total(totals);
  if (allowed === undefined || count < targets.minimumRequests) return undefined;
  // As for a long window: the days that nobody has measured count as good, with as many requests.
  const expected = count / coverageOf(budgetMinutes, context);
  return {
    days: budgetDays,
    remaining: 1 - badIn(totals, definition) / (expected * allowed(targets)),
    requests: count,
  };
}
