import { dig } from "./space.ts";

/** The embedding function that Chroma recorded for a collection: not always the one that made the vectors. */
export interface EmbeddingFunction {
  /** `default`, `ollama`, `openai`. */
  readonly name: string;
  /** The model that its configuration names. */
  readonly model: string | undefined;
}

/** Keys for the model in the configurations of embedding functions. */
const modelKeys = ["model_name", "model", "model_id", "repo_id"];

/** The embedding function as versions from 1.0 record it, the schema first; `undefined` if they do not. */
export function findEmbeddingFunction(
  schema: unknown,
  configuration: unknown,
): EmbeddingFunction | undefined {
  const found =
    dig(schema, "keys", "#embedding", "float_list", "vector_index", "config", "embedding_function") ??
    dig(configuration, "embedding_function");
  const name = dig(found, "name");
  if (typeof name !== "string") return undefined;
  const models = modelKeys.map((key) => dig(found, "config", key));
  return { name, model: models.find((model) => typeof model === "string") as string | undefined };
}
