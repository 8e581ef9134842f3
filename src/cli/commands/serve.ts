import { once } from "node:events";
import { openService, type Service } from "../../composition/service.ts";
import { warmUp } from "../../composition/warm-up.ts";
import { describeFailure } from "../../foundation/describe-failure.ts";
import { BudgetError, ServiceError } from "../../foundation/errors.ts";
import { requireAddress } from "../../foundation/listen.ts";
import { LineBatch } from "../../operations/logs/line-batch.ts";
import { listen } from "../../server/listen.ts";
import type { CommandContext, Run, ValuesOf } from "../command.ts";
import type { serve } from "../definitions/serve.ts";
import { keepServing } from "../keep-serving.ts";
import { makeReady, requireFill, settingsOf } from "../prepare.ts";

export const runServe: Run<typeof serve> = async (values, context) => {
  const { environment, version } = context;
  const { namespace, host } = values;
  const settings = settingsOf(
    values,
    namespace === undefined ? environment : { ...environment, NAMESPACE: namespace },
  );
  const { terminal } = context;
  // Before any file is made.
  await requireAddress({ host, port: values.port, service: "ragfood" });
  await requireFill(settings);
  const lines = new LineBatch((text) => terminal.disclose(text));
  try {
    const service = await openService(settings, {
      version,
      host,
      environment,
      output: { write: lines.write, isTerminal: terminal.isInteractive },
    });
    try {
      await prepare(service, context);
      await serveUntilStopped(service, values, context);
    } finally {
      await service.close();
    }
  } finally {
    lines.close();
  }
  return undefined;
};

/** Before the service listens, so that it is ready when it says so. A service that starts during an outage answers when the store does. */
async function prepare({ application, log }: Service, context: CommandContext): Promise<void> {
  try {
    await makeReady(application, application.settings.namespace, context);
    await warmUp(application, context.signal);
  } catch (error) {
    // With a spent budget the pages, the status and the alerts are needed all the more.
    if (!(error instanceof ServiceError || error instanceof BudgetError)) throw error;
    log.warn({ failure: describeFailure(error) }, "The store does not answer yet");
  }
}

const openToLocal =
  "Every program of this machine may read, write and operate without a key. Behind a reverse proxy, or on a machine with other users, set SERVE_OPEN_TO=nobody or SERVE_TRUSTED_PROXIES";

async function serveUntilStopped(
  service: Service,
  values: ValuesOf<typeof serve>,
  { terminal, signal }: CommandContext,
): Promise<void> {
  const server = await listen(service.app, { host: values.host, port: values.port });
  const { log } = service;
  const release = keepServing((failure) => log.error({ failure }, "Still serving after an error"));
  try {
    if (values.json) terminal.json({ url: server.url });
    else if (service.logFormat === "json") log.info({ url: server.url }, `Ready: ${server.url}`);
    else terminal.line(`Ready: ${server.url} (Ctrl-C stops)`);
    if (service.isOpenToLocal) log.info({}, openToLocal);
    if (!signal.aborted) await once(signal, "abort");
    log.info({}, "Stopping: running requests are answered first");
    if (terminal.isInteractive) terminal.note("Ctrl-C again stops at once.");
    service.beginStop();
    await server.close(values["stop-after"] * 1_000);
  } finally {
    release();
  }
}
