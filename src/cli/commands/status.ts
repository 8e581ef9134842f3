import { RunningService } from "../../composition/running-service.ts";
import { type ServiceView, viewOfService, viewOfState } from "../../composition/service-view.ts";
import { readSettings } from "../../config/settings.ts";
import { ConnectionError } from "../../foundation/errors.ts";
import type { Run } from "../command.ts";
import type { status } from "../definitions/status.ts";
import { exitCodes } from "../failure.ts";
import { printService } from "../service-display.ts";
import { withStateIfAny } from "../state.ts";

export const runStatus: Run<typeof status> = async ({ url, json }, { environment, terminal, signal }) => {
  const settings = readSettings(environment);
  const service = new RunningService(settings, url);
  let view: ServiceView;
  try {
    view = await viewOfService(service, signal);
  } catch (error) {
    // One that was named is not replaced by what another one left.
    if (!(error instanceof ConnectionError) || url !== undefined || settings.serviceUrl !== undefined)
      throw error;
    const recorded = await withStateIfAny(settings, async (state) =>
      state === undefined ? undefined : await viewOfState(state, settings, error),
    );
    if (recorded === undefined) throw error;
    view = recorded;
  }
  if (json) terminal.json(view);
  else printService(view, terminal);
  return view.condition === "good" ? exitCodes.done : exitCodes.failed;
};
