import { createRoute, z } from "@hono/zod-openapi";
import { requireScope } from "../caller.ts";
import type { ServerApp } from "../environment.ts";
import { openAiErrors } from "../openai/error.ts";
import { modelsOf, unknownModel } from "../openai/models.ts";
import type { ServerParts } from "../parts.ts";
import { modelListSchema, modelSchema } from "../schemas/models.ts";

const tags = ["OpenAI"];
const errors = openAiErrors(401, 403, 404, 429, 503);

const list = createRoute({
  method: "get",
  path: "/v1/models",
  summary: "The models: ragfood, and the embedding model if the service has one",
  tags,
  responses: {
    200: { description: "The models", content: { "application/json": { schema: modelListSchema } } },
    ...errors,
  },
});

const get = createRoute({
  method: "get",
  // The name of a model may have slashes.
  path: "/v1/models/{model}",
  summary: "One model",
  tags,
  request: { params: z.object({ model: z.string() }) },
  responses: {
    200: { description: "The model", content: { "application/json": { schema: modelSchema } } },
    ...errors,
  },
});

/** `GET /v1/models`, and one of them. */
export function modelRoutes(app: ServerApp, { embedder }: ServerParts): void {
  const models = modelsOf(embedder, Math.floor(Date.now() / 1_000));
  app.openapi(list, (context) => {
    requireScope(context.get("caller"), "read");
    return context.json({ object: "list" as const, data: models }, 200);
  });
  app.openapi(get, (context) => {
    requireScope(context.get("caller"), "read");
    const { model } = context.req.valid("param");
    const found = models.find(({ id }) => id === model);
    if (found === undefined) throw unknownModel(model, "/v1/models lists the models.");
    return context.json(found, 200);
  });
}
