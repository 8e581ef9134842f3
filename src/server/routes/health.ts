import { createRoute, z } from "@hono/zod-openapi";
import { ServiceError, StorageError } from "../../foundation/errors.ts";
import type { ServerApp } from "../environment.ts";
import { unavailable } from "../http-error.ts";
import type { ServerParts } from "../parts.ts";
import { problems } from "../responses.ts";

const alive = createRoute({
  method: "get",
  path: "/healthz",
  summary: "Whether the process is alive; no key needed",
  tags: ["health"],
  responses: {
    200: {
      description: "It is alive",
      content: { "application/json": { schema: z.object({ status: z.literal("alive") }) } },
    },
  },
});

const ready = createRoute({
  method: "get",
  path: "/readyz",
  summary:
    "Whether questions can be answered: a store answers, and the service is not stopping; no key needed",
  tags: ["health"],
  responses: {
    200: {
      description: "It is ready",
      content: {
        "application/json": { schema: z.object({ status: z.literal("ready"), store: z.string() }) },
      },
    },
    ...problems(503),
  },
});

/** Milliseconds that a store has to answer. */
const readyTimeoutMs = 5_000;

/** Milliseconds for which an answer of the store counts, so that probes cost nothing. */
const freshForMs = 1_000;

/** Health checks need no key: load balancers and orchestrators do not have one. */
export function healthRoutes(app: ServerApp, { store, obstacles }: ServerParts): void {
  let last: { readonly at: number; readonly check: Promise<string> } | undefined;
  const check = async () => {
    let { name } = store;
    await store.info({
      signal: AbortSignal.timeout(readyTimeoutMs),
      onServed: (served) => {
        name = served.store;
      },
      onFallback: (fallback) => {
        name = fallback.store;
      },
    });
    return name;
  };
  app.openapi(alive, (context) => context.json({ status: "alive" as const }, 200));
  app.openapi(ready, async (context) => {
    const [obstacle] = obstacles?.() ?? [];
    if (obstacle !== undefined) throw unavailable("not-ready", obstacle, freshForMs);
    if (last === undefined || performance.now() - last.at > freshForMs) {
      last = { at: performance.now(), check: check() };
    }
    try {
      return context.json({ status: "ready" as const, store: await last.check }, 200);
    } catch (error) {
      if (!(error instanceof ServiceError || error instanceof StorageError)) throw error;
      throw unavailable("not-ready", `The store ${store.name} does not answer.`, freshForMs);
    }
  });
}
