import { createRoute } from "@hono/zod-openapi";
import { requireScope } from "../caller.ts";
import type { ServerApp } from "../environment.ts";
import type { ServerParts } from "../parts.ts";
import { problems, requestProblems } from "../responses.ts";
import { feedbackRequestSchema, feedbackResponseSchema } from "../schemas/feedback.ts";

const route = createRoute({
  method: "post",
  path: "/api/feedback",
  summary: "Vote on an answer",
  description:
    "An answer of 200 means that the vote is kept durably; with 503 it is not kept. A further vote of the same caller on the same answer replaces the first.",
  tags: ["feedback"],
  request: { body: { required: true, content: { "application/json": { schema: feedbackRequestSchema } } } },
  responses: {
    200: {
      description: "The vote is kept",
      content: { "application/json": { schema: feedbackResponseSchema } },
    },
    ...requestProblems,
    ...problems(500),
  },
});

/** `POST /api/feedback`. */
export function feedbackRoutes(app: ServerApp, { feedback, recentAnswers }: ServerParts): void {
  if (feedback === undefined) return;
  app.openapi(route, async (context) => {
    const caller = context.get("caller");
    requireScope(caller, "read");
    const { answerId, vote, comment, session, question } = context.req.valid("json");
    const known = recentAnswers.get(answerId);
    const status = await feedback.vote({
      answerId,
      caller: [caller.keyId ?? "local", ...(session === undefined ? [] : [session])].join(":"),
      vote,
      comment,
      question: known?.question ?? question,
      store: known?.store,
      generator: known?.generator,
    });
    return context.json({ status }, 200);
  });
}
