import type { IndexSettings } from "../../src/embedded/settings.ts";

/** A small dense index that takes vectors and no text. */
export const dense: IndexSettings = {
  type: "DENSE",
  dimension: 2,
  similarityFunction: "COSINE",
  embeddingModel: "",
  sparseEmbeddingModel: "",
};
