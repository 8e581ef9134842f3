import { createRoute } from "@hono/zod-openapi";
import { askEvents } from "../ask-events.ts";
import { requireScope } from "../caller.ts";
import type { ServerApp } from "../environment.ts";
import { streamEvents } from "../event-stream.ts";
import type { ServerParts } from "../parts.ts";
import { requestSignal } from "../request-signal.ts";
import { problems, requestProblems } from "../responses.ts";
import { answerSchema, askRequestSchema } from "../schemas/ask.ts";
import { scopeOf } from "../search-scope.ts";
import { sendJson } from "../send-json.ts";

const eventStream = "text/event-stream";

const route = createRoute({
  method: "post",
  path: "/api/ask",
  summary: "Answer a question, with sources",
  description:
    "With `Accept: text/event-stream` the answer is streamed: the events `understanding`, `sources`, `facts`, `text` (pieces), `notice`, `answer` (the same object as without streaming), or `error` (problem details).",
  tags: ["questions"],
  request: { body: { required: true, content: { "application/json": { schema: askRequestSchema } } } },
  responses: {
    200: {
      description: "The answer",
      content: {
        "application/json": { schema: answerSchema },
        [eventStream]: { schema: { type: "string", description: "Server-sent events" } },
      },
    },
    ...requestProblems,
    ...problems(500, 502, 504),
  },
});

/** `POST /api/ask`. */
export function askRoutes(app: ServerApp, parts: ServerParts): void {
  const { engine, namespace, limits } = parts;
  app.openapi(route, async (context) => {
    const caller = context.get("caller");
    requireScope(caller, "read");
    const { question, history, ...scope } = context.req.valid("json");
    const { signal, done } = requestSignal(context, limits);
    const events = askEvents(
      engine.stream(question, { ...scopeOf(scope, caller, namespace), ...(history && { history }), signal }),
      parts,
      caller,
    );
    if (wantsEvents(context.req.header("accept"))) return streamEvents(context, events, done) as never;
    try {
      for await (const { event, data } of events) {
        if (event === "answer") return sendJson(context, data);
      }
      throw new TypeError("The engine ended without an answer.");
    } finally {
      done();
    }
  });
}

function wantsEvents(accept: string | undefined): boolean {
  return accept?.includes(eventStream) === true;
}
