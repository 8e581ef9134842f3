import type { Embedder, EmbeddingPurpose, SparseEmbedder } from "../../embedding/embedder.ts";
import { IndexMismatchError, InvalidRequestError } from "../../errors.ts";
import type { IndexSettings } from "../settings.ts";
import { type PackedSparseVector, packSparse } from "../storage/vectors.ts";

/** The models that an index embeds raw text with. */
export interface IndexEmbedders {
  readonly dense?: Embedder;
  readonly sparse?: SparseEmbedder;
}

/** What a text becomes: the parts that the kind of index needs. */
export interface EmbeddedText {
  readonly dense: Float32Array | undefined;
  readonly sparse: PackedSparseVector | undefined;
}

/**
 * The models given are those that the index was made with.
 * @throws {IndexMismatchError} otherwise: vectors of two models do not compare
 */
export function checkEmbedders(settings: IndexSettings, embedders: IndexEmbedders): void {
  const given = embedders.dense?.model ?? "";
  if (given !== "" && given !== settings.embeddingModel) {
    throw new IndexMismatchError(
      `The index was made with ${settings.embeddingModel === "" ? "no embedding model" : `the model ${settings.embeddingModel}`}; the settings name ${given}.`,
      { hint: "Set the model back, or start an empty index in another directory and ingest again." },
    );
  }
}

/** Whether raw text can be sent to this index. */
export function embedsText(settings: IndexSettings, embedders: IndexEmbedders): boolean {
  return (
    (settings.type === "SPARSE" || embedders.dense !== undefined) &&
    (settings.type === "DENSE" || (settings.sparseEmbeddingModel !== "" && embedders.sparse !== undefined))
  );
}

/**
 * Embeds texts with the models of the index.
 * @param wanted which of a hybrid index's two parts to make
 * @throws {InvalidRequestError} 422 when the index has no model
 */
export async function embedTexts(
  settings: IndexSettings,
  embedders: IndexEmbedders,
  texts: readonly string[],
  purpose: EmbeddingPurpose,
  wanted: "HYBRID" | "DENSE" | "SPARSE" = "HYBRID",
): Promise<EmbeddedText[]> {
  if (!embedsText(settings, embedders)) {
    throw new InvalidRequestError(
      "embedded",
      "Embedding data for this index is not allowed. The index must be created with an embedding model to use it.",
      { status: 422 },
    );
  }
  const wantsDense = settings.type === "DENSE" || (settings.type === "HYBRID" && wanted !== "SPARSE");
  const wantsSparse = settings.type === "SPARSE" || (settings.type === "HYBRID" && wanted !== "DENSE");
  const dense = wantsDense ? await embedders.dense?.embed(texts, purpose) : undefined;
  return texts.map((text, place) => ({
    dense: dense?.[place],
    sparse: wantsSparse && embedders.sparse ? packSparse(embedders.sparse.embed(text, purpose)) : undefined,
  }));
}
