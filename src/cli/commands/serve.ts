import { once } from "node:events";
import { openService, type Service } from "../../composition/service.ts";
import { ServiceError } from "../../foundation/errors.ts";
import { listen } from "../../server/listen.ts";
import type { CommandContext, Run, ValuesOf } from "../command.ts";
import type { serve } from "../definitions/serve.ts";
import { keepServing } from "../keep-serving.ts";
import { observersFor } from "../observers.ts";
import { makeReady, settingsOf } from "../prepare.ts";

export const runServe: Run<typeof serve> = async (values, context) => {
  const { environment, version } = context;
  const { namespace, host } = values;
  const settings = settingsOf(
    values,
    namespace === undefined ? environment : { ...environment, NAMESPACE: namespace },
  );
  const service = await openService(settings, { version, host, observers: observersFor(context) });
  try {
    await fill(service, context);
    await serveUntilStopped(service, values, context);
  } finally {
    await service.close();
  }
  return undefined;
};

/** A service that starts during an outage answers when the store does. */
async function fill({ application }: Service, context: CommandContext): Promise<void> {
  try {
    await makeReady(application, application.settings.namespace, context);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    context.terminal.note(`The store does not answer yet: ${error.message}`);
  }
}

async function serveUntilStopped(
  service: Service,
  values: ValuesOf<typeof serve>,
  { terminal, signal }: CommandContext,
): Promise<void> {
  const server = await listen(service.app, { host: values.host, port: values.port });
  const release = keepServing(terminal);
  try {
    if (values.json) terminal.json({ url: server.url });
    else terminal.line(`Ready: ${server.url} (Ctrl-C stops)`);
    if (!signal.aborted) await once(signal, "abort");
    terminal.note("Stopping: running requests are answered first. Ctrl-C again stops at once.");
    service.beginStop();
    await server.close(values["stop-after"] * 1_000);
  } finally {
    release();
  }
}
