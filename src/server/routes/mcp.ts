import { randomUUID } from "node:crypto";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { createMcpServer } from "../../mcp/server.ts";
import { namespaceFor, requireScope } from "../caller.ts";
import type { ServerApp } from "../environment.ts";
import { HttpError } from "../http-error.ts";
import { type McpBody, RunningRequests, readMcpBody } from "../mcp-requests.ts";
import type { ServerParts } from "../parts.ts";
import { requestSignal } from "../request-signal.ts";

const sessionHeader = "Mcp-Session-Id";

/**
 * `POST /mcp`: the Model Context Protocol over streamable HTTP. No state is kept between requests, so that any replica
 * can answer any of them; the session only tells which request a cancellation is about.
 */
export function mcpRoutes(app: ServerApp, parts: ServerParts): void {
  const { engine, store, version, namespace: defaultNamespace, limits } = parts;
  const running = new RunningRequests();
  app.post("/mcp", async (context) => {
    const caller = context.get("caller");
    requireScope(caller, "read");
    const namespace = namespaceFor(caller, context.req.query("namespace"), defaultNamespace);
    const body = readBody(await context.req.text());
    if (Array.isArray(body.json) && body.json.length === 0) return context.json(emptyBatch, 400);
    const session = `${caller.keyId ?? ""} ${context.req.header(sessionHeader) ?? ""}`;
    for (const id of body.cancelledIds) running.cancel(session, id);
    const { signal, done } = requestSignal(context, limits);
    const request = running.start(session, body.requestIds, signal);
    const { server } = createMcpServer({
      engine,
      store,
      namespace,
      version,
      signal: request.signal,
      onFault: (error) => {
        // The answer has status 200; the log has the reason.
        Object.assign(context.get("progress"), { code: "internal", streamError: error });
      },
    });
    const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
    try {
      await server.connect(transport);
      const response = await Promise.race([
        transport.handleRequest(context.req.raw, { parsedBody: body.json }),
        // The protocol sends no answer to a cancelled request.
        request.cancelled.then(() => new Response(null, { status: 202 })),
      ]);
      if (body.isInitialize) context.header(sessionHeader, randomUUID());
      const type = response.headers.get("Content-Type");
      if (type !== null) context.header("Content-Type", type);
      return context.body(await response.text(), response.status as 200);
    } finally {
      request.end();
      done();
      await server.close();
    }
  });
}

/** JSON-RPC 2.0, section 6: an empty batch is an invalid request. */
const emptyBatch = {
  jsonrpc: "2.0",
  id: null,
  error: { code: -32_600, message: "Invalid Request: the batch is empty" },
} as const;

/** @throws {HttpError} 400 */
function readBody(text: string): McpBody {
  try {
    return readMcpBody(text);
  } catch (error) {
    throw new HttpError(400, "malformed", "The body is not JSON.", { cause: error });
  }
}
