import type { Vector } from "../../store/document.ts";
import type { CallOptions } from "../../store/store.ts";
import { lengthOf, similarities } from "./metric.ts";
import { sampleRecords } from "./query.ts";
import type { ComparedStore } from "./side.ts";

/** A model that makes vectors of texts in this process. */
export interface TextModel {
  readonly model: string;
  readonly dimension: number;
  embed(texts: readonly string[], purpose: "document", signal?: AbortSignal | undefined): Promise<Vector[]>;
}

export interface ModelProbe {
  readonly model: string;
  /** Number of records whose texts were embedded. */
  readonly checked: number;
  /** Median cosine between the vector that the model makes of a record's text and the record's own. */
  readonly medianCosine: number;
  /** Whether it is the model that made the vectors. */
  readonly isSame: boolean;
}

/**
 * Vectors of two models are expected to have a cosine near 0; vectors of one model, also of enriched texts or of
 * another precision, one well above this. Our choice, not measured on many models.
 */
const leastCosine = 0.7;

/**
 * Whether a model is the one that made the vectors of a store: it embeds the texts of some records again.
 *
 * @throws {ServiceError} if the model does not answer
 */
export async function probeModel(
  { store, namespace = "" }: ComparedStore,
  model: TextModel,
  options: CallOptions & { readonly count?: number; readonly seed?: number } = {},
): Promise<ModelProbe> {
  const { count = 10, seed = 1, signal } = options;
  const call = { signal };
  const sampled = await sampleRecords({ store, namespace }, { count, seed, includeVectors: true }, call);
  const records = sampled.flatMap(({ text = "", vector }) => {
    return text.trim() !== "" && vector?.length === model.dimension ? [{ text, vector }] : [];
  });
  const made = await model.embed(
    records.map(({ text }) => text),
    "document",
    signal,
  );
  const cosines = records.map(({ vector }, place) => {
    const own = made[place] as Vector;
    return similarities(Float64Array.from(own), lengthOf(own), vector).COSINE;
  });
  const medianCosine = cosines.sort((left, right) => left - right)[Math.floor(cosines.length / 2)] ?? 0;
  return {
    model: model.model,
    checked: cosines.length,
    medianCosine,
    isSame: cosines.length > 0 && medianCosine >= leastCosine,
  };
}
