/** `embedding_model`, `embed-model`, `model_name`, `ragfood:embedding-model`: keys under which applications note it. */
const modelKey = /^(ragfood:)?((embedding|embed|embedder|emb)[_:. -]?)?model([_:. -]?(name|id))?$/i;

/** The embedding model that the metadata of a collection name; the longest key first, as the most explicit. */
export function modelIn(metadata: Readonly<Record<string, unknown>>): string | undefined {
  const keys = Object.keys(metadata).filter((key) => modelKey.test(key));
  const models = keys.sort((left, right) => right.length - left.length).map((key) => metadata[key]);
  return models.find((model): model is string => typeof model === "string" && model.trim() !== "");
}
