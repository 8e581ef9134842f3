import { createRoute } from "@hono/zod-openapi";
import { requireScope } from "../caller.ts";
import type { ServerApp } from "../environment.ts";
import { embedRequest } from "../openai/embeddings.ts";
import { openAiErrors } from "../openai/error.ts";
import { requireEmbedder } from "../openai/models.ts";
import type { ServerParts } from "../parts.ts";
import { requestSignal } from "../request-signal.ts";
import { embeddingsRequestSchema, embeddingsSchema } from "../schemas/embeddings.ts";

const route = createRoute({
  method: "post",
  path: "/v1/embeddings",
  summary: "Vectors of texts, as OpenAI's API gives them",
  description: "Only on a service with an embedding model (EMBEDDER); `/v1/models` lists it.",
  tags: ["OpenAI"],
  request: {
    body: { required: true, content: { "application/json": { schema: embeddingsRequestSchema } } },
  },
  responses: {
    200: { description: "The vectors", content: { "application/json": { schema: embeddingsSchema } } },
    ...openAiErrors(400, 401, 403, 404, 413, 429, 500, 502, 503, 504),
  },
});

/** `POST /v1/embeddings`. */
export function embeddingRoutes(app: ServerApp, { embedder, limits }: ServerParts): void {
  app.openapi(route, async (context) => {
    requireScope(context.get("caller"), "read");
    const request = context.req.valid("json");
    const model = requireEmbedder(request.model, embedder);
    const { signal, done } = requestSignal(context, limits);
    try {
      return context.json(await embedRequest(request, model, signal), 200);
    } finally {
      done();
    }
  });
}
