import type { Embedder, EmbeddingPurpose, SparseEmbedder } from "../../embedding/embedder.ts";
import { IndexMismatchError, InvalidRequestError } from "../../foundation/errors.ts";
import { isSameModel } from "../../foundation/model-name.ts";
import type { IndexSettings } from "../settings.ts";
import { type PackedSparseVector, packSparse } from "../storage/vectors.ts";

/** The models that an index embeds raw text with. */
export interface IndexEmbedders {
  readonly dense?: Embedder;
  readonly sparse?: SparseEmbedder;
}

/** Which vectors to make of a text. */
export type TextParts = "HYBRID" | "DENSE" | "SPARSE";

/** The vectors of a text: the parts that the kind of index needs. */
export interface EmbeddedText {
  readonly dense: Float32Array | undefined;
  readonly sparse: PackedSparseVector | undefined;
}

/**
 * Checks that the models are those that the index was created with.
 * @throws {IndexMismatchError} otherwise: vectors of two models cannot be compared
 */
export function checkEmbedders(settings: IndexSettings, embedders: IndexEmbedders): void {
  const given = embedders.dense?.model ?? "";
  if (given !== "" && !isSameModel(given, settings.embeddingModel)) {
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

/** @throws {InvalidRequestError} 422 if the index has no model */
export function requireModel(settings: IndexSettings, embedders: IndexEmbedders): void {
  if (embedsText(settings, embedders)) return;
  throw new InvalidRequestError(
    "embedded",
    "Embedding data for this index is not allowed. The index must be created with an embedding model to use it.",
    {
      status: 422,
      ...(settings.embeddingModel !== "" && {
        hint: `Open the index with its model, ${settings.embeddingModel}: VectorIndex.open({ …, embedders: { dense } }).`,
      }),
    },
  );
}

/**
 * Embeds texts with the models of the index, in one call to each.
 * @param wanted the part of a hybrid index to make for each text; default: both
 * @throws {InvalidRequestError} 422 if the index has no model
 */
export async function embedTexts(
  settings: IndexSettings,
  embedders: IndexEmbedders,
  texts: readonly string[],
  purpose: EmbeddingPurpose,
  wanted: readonly (TextParts | undefined)[] = [],
): Promise<EmbeddedText[]> {
  requireModel(settings, embedders);
  const partsOf = (place: number) =>
    settings.type === "HYBRID" ? (wanted[place] ?? "HYBRID") : settings.type;
  const denseTexts = texts.filter((_, place) => partsOf(place) !== "SPARSE");
  const dense = denseTexts.length === 0 ? [] : ((await embedders.dense?.embed(denseTexts, purpose)) ?? []);
  const remaining = dense.values();
  return texts.map((text, place) => {
    const parts = partsOf(place);
    return {
      dense: parts === "SPARSE" ? undefined : remaining.next().value,
      sparse:
        parts !== "DENSE" && embedders.sparse ? packSparse(embedders.sparse.embed(text, purpose)) : undefined,
    };
  });
}
