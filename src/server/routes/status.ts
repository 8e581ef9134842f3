import { createRoute, z } from "@hono/zod-openapi";
import { statusSchema } from "../../operations/status/status-schema.ts";
import type { Watch } from "../../operations/watch/watch.ts";
import { requireAllNamespaces, requireScope } from "../caller.ts";
import type { ServerApp, ServerContext } from "../environment.ts";
import { problems } from "../responses.ts";
import { historySchema, toHistoryEntry } from "../schemas/watch.ts";
import { ValidationError } from "../validation-error.ts";

const minuteSeconds = 60;
const hourSeconds = 3_600;

/** Points of one answer: a day by the minute. */
const maximumPoints = 1_500;

/** A time of a query. */
export const queryTime: z.ZodISODateTime = z.iso
  .datetime({ offset: true })
  .openapi({ description: "ISO 8601" });

const span = z.strictObject({ from: queryTime.optional(), to: queryTime.optional() });

const stepProblem = "has to be whole minutes, and from an hour on whole hours";

const historyQuery = span.extend({
  step: z.coerce
    .number()
    .int()
    .min(minuteSeconds)
    .refine((step) => step % (step < hourSeconds ? minuteSeconds : hourSeconds) === 0, stepProblem)
    .optional()
    .openapi({
      description: "Seconds of a point: whole minutes, of which 26 hours are kept, or whole hours",
    }),
});

const failures = problems(401, 403, 422, 503);

const statusRoute = createRoute({
  method: "get",
  path: "/api/status",
  summary: "Whether everything is all right, in one sentence, with every measure; needs the scope operate",
  tags: ["operations"],
  responses: {
    200: {
      description: "The status, of all replicas as far as the state store is reachable",
      content: { "application/json": { schema: statusSchema } },
    },
    ...failures,
  },
});

const historyRoute = createRoute({
  method: "get",
  path: "/api/metrics/history",
  summary: "What all replicas measured, for charts",
  tags: ["operations"],
  request: { query: historyQuery },
  responses: {
    200: {
      description: "A point for each step; the default is the last hour by the minute",
      content: { "application/json": { schema: historySchema } },
    },
    ...failures,
  },
});

/** `GET /api/status`, `GET /api/metrics/history`. */
export function statusRoutes(app: ServerApp, watch: Watch): void {
  app.openapi(statusRoute, async (context) => {
    requireOperator(context);
    return context.json(await watch.statusForReader(), 200);
  });
  app.openapi(historyRoute, async (context) => {
    requireOperator(context);
    const { from, to, step = minuteSeconds } = context.req.valid("query");
    const toMs = to === undefined ? Date.now() : Date.parse(to);
    const fromMs = from === undefined ? toMs - hourSeconds * 1_000 : Date.parse(from);
    const stepMs = step * 1_000;
    if (!(fromMs < toMs)) throw invalid("query.from", "has to be before `to`");
    if ((toMs - fromMs) / stepMs > maximumPoints) {
      throw invalid("query.step", `makes more than ${maximumPoints} points: choose a longer step`);
    }
    const points = await watch.history({ fromMs, toMs, stepMs });
    return context.json(
      {
        from: new Date(fromMs).toISOString(),
        to: new Date(toMs).toISOString(),
        stepSeconds: step,
        points: points.map(toHistoryEntry),
      },
      200,
    );
  });
}

/** @throws {HttpError} 403 */
export function requireOperator(context: ServerContext): void {
  const caller = context.get("caller");
  requireScope(caller, "operate");
  requireAllNamespaces(caller);
}

function invalid(path: string, message: string): ValidationError {
  return new ValidationError([{ path, message }]);
}
