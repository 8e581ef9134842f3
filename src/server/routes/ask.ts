import { randomUUID } from "node:crypto";
import { createRoute } from "@hono/zod-openapi";
import type { AnswerEvent } from "../../rag/engine.ts";
import { factsOf, nameOf } from "../../rag/record/facts.ts";
import type { Source } from "../../rag/source.ts";
import { summarizePlan } from "../../rag/understanding/describe.ts";
import { requireScope } from "../caller.ts";
import type { ServerApp } from "../environment.ts";
import { type ServerEvent, streamEvents } from "../event-stream.ts";
import type { ServerParts } from "../parts.ts";
import { requestSignal } from "../request-signal.ts";
import { problems, requestProblems } from "../responses.ts";
import {
  type AnswerResponse,
  type AskEvents,
  answerSchema,
  askRequestSchema,
  type FoodFacts,
} from "../schemas/ask.ts";
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
  const { engine, namespace, limits, onAnswer, recentAnswers } = parts;
  app.openapi(route, async (context) => {
    const caller = context.get("caller");
    requireScope(caller, "read");
    const { question, history, ...scope } = context.req.valid("json");
    const { signal, done } = requestSignal(context, limits);
    const events = askEvents(
      engine.stream(question, { ...scopeOf(scope, caller, namespace), ...(history && { history }), signal }),
      (answer) => {
        recentAnswers.add(answer);
        onAnswer?.(answer, caller.keyId);
      },
    );
    if (wantsEvents(context.req.header("accept"))) return streamEvents(context, events, done) as never;
    try {
      for await (const { event, data } of events) {
        if (event === "answer") return sendJson(context, data as AnswerResponse);
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

type AskEvent = {
  [Name in keyof AskEvents]: { readonly event: Name; readonly data: AskEvents[Name] };
}[keyof AskEvents];

/** The engine's events in the form of the API. */
async function* askEvents(
  events: AsyncIterable<AnswerEvent>,
  onAnswer: (answer: AnswerResponse) => void,
): AsyncGenerator<AskEvent & ServerEvent> {
  const fallbacks: AskEvent[] = [];
  let facts: readonly FoodFacts[] = [];
  for await (const event of events) {
    if (event.kind === "fallback") {
      // What was understood comes first.
      fallbacks.push({ event: "notice", data: { kind: "fallback", text: event.notice } });
    } else if (event.kind === "sources") {
      const { plan, understood, sources } = event;
      facts = factsAbout(sources, new Set(plan.foods.flatMap(({ ids }) => ids)));
      yield { event: "understanding", data: { plan: summarizePlan(plan), understood } };
      yield { event: "sources", data: sources };
      yield { event: "facts", data: facts };
      yield* fallbacks;
    } else if (event.kind === "text") {
      yield { event: "text", data: { text: event.text } };
    } else if (event.kind === "notice") {
      yield { event: "notice", data: { kind: "restart", text: event.notice } };
    } else if (event.kind === "advice") {
      yield { event: "notice", data: { kind: "advice", text: event.advice } };
    } else if (event.kind === "answer") {
      const answer = { id: randomUUID(), facts, ...event.answer };
      onAnswer(answer);
      yield { event: "answer", data: answer };
    }
  }
}

/** What the records of named foods say. */
function factsAbout(sources: readonly Source[], named: ReadonlySet<string>): FoodFacts[] {
  return sources
    .filter(({ id }) => named.has(id))
    .map((source) => ({
      id: source.id,
      source: source.number,
      name: nameOf(source),
      facts: factsOf(source),
    }));
}
