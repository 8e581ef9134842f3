import { createRoute } from "@hono/zod-openapi";
import type { Watch } from "../../operations/watch/watch.ts";
import { requireAllNamespaces, requireScope } from "../caller.ts";
import type { ServerApp } from "../environment.ts";
import { problems } from "../responses.ts";

const route = createRoute({
  method: "get",
  path: "/metrics",
  summary: "Metrics of this process for Prometheus; needs the scope operate",
  tags: ["operations"],
  responses: {
    200: {
      description: "Prometheus' text format",
      content: { "text/plain": { schema: { type: "string" } } },
    },
    ...problems(401, 403),
  },
});

/** `GET /metrics`: of this process alone, since Prometheus scrapes each replica and sums them. */
export function metricRoutes(app: ServerApp, watch: Watch): void {
  app.openapi(route, async (context) => {
    const caller = context.get("caller");
    requireScope(caller, "operate");
    requireAllNamespaces(caller);
    const { text, contentType } = await watch.exposition();
    return context.body(text, 200, { "Content-Type": contentType }) as never;
  });
}
