import { userInfo } from "node:os";
import { RunningService } from "../../composition/running-service.ts";
import { recordedIncidents } from "../../composition/service-view.ts";
import { readSettings, type Settings } from "../../config/settings.ts";
import { UsageError } from "../../foundation/errors.ts";
import type { IncidentResponse } from "../../server/schemas/incidents.ts";
import { actOnIncident, type IncidentNote } from "../../state/incidents.ts";
import type { Run, ValuesOf } from "../command.ts";
import type { incidents } from "../definitions/incidents.ts";
import { onlyOf } from "../only-of.ts";
import { incidentLine } from "../service-display.ts";
import { withState } from "../state.ts";

/** As many as the API lists. */
const mostRead = 1_000;

export const runIncidents: Run<typeof incidents> = async (values, { environment, terminal, signal }) => {
  const action = actionOf(values);
  let found = await read(values, environment, signal);
  if (values.id !== undefined) {
    const { id } = onlyOf("incident", found, values.id);
    if (action !== undefined) {
      await act(readSettings(environment), id, action);
      found = await read(values, environment, signal);
    }
    const incident = onlyOf("incident", found, id);
    if (values.json) terminal.json(incident);
    else terminal.block(incident.report ?? notYet(incident));
    return undefined;
  }
  if (values.json) terminal.json({ incidents: found });
  else if (found.length === 0) terminal.line("There was no incident.");
  else for (const incident of found) terminal.line(incidentLine(incident));
  return undefined;
};

/** The state is the same for all processes: a service need not run. */
async function read(
  { url, id, limit }: ValuesOf<typeof incidents>,
  environment: Parameters<typeof readSettings>[0],
  signal: AbortSignal,
): Promise<readonly IncidentResponse[]> {
  const settings = readSettings(environment);
  const count = id === undefined ? limit : mostRead;
  if (url !== undefined) return await new RunningService(settings, url).incidents(count, signal);
  return await withState(settings, (state) => recordedIncidents(state, settings, count));
}

type Action = Omit<IncidentNote, "at" | "by">;

/** What is done about an incident; `undefined` if it is only read. @throws {UsageError} */
function actionOf(values: ValuesOf<typeof incidents>): Action | undefined {
  const { id, url, note = "", close, "keep-open": keepOpen } = values;
  if (values.note === undefined && !close && !keepOpen) return undefined;
  const given = values.note === undefined ? (close ? "--close" : "--keep-open") : "--note";
  if (id === undefined)
    throw new UsageError(`${given} needs the incident.`, { hint: "ragfood incidents lists them." });
  if (url !== undefined) {
    throw new UsageError(`${given} needs the state of the settings: leave out --url.`, {
      hint: "A service elsewhere takes it on its dashboard, or by POST /api/incidents/{id}/note, keep-open and close.",
    });
  }
  if (close && keepOpen) throw new UsageError("--close and --keep-open exclude each other.");
  if (values.note !== undefined && note.trim() === "") throw new UsageError("--note is empty.");
  return { action: close ? "close" : keepOpen ? "keep-open" : "note", text: note.trim() };
}

async function act(settings: Settings, id: string, action: Action): Promise<void> {
  const note = { ...action, by: userInfo().username };
  await withState(settings, (state) => state.transaction((session) => actOnIncident(session, id, note)));
}

function notYet({ title }: IncidentResponse): string {
  return `${title}\n\nIts report is written when the rollback is complete. See: ragfood cutover status\n`;
}
