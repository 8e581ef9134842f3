import type { AlertResponse, IncidentResponse } from "../service/contract.ts";
import { request, requestJson } from "../service/request.ts";

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
  /** Figures and events, as the service keeps them. */
  readonly evidence?: unknown;
  /** Of an incident: what it has cost so far. */
  readonly cost?: IncidentResponse["cost"];
  /** Whether it stays open until a person closes it. */
  readonly isKept: boolean;
  /** The alert of the row, or the one that opened the incident. */
  readonly alert?: Pick<AlertResponse, "id" | "state" | "acknowledgement">;
}

/** Whether an alert fires and nobody has said that they know of it. */
export function isNews({ alert }: Trouble): boolean {
  return alert?.state === "firing" && alert.acknowledgement === null;
}

/** What a person writes beside what they do. */
interface Note {
  readonly text: string;
  /** The name of the person; empty: the key says who it is. */
  readonly by: string;
}

/** What a person can do with an incident. */
export type IncidentAction = IncidentResponse["notes"][number]["action"];

/** @throws {ProblemError} */
export async function actOnIncident(id: string, action: IncidentAction, note: Note): Promise<void> {
  await request(`./api/incidents/${id}/${action}`, { method: "POST", role: "operate", body: bodyOf(note) });
}

/** @throws {ProblemError} */
export async function acknowledge(alertId: string, note: Note): Promise<void> {
  const path = `./api/alerts/${encodeURIComponent(alertId)}/acknowledge`;
  await request(path, { method: "POST", role: "operate", body: bodyOf(note) });
}

function bodyOf({ text, by }: Note): object {
  return { ...(text.trim() !== "" && { text }), ...(by.trim() !== "" && { by }) };
}

/** Alerts and incidents, newest first. @throws {ProblemError} if the service does not list them */
export async function readTroubles(signal: AbortSignal): Promise<Trouble[]> {
  const [alerts, incidents] = await Promise.all([readAlerts(signal), readIncidents(signal)]);
  // An alert that someone has to act on is kept as an incident too, of the same begin: one row is enough.
  const byBegin = new Map(alerts.map((each) => [`${each.key} ${minuteOf(each.openedAt)}`, each]));
  const merged = incidents.map((incident) => {
    const key = incident.sort.replace(/^alert:/, "");
    const alert = byBegin.get(`${key} ${minuteOf(incident.openedAt)}`);
    return alert?.alert === undefined ? incident : { ...incident, sort: alert.sort, alert: alert.alert };
  });
  const reported = new Set(incidents.map(({ sort, openedAt }) => `${sort} ${minuteOf(openedAt)}`));
  const alone = alerts.filter(({ key, openedAt }) => !reported.has(`alert:${key} ${minuteOf(openedAt)}`));
  return [...alone, ...merged].sort((left, right) => (left.openedAt < right.openedAt ? 1 : -1));
}

/** To the minute: the alert and its incident are stored one after the other. */
function minuteOf(time: string): string {
  return time.slice(0, 16);
}

async function readAlerts(signal: AbortSignal): Promise<(Trouble & { readonly key: string })[]> {
  const { alerts } = await requestJson<{ alerts: readonly AlertResponse[] }>("./api/alerts", {
    role: "operate",
    signal,
  });
  return alerts.map(({ id, key, severity, state, sentence, startedAt, recoveredAt, acknowledgement }) => ({
    id,
    alert: { id, state, acknowledgement },
    key,
    kind: "alert",
    title: sentence,
    state: state === "firing" ? "open" : "closed",
    openedAt: startedAt,
    closedAt: recoveredAt,
    sort: severity,
    report: null,
    isKept: false,
  }));
}

async function readIncidents(signal: AbortSignal): Promise<Trouble[]> {
  const { incidents } = await requestJson<{ incidents: readonly IncidentResponse[] }>("./api/incidents", {
    role: "operate",
    signal,
  });
  return incidents.map(({ kind, ...incident }) => ({
    ...incident,
    kind: "incident",
    state: incident.closedAt === null ? "open" : "closed",
    sort: kind,
  }));
}
