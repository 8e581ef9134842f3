import { createRoute } from "@hono/zod-openapi";
import { summarizePlan } from "../../rag/understanding/describe.ts";
import { requireScope } from "../caller.ts";
import type { ServerApp } from "../environment.ts";
import type { ServerParts } from "../parts.ts";
import { requestSignal } from "../request-signal.ts";
import { problems, requestProblems } from "../responses.ts";
import { searchRequestSchema, searchResponseSchema } from "../schemas/search.ts";
import { scopeOf } from "../search-scope.ts";
import { sendJson } from "../send-json.ts";

const route = createRoute({
  method: "post",
  path: "/api/search",
  summary: "Find the best matches for a text, without an answer",
  tags: ["questions"],
  request: { body: { required: true, content: { "application/json": { schema: searchRequestSchema } } } },
  responses: {
    200: { description: "The matches", content: { "application/json": { schema: searchResponseSchema } } },
    ...requestProblems,
    ...problems(500, 502, 504),
  },
});

/** `POST /api/search`. */
export function searchRoutes(app: ServerApp, { engine, namespace, limits }: ServerParts): void {
  app.openapi(route, async (context) => {
    const caller = context.get("caller");
    requireScope(caller, "read");
    const { text, ...request } = context.req.valid("json");
    const { signal, done } = requestSignal(context, limits);
    const scope = { ...scopeOf(request, caller, namespace), signal };
    const notices = new Set<string>();
    try {
      const started = performance.now();
      const { sources, plan, store, understood } = await engine.find(text, {
        ...scope,
        onFallback: (fallback) => void notices.add(engine.fallbackNotice(fallback)),
      });
      const retrieval = performance.now() - started;
      if (sources.length === 0) for (const advice of await engine.explainNothing(scope)) notices.add(advice);
      return sendJson(context, {
        text,
        plan: summarizePlan(plan),
        understood,
        store,
        sources,
        notices: [...notices],
        timings: { retrieval },
      });
    } finally {
      done();
    }
  });
}
