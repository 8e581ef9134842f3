import { createRoute } from "@hono/zod-openapi";
import type { Watch } from "../../operations/watch/watch.ts";
import type { ServerApp } from "../environment.ts";
import { type ServerEvent, streamEvents } from "../event-stream.ts";
import { unavailable } from "../http-error.ts";
import { problems } from "../responses.ts";
import { requireOperator } from "./status.ts";

/** Clients of one process at once. */
const maximumClients = 100;

/** Milliseconds between two snapshots; a change of the sentence is sent at once. */
const intervalMs = 2_000;

const route = createRoute({
  method: "get",
  path: "/api/events",
  summary:
    "The status as server-sent events: a snapshot every two seconds, and at once if its sentence changes",
  tags: ["operations"],
  responses: {
    200: {
      description: "Events `status` with the body of `GET /api/status`",
      content: { "text/event-stream": { schema: { type: "string" } } },
    },
    ...problems(401, 403, 503),
  },
});

/** `GET /api/events`. */
export function eventRoutes(app: ServerApp, watch: Watch): void {
  let clients = 0;
  app.openapi(route, (context) => {
    requireOperator(context);
    if (clients >= maximumClients) {
      throw unavailable("too-many-clients", `${maximumClients} clients read events already.`, intervalMs);
    }
    clients++;
    watch.eventClients(clients);
    const left = new AbortController();
    const signal = AbortSignal.any([context.req.raw.signal, watch.stopping, left.signal]);
    const end = () => {
      left.abort();
      clients--;
      watch.eventClients(clients);
    };
    return streamEvents(context, snapshots(watch, signal), end) as never;
  });
}

async function* snapshots(watch: Watch, signal: AbortSignal): AsyncGenerator<ServerEvent> {
  while (!signal.aborted) {
    yield { event: "status", data: watch.status() };
    await nextSnapshot(watch, signal);
  }
}

/** Resolves after the interval, at a change, or when the signal fires. */
function nextSnapshot(watch: Watch, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      unsubscribe();
      signal.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, intervalMs);
    const unsubscribe = watch.onChange(wake);
    signal.addEventListener("abort", wake);
    if (signal.aborted) wake();
  });
}
