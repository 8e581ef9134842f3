import type { Embedder } from "../../embedding/embedder.ts";
import { estimateTokens } from "../../rag/model/window.ts";
import type { EmbeddingsRequest, EmbeddingsResponse } from "../schemas/embeddings.ts";
import { ValidationError } from "../validation-error.ts";

/**
 * Embeds the texts of a request.
 *
 * @throws {ValidationError} for tokens in place of texts, an empty text, or dimensions that the model does not make
 * @throws {ServiceError} if the model cannot be reached
 */
export async function embedRequest(
  request: EmbeddingsRequest,
  embedder: Embedder,
  signal: AbortSignal,
): Promise<EmbeddingsResponse> {
  const texts = textsOf(request);
  const { dimensions } = request;
  if (dimensions !== undefined && dimensions !== null && dimensions !== embedder.dimension) {
    throw invalid("dimensions", `${embedder.model} makes vectors of ${embedder.dimension} dimensions`);
  }
  const vectors = await embedder.embed(texts, request.input_type ?? "document", signal);
  const form = request.encoding_format === "base64" ? toBase64 : (vector: Float32Array) => Array.from(vector);
  const tokens = texts.reduce((sum, text) => sum + estimateTokens(text), 0);
  return {
    object: "list",
    data: vectors.map((vector, index) => ({ object: "embedding", index, embedding: form(vector) })),
    model: embedder.model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

function textsOf({ input }: EmbeddingsRequest): string[] {
  const texts = typeof input === "string" ? [input] : input;
  const isText = (each: unknown): each is string => typeof each === "string";
  if (!texts.every(isText)) throw invalid("input", "the model reads texts, not tokens of another model");
  if (texts.some((text) => text === "")) throw invalid("input", "a text is empty");
  return texts;
}

/** The bytes of float32 components, little-endian. */
function toBase64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * Float32Array.BYTES_PER_ELEMENT);
  for (const [place, component] of vector.entries()) {
    bytes.writeFloatLE(component, place * Float32Array.BYTES_PER_ELEMENT);
  }
  return bytes.toString("base64");
}

function invalid(field: string, message: string): ValidationError {
  return new ValidationError([{ path: `body.${field}`, message }]);
}
