import { type Acknowledgement, type Alert, acknowledgeAlert } from "../../state/alerts.ts";
import type { StateDatabase } from "../../state/database.ts";
import { actOnIncident, listIncidents } from "../../state/incidents.ts";

/**
 * Keeps that a person knows of an alert that fires. The report of its incident says so too.
 *
 * @returns the alert after it, unchanged if it has ended; `undefined` if it does not exist
 * @throws {StateError}
 */
export function acknowledge(
  state: StateDatabase,
  id: string,
  { by, text }: Omit<Acknowledgement, "at">,
): Promise<Alert | undefined> {
  return state.transaction(async (session) => {
    const alert = await acknowledgeAlert(session, id, { by, text });
    if (alert?.state !== "firing") return alert;
    const note = {
      action: "note",
      by,
      text: text === "" ? "Acknowledged" : `Acknowledged: ${text}`,
    } as const;
    const open = await listIncidents(session, { kind: `alert:${alert.key}`, isOpen: true });
    for (const incident of open) await actOnIncident(session, incident.id, note);
    return alert;
  });
}
