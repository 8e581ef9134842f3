import type { SimilarityFunction } from "../../settings.ts";
import type { Call } from "../call.ts";

interface Counts {
  readonly vectorCount: number;
  readonly pendingVectorCount: number;
}

interface WireInfo extends Counts {
  readonly indexSize: number;
  readonly dimension: number;
  readonly similarityFunction: SimilarityFunction | "";
  readonly indexType: string;
  readonly denseIndex?: { dimension: number; similarityFunction: SimilarityFunction; embeddingModel: string };
  readonly sparseIndex?: { embeddingModel: string };
  readonly namespaces: Readonly<Record<string, Counts>>;
}

/** Writes are searchable at once, so nothing is ever pending. */
function counts(recordCount: number): Counts {
  return { vectorCount: recordCount, pendingVectorCount: 0 };
}

export function indexInfo({ index }: Call): WireInfo {
  const { settings, byteSize, namespaces } = index.info();
  const { type, dimension, similarityFunction, embeddingModel, sparseEmbeddingModel } = settings;
  const hasDense = type !== "SPARSE";
  return {
    ...counts(namespaces.reduce((sum, { recordCount }) => sum + recordCount, 0)),
    indexSize: byteSize,
    dimension,
    similarityFunction: hasDense ? similarityFunction : "",
    indexType: type,
    ...(hasDense && { denseIndex: { dimension, similarityFunction, embeddingModel } }),
    ...(type !== "DENSE" && { sparseIndex: { embeddingModel: sparseEmbeddingModel } }),
    namespaces: Object.fromEntries(namespaces.map(({ name, recordCount }) => [name, counts(recordCount)])),
  };
}
