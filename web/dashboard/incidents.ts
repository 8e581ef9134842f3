import type { AlertResponse, IncidentResponse } from "../service/contract.ts";
import { requestJson } from "../service/request.ts";

/** An alert or an incident, as a row of the table. */
export interface Trouble {
  readonly id: string;
  readonly kind: "alert" | "incident";
  readonly title: string;
  readonly state: "open" | "closed";
  readonly openedAt: string;
  readonly closedAt: string | null;
  /** `page`, `ticket`, `rollback`: what kind of alert or incident it is. */
  readonly sort: string;
  /** What was found out, in Markdown. */
  readonly report: string | null;
}

/** Alerts and incidents, newest first. @throws {ProblemError} if the service does not list them */
export async function readTroubles(signal: AbortSignal): Promise<Trouble[]> {
  const [alerts, incidents] = await Promise.all([readAlerts(signal), readIncidents(signal)]);
  return [...alerts, ...incidents].sort((left, right) => (left.openedAt < right.openedAt ? 1 : -1));
}

async function readAlerts(signal: AbortSignal): Promise<Trouble[]> {
  const { alerts } = await requestJson<{ alerts: readonly AlertResponse[] }>("./api/alerts", {
    role: "operate",
    signal,
  });
  return alerts.map(({ id, severity, state, sentence, startedAt, recoveredAt }) => ({
    id,
    kind: "alert",
    title: sentence,
    state: state === "firing" ? "open" : "closed",
    openedAt: startedAt,
    closedAt: recoveredAt,
    sort: severity,
    report: null,
  }));
}

async function readIncidents(signal: AbortSignal): Promise<Trouble[]> {
  const { incidents } = await requestJson<{ incidents: readonly IncidentResponse[] }>("./api/incidents", {
    role: "operate",
    signal,
  });
  return incidents.map(({ id, title, openedAt, closedAt, report, kind }) => ({
    id,
    title,
    openedAt,
    closedAt,
    report,
    kind: "incident",
    state: closedAt === null ? "open" : "closed",
    sort: kind,
  }));
}
