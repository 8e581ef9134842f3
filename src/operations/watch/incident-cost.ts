import type { Incident } from "../../state/incidents.ts";
import { minuteMs } from "../metrics/bucket.ts";
import type { Timeline } from "../metrics/timeline.ts";
import { budgetDays, type ObjectiveTargets } from "../objectives/targets.ts";

/** What an incident has cost so far. */
export interface IncidentCost {
  /** From its begin to its end, or until now. */
  readonly durationMs: number;
  /** Counted requests from `leadMinutes` before its begin to its end. */
  readonly requests: number;
  /** Of them, those that failed or were refused. */
  readonly unanswered: number;
  /** Share of the availability's error budget of `budgetDays` that they used, 1 for all; `undefined` without requests. */
  readonly budgetShare: number | undefined;
}

/** An incident opens some minutes after what it is about: the rules look at five minutes. */
export const leadMinutes = 5;

/** Counts by the minute of the last 26 hours, and by the hour before. @param now epoch milliseconds */
export function incidentCost(
  { openedAt, closedAt }: Pick<Incident, "openedAt" | "closedAt">,
  timeline: Timeline,
  { availability }: Pick<ObjectiveTargets, "availability">,
  now: number,
): IncidentCost {
  const end = closedAt ?? now;
  const { requests, failed, refused } = timeline.between(openedAt - leadMinutes * minuteMs, end, now);
  const unanswered = failed + refused;
  const budgetMinutes = budgetDays * 24 * 60;
  const whole = timeline.totals(now, [budgetMinutes]).get(budgetMinutes);
  // Days that nobody has measured count with as many requests, as in the budget of the objective.
  const expected = whole ? (whole.requests * budgetMinutes) / Math.min(whole.minutes, budgetMinutes) : 0;
  return {
    durationMs: Math.max(0, end - openedAt),
    requests,
    unanswered,
    budgetShare: expected > 0 ? unanswered / (expected * (1 - availability)) : undefined,
  };
}
