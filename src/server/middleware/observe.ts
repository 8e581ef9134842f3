import { randomUUID } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { safeListener } from "../../foundation/safe-listener.ts";
import { runInRequest } from "../../operations/logs/request-context.ts";
import { bindingsOf, type RequestProgress, type ServerEnvironment } from "../environment.ts";
import type { ServerParts } from "../parts.ts";

/** An id that a proxy may give to a request: safe in a header and in a log. */
const requestIdShape = /^[\w-]{8,64}$/;

/** Gives each request an id, and reports it when its answer is complete. */
export function observe({
  onArrival,
  onRequest,
  traceRequest,
}: Pick<ServerParts, "onArrival" | "onRequest" | "traceRequest">): MiddlewareHandler<ServerEnvironment> {
  const notify = safeListener(onRequest);
  return async (context, next) => {
    const started = performance.now();
    const onEnd = onArrival?.();
    const given = context.req.header("x-request-id") ?? "";
    const requestId = requestIdShape.test(given) ? given : randomUUID();
    const progress: RequestProgress = {};
    context.set("requestId", requestId);
    context.set("progress", progress);
    context.header("X-Request-Id", requestId);
    const trace = traceRequest?.(context.req.method, (name) => context.req.header(name));
    const scope = { requestId, ...(trace?.traceId !== undefined && { traceId: trace.traceId }) };
    const work = () => runInRequest(scope, next);
    await (trace === undefined ? work() : trace.run(work));
    const { req, res, error } = context;
    const { outgoing } = bindingsOf(context);
    const report = () => {
      onEnd?.();
      const isCut = outgoing?.destroyed === true && !outgoing.writableFinished;
      const route = routePath(context, -1);
      const { firstTextAt, code, streamError = error, hasLeft = isCut } = progress;
      trace?.end({ route, status: res.status, ...(code !== undefined && { error: code }) });
      notify({
        ...scope,
        method: req.method,
        route,
        path: req.path,
        status: res.status,
        milliseconds: performance.now() - started,
        keyId: context.get("caller")?.keyId,
        address: context.get("address") ?? "",
        hasLeft,
        ...((res.status >= 500 || progress.streamError !== undefined) && { error: streamError }),
        ...(code !== undefined && { code }),
        ...(firstTextAt !== undefined && { firstTextMs: firstTextAt - started }),
      });
    };
    // A stream goes on after the headers.
    if (outgoing && context.get("slot")?.isStreaming) outgoing.once("close", report);
    else report();
  };
}
