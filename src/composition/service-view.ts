import type { Settings } from "../config/settings.ts";
import { type ConnectionError, ServiceFaultError } from "../foundation/errors.ts";
import { timeText } from "../operations/report/figures.ts";
import type { AlertStatus, Condition, Status } from "../operations/status/status.ts";
import { incidentCost } from "../operations/watch/incident-cost.ts";
import { readTimeline } from "../operations/watch/read-timeline.ts";
import { toAlertStatus } from "../operations/watch/to-status.ts";
import { type IncidentResponse, toIncidentResponse } from "../server/schemas/incidents.ts";
import { listAlerts } from "../state/alerts.ts";
import type { StateDatabase } from "../state/database.ts";
import { listIncidents } from "../state/incidents.ts";
import type { RunningService } from "./running-service.ts";

/** How a service is, by what it says itself, or by what the state store holds if none answers. */
export interface ServiceView {
  /** The URL of the service, or the place of the state. */
  readonly from: string;
  readonly condition: Condition;
  readonly sentence: string;
  readonly since: string | null;
  /** `undefined` without a service that answers. */
  readonly status: Status | undefined;
  /** Those that fire. */
  readonly alerts: readonly AlertStatus[];
  readonly lastIncident: IncidentResponse | undefined;
  /** Why the last incident is not known, a sentence: the rest of the view is. */
  readonly incidentsFault?: string;
}

/** @throws {ServiceError} if it does not answer, or refuses */
export async function viewOfService(service: RunningService, signal: AbortSignal): Promise<ServiceView> {
  const status = await service.status(signal);
  const { condition, sentence, since, alerts } = status;
  const view = { from: service.url, condition, sentence, since, status, alerts };
  try {
    const [lastIncident] = await service.incidents(1, signal);
    return { ...view, lastIncident };
  } catch (error) {
    // Incidents are in the state store, which may be what is wrong.
    if (!(error instanceof ServiceFaultError)) throw error;
    return { ...view, lastIncident: undefined, incidentsFault: error.message };
  }
}

/**
 * What the last service left in the state store. Nothing is measured now, so it is never good.
 * @throws {StateError}
 */
export async function viewOfState(
  state: StateDatabase,
  settings: Settings,
  { message }: ConnectionError,
): Promise<ServiceView> {
  const alerts = await state.transaction((session) => listAlerts(session, { isFiring: true }), {
    readOnly: true,
  });
  const timeline = await readTimeline(state, Date.now());
  const last = timeline.lastMinute;
  const [lastIncident] = await recordedIncidents(state, settings, 1);
  const measured =
    last === undefined
      ? "Nothing was measured yet"
      : `The last measures are of ${timeText(new Date(last).toISOString())}`;
  return {
    from: state.location,
    condition: "unknown",
    sentence: `${message} ${measured}`,
    since: last === undefined ? null : new Date(last).toISOString(),
    status: undefined,
    alerts: alerts.map((alert) => toAlertStatus(alert, [])),
    lastIncident,
  };
}

/** Incidents with their reports and costs, the newest first, without any service. @throws {StateError} */
export async function recordedIncidents(
  state: StateDatabase,
  { objectives }: Settings,
  limit: number,
): Promise<IncidentResponse[]> {
  const now = Date.now();
  const timeline = await readTimeline(state, now);
  const found = await state.transaction((session) => listIncidents(session, { limit }), { readOnly: true });
  return found.map((incident) =>
    toIncidentResponse(incident, incidentCost(incident, timeline, objectives, now)),
  );
}
