import { createRoute } from "@hono/zod-openapi";
import { askEvents } from "../ask-events.ts";
import { requireScope } from "../caller.ts";
import type { ServerApp, ServerContext } from "../environment.ts";
import { type ServerEvent, streamEvents } from "../event-stream.ts";
import { toChunks, toCompletion } from "../openai/chat-answer.ts";
import { readChatRequest } from "../openai/chat-request.ts";
import { openAiErrors, toOpenAiError } from "../openai/error.ts";
import { requireChatModel } from "../openai/models.ts";
import type { ServerParts } from "../parts.ts";
import { describeProblem } from "../problem.ts";
import { requestSignal } from "../request-signal.ts";
import { chatCompletionSchema, chatRequestSchema } from "../schemas/chat.ts";
import { scopeOf } from "../search-scope.ts";
import { sendJson } from "../send-json.ts";

const route = createRoute({
  method: "post",
  path: "/v1/chat/completions",
  summary: "Answer the last message of a conversation, as OpenAI's API does",
  description:
    "The last message is the question, earlier ones are its history. System messages are not followed, tools are not called, and other fields of OpenAI's API have no effect. With `stream` the answer comes as server-sent events, up to `[DONE]`.",
  tags: ["OpenAI"],
  request: { body: { required: true, content: { "application/json": { schema: chatRequestSchema } } } },
  responses: {
    200: {
      description: "The answer",
      content: {
        "application/json": { schema: chatCompletionSchema },
        "text/event-stream": { schema: { type: "string", description: "Chunks as server-sent events" } },
      },
    },
    ...openAiErrors(400, 401, 403, 404, 413, 429, 500, 502, 503, 504),
  },
});

/** `POST /v1/chat/completions`. */
export function chatRoutes(app: ServerApp, parts: ServerParts): void {
  const { engine, namespace, limits } = parts;
  app.openapi(route, async (context) => {
    const caller = context.get("caller");
    requireScope(caller, "read");
    const request = context.req.valid("json");
    requireChatModel(request.model);
    const { question, history, stops, maximumTokens } = readChatRequest(request);
    const { footer: _, ...limitsOfSearch } = request.ragfood ?? {};
    const scope = scopeOf(limitsOfSearch, caller, namespace);
    const { signal, done } = requestSignal(context, limits);
    const form = { ...request, stops, maximumTokens };
    const events = askEvents(engine.stream(question, { ...scope, history, signal }), parts, caller);
    if (request.stream) {
      const chunks = await begun(toChunks(events, form)).catch((error: unknown) => {
        done();
        throw error;
      });
      return streamEvents(context, withError(context, chunks), done) as never;
    }
    try {
      for await (const { event, data } of events) {
        if (event === "answer") return sendJson(context, toCompletion(data, form));
      }
      throw new TypeError("The engine ended without an answer.");
    } finally {
      done();
    }
  });
}

/** Waits for the first event: a failure until then, as of the search, still has a status of its own. */
async function begun<T>(events: AsyncGenerator<T>): Promise<AsyncGenerator<T>> {
  const first = await events.next();
  return (async function* () {
    if (first.done) return;
    yield first.value;
    yield* events;
  })();
}

/** A failure after the headers as OpenAI's clients read it; the stream ends with it. */
async function* withError(
  context: ServerContext,
  events: AsyncGenerator<ServerEvent>,
): AsyncGenerator<ServerEvent> {
  try {
    yield* events;
  } catch (error) {
    const { problem } = describeProblem(error, context.get("requestId"));
    const progress = context.get("progress");
    progress.code = problem.code;
    progress.streamError = error;
    yield { data: toOpenAiError(problem) };
  }
}
