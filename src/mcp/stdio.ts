import { once } from "node:events";
import { setImmediate } from "node:timers/promises";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { z } from "zod";
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
  const transport = new StdioServerTransport(input, output);
  transport.onerror = (error) => {
    const refusal = refusalOf(error);
    if (refusal !== undefined)
      output.write(`${JSON.stringify({ jsonrpc: "2.0", id: null, error: refusal })}\n`);
  };
  await server.connect(transport);
  await Promise.race([ended, stopped, closed]);
  if (!stop.aborted) {
    // The last messages are read, their calls begin, and after them their answers are written.
    await setImmediate();
    await Promise.race([idle(), stopped]);
    await setImmediate();
  }
  await server.close();
}

/**
 * The error for a line that the SDK cannot read and so does not answer; `undefined` for an error of the connection.
 * JSON-RPC 2.0, section 5.1, has the codes; the id of such a line is not known, so the answer has the id null.
 */
function refusalOf(error: Error): { readonly code: number; readonly message: string } | undefined {
  if (error instanceof SyntaxError) return { code: -32_700, message: "The line is not JSON." };
  if (!(error instanceof z.core.$ZodError)) return undefined;
  return {
    code: -32_600,
    message:
      "The line is not a JSON-RPC message. A request has jsonrpc, method, and an id that is a string or an integer up to 2^53 - 1.",
  };
}
