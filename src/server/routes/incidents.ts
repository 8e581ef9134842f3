import { createRoute, z } from "@hono/zod-openapi";
import type { Watch } from "../../operations/watch/watch.ts";
import { type Incident, incidentActions } from "../../state/incidents.ts";
import { operatorName } from "../caller.ts";
import type { ServerApp } from "../environment.ts";
import { HttpError } from "../http-error.ts";
import { problems, requestProblems } from "../responses.ts";
import {
  incidentSchema,
  incidentsSchema,
  operatorNoteSchema,
  toIncidentResponse,
} from "../schemas/incidents.ts";
import { alertSchema, alertsSchema, toAlertResponse } from "../schemas/watch.ts";
import { ValidationError } from "../validation-error.ts";
import { queryTime, requireOperator } from "./status.ts";

const listQuery = z.strictObject({
  from: queryTime.optional(),
  to: queryTime.optional(),
  limit: z.coerce.number().int().min(1).max(1_000).optional(),
});

const alerts = createRoute({
  method: "get",
  path: "/api/alerts",
  summary: "Alerts that fire or fired, the newest first",
  tags: ["operations"],
  request: { query: listQuery },
  responses: {
    200: { description: "Alerts", content: { "application/json": { schema: alertsSchema } } },
    ...problems(401, 403, 422, 503),
  },
});

const acknowledge = createRoute({
  method: "post",
  path: "/api/alerts/{id}/acknowledge",
  summary: "Say that you know of an alert that fires",
  description:
    "It no longer leads the sentence of the status, and it still counts: the state does not turn good by it. Who, when and the text are kept, also as a note on its incident. An alert whose severity rises counts as new.",
  tags: ["operations"],
  request: {
    params: z.object({ id: z.string() }),
    body: { content: { "application/json": { schema: operatorNoteSchema } } },
  },
  responses: {
    200: { description: "The alert after it", content: { "application/json": { schema: alertSchema } } },
    ...requestProblems,
    ...problems(404, 409),
  },
});

const incidents = createRoute({
  method: "get",
  path: "/api/incidents",
  summary: "Incidents with their reports, costs and notes, the newest first",
  tags: ["operations"],
  request: { query: listQuery },
  responses: {
    200: { description: "Incidents", content: { "application/json": { schema: incidentsSchema } } },
    ...problems(401, 403, 422, 503),
  },
});

const act = createRoute({
  method: "post",
  path: "/api/incidents/{id}/{action}",
  summary: "Note something about an incident, keep it open, or close it",
  description:
    "An incident ends when its cause is over. `keep-open` makes it wait for `close`, and opens it again if it has ended. Notes become part of its report.",
  tags: ["operations"],
  request: {
    params: z.object({ id: z.string(), action: z.enum(incidentActions) }),
    body: { content: { "application/json": { schema: operatorNoteSchema } } },
  },
  responses: {
    200: {
      description: "The incident after it",
      content: { "application/json": { schema: incidentSchema } },
    },
    ...requestProblems,
    ...problems(404),
  },
});

/** `GET /api/alerts`, `POST /api/alerts/{id}/acknowledge`, `GET /api/incidents`, `POST /api/incidents/{id}/{action}`. */
export function incidentRoutes(app: ServerApp, watch: Watch): void {
  const toResponse = (incident: Incident) => toIncidentResponse(incident, watch.costOf(incident));
  app.openapi(alerts, async (context) => {
    requireOperator(context);
    const found = await watch.alerts(toQuery(context.req.valid("query")));
    return context.json({ alerts: found.map(toAlertResponse) }, 200);
  });
  app.openapi(acknowledge, async (context) => {
    requireOperator(context);
    const { id } = context.req.valid("param");
    const { by, text = "" } = context.req.valid("json") ?? {};
    const note = { by: operatorName(context.get("caller"), by), text: text.trim() };
    const alert = await watch.acknowledge(id, note);
    if (alert === undefined) {
      throw new HttpError(404, "not-found", `No alert has the id ${JSON.stringify(id)}.`);
    }
    if (alert.state === "recovered") {
      throw new HttpError(409, "conflict", `The alert has ended: ${alert.sentence}`);
    }
    return context.json(toAlertResponse(alert), 200);
  });
  app.openapi(incidents, async (context) => {
    requireOperator(context);
    const found = await watch.incidents(toQuery(context.req.valid("query")));
    return context.json({ incidents: found.map(toResponse) }, 200);
  });
  app.openapi(act, async (context) => {
    requireOperator(context);
    const { id, action } = context.req.valid("param");
    const { by, text = "" } = context.req.valid("json") ?? {};
    if (action === "note" && text.trim() === "") {
      throw new ValidationError([{ path: "body.text", message: "a note needs a text" }]);
    }
    const note = { action, by: operatorName(context.get("caller"), by), text: text.trim() };
    const incident = await watch.actOnIncident(id, note);
    if (incident === undefined) {
      throw new HttpError(404, "not-found", `No incident has the id ${JSON.stringify(id)}.`);
    }
    return context.json(toResponse(incident), 200);
  });
}

/** As the repositories take it. */
function toQuery({ from, to, limit }: z.infer<typeof listQuery>) {
  return {
    ...(from !== undefined && { fromMs: Date.parse(from) }),
    ...(to !== undefined && { toMs: Date.parse(to) }),
    ...(limit !== undefined && { limit }),
  };
}
