import { describeFailure } from "../../foundation/describe-failure.ts";
import { serveStdio } from "../../mcp/stdio.ts";
import type { Run } from "../command.ts";
import type { mcp } from "../definitions/mcp.ts";
import { makeReady, settingsOf, withApplication } from "../prepare.ts";

export const runMcp: Run<typeof mcp> = async (values, context) => {
  const { terminal, signal, input, version } = context;
  const settings = settingsOf(values, context.environment);
  const namespace = values.namespace ?? settings.namespace;
  return await withApplication(settings, context, async (application) => {
    const { engine, store } = application;
    if (input.isTTY) {
      terminal.note(
        "This command speaks MCP on standard input and output, and an MCP host starts it: docs/integrations.md. Ctrl-C stops.",
      );
    }
    let preparing: Promise<boolean> | undefined;
    await serveStdio({
      engine,
      store,
      namespace,
      version,
      signal,
      input,
      output: process.stdout,
      // At the first call: filling an index with a model can take longer than a host waits for a connection.
      ready: () => {
        preparing ??= makeReady(application, namespace, context).catch((error: unknown) => {
          preparing = undefined;
          throw error;
        });
        return preparing;
      },
      onFault: (error) => terminal.note(`MCP: ${describeFailure(error)}`),
    });
    return undefined;
  });
};
