import type { Alert } from "../alerts/alert-center.ts";
import { runbookOf } from "../alerts/runbook.ts";
import { minuteMs } from "../metrics/bucket.ts";
import { objectiveWords } from "../objectives/describe.ts";
import type { Calm, Evaluation } from "../objectives/evaluate.ts";
import { standingOf } from "../objectives/standing.ts";
import type { ObjectiveTargets } from "../objectives/targets.ts";
import { isoTime } from "../status/iso-time.ts";
import type { AcknowledgementStatus, AlertStatus, Objective, ObjectiveName } from "../status/status.ts";

/** Milliseconds for which an objective has to hold again before its alert ends. */
export const holdMs: number = 2 * minuteMs;

/** Milliseconds between two looks: write and read the history, judge the objectives, deliver alerts. */
export const lookMs = 10_000;

/** The key of the alert of an objective. */
export function objectiveKey(name: ObjectiveName): string {
  return `objective:${name}`;
}

export function toObjective(
  evaluation: Evaluation,
  firing: readonly Alert[],
  { minimumRequests }: ObjectiveTargets,
  { now, goodSince }: { readonly now: number; readonly goodSince: number | undefined },
): Objective {
  const { name, state, target, value, requests, windows, budget, measuredAt, calm } = evaluation;
  const { title, unit, comparison } = objectiveWords[name];
  const alert = firing.find(({ key }) => key === objectiveKey(name));
  const isBreached = state === "breached" || alert !== undefined;
  const objective: Omit<Objective, "standing"> = {
    name,
    title,
    unit,
    comparison,
    target,
    // An alert that fires while nothing is measured has not recovered.
    state: isBreached ? "breached" : state,
    since: isBreached ? isoTime(alert?.startedAt ?? now) : null,
    calmSince: isoTime(calm?.since),
    endsBy: isBreached && calm !== undefined ? isoTime(endOf(calm, goodSince ?? now)) : null,
    value: value ?? null,
    requests,
    minimumRequests,
    windows,
    budget: budget ?? null,
    time: isoTime(measuredAt),
    isStale: measuredAt === undefined || now - measuredAt > 6 * minuteMs,
  };
  return { ...objective, standing: standingOf(objective) };
}

/** The rules end, then the objective has to hold for a while, and the next look sees it. */
function endOf({ rulesEndAt }: Calm, goodSince: number): number {
  return (rulesEndAt ?? goodSince) + holdMs + lookMs;
}

export function toAcknowledgement({ acknowledgement }: Alert): AcknowledgementStatus | null {
  if (acknowledgement === undefined) return null;
  const { at, by, text } = acknowledgement;
  return { time: new Date(at).toISOString(), by, text };
}

/** @param objectives with those that raised alerts */
export function toAlertStatus(alert: Alert, objectives: readonly Objective[]): AlertStatus {
  const objective = objectives.find(({ name }) => objectiveKey(name) === alert.key);
  return {
    id: alert.id,
    key: alert.key,
    severity: alert.severity,
    state: alert.state,
    sentence: alert.sentence,
    startedAt: new Date(alert.startedAt).toISOString(),
    recoveredAt: isoTime(alert.recoveredAt),
    acknowledgement: toAcknowledgement(alert),
    calmSince: objective?.calmSince ?? null,
    endsBy: objective?.endsBy ?? null,
    runbook: runbookOf(alert.key),
    notification: alert.notification,
  };
}
