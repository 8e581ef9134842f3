import { once } from "node:events";
import { createService } from "../../composition/service.ts";
import { ServiceError } from "../../foundation/errors.ts";
import { listen } from "../../server/listen.ts";
import type { Run } from "../command.ts";
import type { serve } from "../definitions/serve.ts";
import { keepServing } from "../keep-serving.ts";
import { makeReady, settingsOf, withApplication } from "../prepare.ts";

export const runServe: Run<typeof serve> = async (values, context) => {
  const { terminal, signal, environment, version } = context;
  const { namespace } = values;
  const settings = settingsOf(
    values,
    namespace === undefined ? environment : { ...environment, NAMESPACE: namespace },
  );
  return await withApplication(settings, context, async (application) => {
    try {
      await makeReady(application, settings.namespace, context);
    } catch (error) {
      // A service that starts during an outage answers when the store does.
      if (!(error instanceof ServiceError)) throw error;
      terminal.note(`The store does not answer yet: ${error.message}`);
    }
    const service = createService(application, { version });
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
    return undefined;
  });
};
