import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import type { McpParts } from "./parts.ts";
import { createMcpServer } from "./server.ts";

export interface StdioOptions extends McpParts {
  readonly input: NodeJS.ReadStream;
  /** Gets protocol messages and nothing else. */
  readonly output: NodeJS.WriteStream;
  /** Stops serving. */
  readonly signal: AbortSignal;
}

/**
 * Serves one client over standard input and output, until the input ends, the client stops reading or the signal
 * fires. Calls that run when the input ends are answered first.
 */
export async function serveStdio(options: StdioOptions): Promise<void> {
  const { input, output, signal, onFault } = options;
  const unread = new AbortController();
  const stop = AbortSignal.any([signal, unread.signal]);
  const { server, idle } = createMcpServer({ ...options, signal: stop });
  server.server.onerror = (error) => onFault?.(error);
  const stopped = stop.aborted ? Promise.resolve() : once(stop, "abort");
  const closed = new Promise<void>((resolve) => {
    server.server.onclose = resolve;
  });
  // A client that is gone cannot read; main.ts handles the error itself.
  output.once("error", () => unread.abort());
  output.once("close", () => unread.abort());
  const ended = new Promise<void>((resolve) => {
    input.once("end", resolve);
    input.once("close", resolve);
  });
  await server.connect(new StdioServerTransport(input, output));
  await Promise.race([ended, stopped, closed]);
  if (!stop.aborted) {
    // The last messages are read, their calls begin, and after them their answers are written.
    await setImmediate();
    await Promise.race([idle(), stopped]);
    await setImmediate();
  }
  await server.close();
}
