import { userInfo } from "node:os";
import { RunningService } from "../../composition/running-service.ts";
import { readSettings } from "../../config/settings.ts";
import { NotFoundError, UsageError } from "../../foundation/errors.ts";
import { quoted } from "../../foundation/quoted.ts";
import { acknowledge } from "../../operations/alerts/acknowledge.ts";
import { type AlertResponse, toAlertResponse } from "../../server/schemas/watch.ts";
import { listAlerts } from "../../state/alerts.ts";
import type { CommandContext, Run } from "../command.ts";
import type { ack, list } from "../definitions/alerts.ts";
import { onlyOf } from "../only-of.ts";
import { recordedAlertLine } from "../service-display.ts";
import { withState } from "../state.ts";

/** As many as the API lists. */
const mostRead = 1_000;

export const runAlerts: Run<typeof list> = async ({ url, limit, json }, context) => {
  const found = await read(url, limit, context);
  if (json) context.terminal.json({ alerts: found });
  else if (found.length === 0) context.terminal.line("There was no alert.");
  else for (const alert of found) context.terminal.line(recordedAlertLine(alert));
  return undefined;
};

export const acknowledgeAlerts: Run<typeof ack> = async ({ id, note, url, json }, context) => {
  const found = await read(url, mostRead, context);
  const wanted =
    id === undefined
      ? found.filter(({ state, acknowledgement }) => state === "firing" && acknowledgement === null)
      : [onlyOf("alert", found, id)];
  const what = { by: userInfo().username, text: note?.trim() ?? "" };
  const done: AlertResponse[] = [];
  for (const alert of wanted) done.push(await acknowledgeOne(alert, what, url, context));
  if (json) context.terminal.json({ alerts: done });
  else if (done.length === 0) context.terminal.line("No alert fires that nobody knows of.");
  else for (const alert of done) context.terminal.line(recordedAlertLine(alert));
  return undefined;
};

/** The state is the same for all processes: a service need not run. */
async function read(
  url: string | undefined,
  limit: number,
  { environment, signal }: CommandContext,
): Promise<readonly AlertResponse[]> {
  const settings = readSettings(environment);
  if (url !== undefined) return await new RunningService(settings, url).alerts(limit, signal);
  return await withState(settings, async (state) => {
    const alerts = await state.transaction((session) => listAlerts(session, { limit }), { readOnly: true });
    return alerts.map(toAlertResponse);
  });
}

async function acknowledgeOne(
  { id, sentence, state }: AlertResponse,
  what: { readonly by: string; readonly text: string },
  url: string | undefined,
  { environment, signal }: CommandContext,
): Promise<AlertResponse> {
  const settings = readSettings(environment);
  if (state === "recovered") throw new UsageError(`The alert has ended: ${sentence}`);
  if (url !== undefined) return await new RunningService(settings, url).acknowledge(id, what, signal);
  const alert = await withState(settings, (database) => acknowledge(database, id, what));
  if (alert === undefined) throw new NotFoundError("alert", `No alert has the id ${quoted(id)}.`);
  return toAlertResponse(alert);
}
