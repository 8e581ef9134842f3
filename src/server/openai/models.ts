import type { Embedder } from "../../embedding/embedder.ts";
import { HttpError } from "../http-error.ts";
import type { Model } from "../schemas/models.ts";

/** The model that answers questions. */
const chatModel = "ragfood";

/** The models that a program can name. */
export function modelsOf(embedder: Embedder | undefined, created: number): Model[] {
  return [chatModel, ...(embedder ? [embedder.model] : [])].map((id) => ({
    id,
    object: "model",
    created,
    owned_by: "ragfood",
  }));
}

/** @throws {HttpError} 404 */
export function requireChatModel(model: string): void {
  if (model !== chatModel) throw unknownModel(model, `${chatModel} answers questions.`);
}

/** @throws {HttpError} 404 if the service has no embedding model, or has another one */
export function requireEmbedder(model: string, embedder: Embedder | undefined): Embedder {
  if (embedder === undefined) {
    throw unknownModel(
      model,
      "This service has no embedding model: its index makes the vectors. EMBEDDER sets one.",
    );
  }
  if (model !== embedder.model) throw unknownModel(model, `${embedder.model} makes embeddings.`);
  return embedder;
}

export function unknownModel(model: string, hint: string): HttpError {
  return new HttpError(404, "model-not-found", `The model ${JSON.stringify(model)} does not exist.`, {
    hint,
  });
}
