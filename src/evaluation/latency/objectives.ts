import { trialsToRuleOut } from "../statistics/intervals.ts";
import { valuesForBound } from "../statistics/quantile-bound.ts";
import type { LatencySummary } from "./recorder.ts";

export interface LatencyObjectives {
  /** Milliseconds. */
  readonly average: number;
  /** Milliseconds. */
  readonly p99: number;
  /** 0 to 1; the rate has to be below. */
  readonly errorRate: number;
}

/** What MIG-10 asks of a store. */
export const requiredLatency: LatencyObjectives = { average: 500, p99: 2_000, errorRate: 0.001 };

/** `undecided`: the sample allows neither answer. */
type ObjectiveOutcome = "met" | "missed" | "undecided";

export interface ObjectiveVerdict {
  readonly objective: keyof LatencyObjectives;
  readonly limit: number;
  /** `undefined` if no call succeeded. */
  readonly measured: number | undefined;
  readonly outcome: ObjectiveOutcome;
  /** Where it is undecided: what the sample lacks. */
  readonly reason?: string;
}

/**
 * Holds a measurement against objectives. The average is compared as measured. For p99 and the error rate a
 * small sample proves nothing: they are met if a 95 % bound is within the limit, missed if the figure
 * (p99) or the lower end of its interval (error rate) is beyond it, and undecided between.
 */
export function checkObjectives(
  summary: LatencySummary,
  objectives: LatencyObjectives = requiredLatency,
): ObjectiveVerdict[] {
  return [
    averageVerdict(summary, objectives.average),
    tailVerdict(summary, objectives.p99),
    errorVerdict(summary, objectives.errorRate),
  ];
}

function averageVerdict({ times }: LatencySummary, limit: number): ObjectiveVerdict {
  if (!times) return nothingMeasured("average", limit);
  return {
    objective: "average",
    limit,
    measured: times.average,
    outcome: times.average <= limit ? "met" : "missed",
  };
}

function tailVerdict({ times, count, errorCount }: LatencySummary, limit: number): ObjectiveVerdict {
  if (!times) return nothingMeasured("p99", limit);
  const verdict = { objective: "p99", limit, measured: times.p99 } as const;
  if (times.p99 > limit) return { ...verdict, outcome: "missed" };
  if (times.p99Bound !== undefined && times.p99Bound <= limit) return { ...verdict, outcome: "met" };
  const reason =
    times.p99Bound === undefined
      ? `a 99th percentile takes ${valuesForBound(0.99)} calls that succeed; there are ${count - errorCount}`
      : `the true p99 may be as high as ${times.p99Bound.toFixed(0)} ms; more calls narrow it`;
  return { ...verdict, outcome: "undecided", reason };
}

function errorVerdict(
  { errorRate, errorRateInterval, errorCount, count }: LatencySummary,
  limit: number,
): ObjectiveVerdict {
  const verdict = { objective: "errorRate", limit, measured: errorRate } as const;
  if (errorRateInterval.high < limit) return { ...verdict, outcome: "met" };
  if (errorRateInterval.low >= limit) return { ...verdict, outcome: "missed" };
  const need = `it takes ${trialsToRuleOut(limit)} calls without a failure to show a rate below ${100 * limit} %`;
  return {
    ...verdict,
    outcome: "undecided",
    reason: `${errorCount} of ${count} calls failed, which leaves a rate of up to ${(100 * errorRateInterval.high).toFixed(2)} % possible; ${need}`,
  };
}

function nothingMeasured(objective: "average" | "p99", limit: number): ObjectiveVerdict {
  return { objective, limit, measured: undefined, outcome: "missed", reason: "no call succeeded" };
}
