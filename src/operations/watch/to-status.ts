import type { Alert } from "../alerts/alert-center.ts";
import { minuteMs } from "../metrics/bucket.ts";
import { objectiveWords } from "../objectives/describe.ts";
import type { Evaluation } from "../objectives/evaluate.ts";
import type { ObjectiveTargets } from "../objectives/targets.ts";
import { isoTime } from "../status/iso-time.ts";
import type { AlertStatus, Objective, ObjectiveName } from "../status/status.ts";

/** The key of the alert of an objective. */
export function objectiveKey(name: ObjectiveName): string {
  return `objective:${name}`;
}

export function toObjective(
  evaluation: Evaluation,
  firing: readonly Alert[],
  { minimumRequests }: ObjectiveTargets,
  now: number,
): Objective {
  const { name, state, target, value, requests, windows, budget, measuredAt } = evaluation;
  const { title, unit, comparison } = objectiveWords[name];
  const alert = firing.find(({ key }) => key === objectiveKey(name));
  const isBreached = state === "breached" || alert !== undefined;
  return {
    name,
    title,
    unit,
    comparison,
    target,
    // An alert that fires while nothing is measured has not recovered.
    state: isBreached ? "breached" : state,
    since: isBreached ? isoTime(alert?.startedAt ?? now) : null,
    value: value ?? null,
    requests,
    minimumRequests,
    windows,
    budget: budget ?? null,
    time: isoTime(measuredAt),
    isStale: measuredAt === undefined || now - measuredAt > 6 * minuteMs,
  };
}

export function toAlertStatus(alert: Alert): AlertStatus {
  return {
    id: alert.id,
    key: alert.key,
    severity: alert.severity,
    state: alert.state,
    sentence: alert.sentence,
    startedAt: new Date(alert.startedAt).toISOString(),
    recoveredAt: isoTime(alert.recoveredAt),
    notification: alert.notification,
  };
}
