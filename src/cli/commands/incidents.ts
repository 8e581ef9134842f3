import { RunningService } from "../../composition/running-service.ts";
import { recordedIncidents } from "../../composition/service-view.ts";
import { readSettings } from "../../config/settings.ts";
import { NotFoundError, UsageError } from "../../foundation/errors.ts";
import type { IncidentResponse } from "../../server/schemas/incidents.ts";
import type { Run, ValuesOf } from "../command.ts";
import type { incidents } from "../definitions/incidents.ts";
import { incidentLine } from "../service-display.ts";
import { withState } from "../state.ts";

/** As many as the API lists. */
const mostRead = 1_000;

export const runIncidents: Run<typeof incidents> = async (values, { environment, terminal, signal }) => {
  const found = await read(values, environment, signal);
  if (values.id !== undefined) {
    const incident = only(found, values.id);
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

/** @throws {NotFoundError} @throws {UsageError} if several ids begin so */
function only(found: readonly IncidentResponse[], id: string): IncidentResponse {
  const matching = found.filter((incident) => incident.id.startsWith(id));
  const [incident] = matching;
  if (incident === undefined) {
    throw new NotFoundError("incident", `No incident has the id ${JSON.stringify(id)}.`, {
      hint: "ragfood incidents lists them.",
    });
  }
  if (matching.length === 1) return incident;
  throw new UsageError(`${matching.length} incidents have ids that begin with ${id}. Give more characters.`);
}

function notYet({ title }: IncidentResponse): string {
  return `${title}\n\nIts report is written when the rollback is complete. See: ragfood cutover status\n`;
}
