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

type Namespaces = ReturnType<Call["index"]["info"]>["namespaces"];

function counts(namespaces: Namespaces): Counts {
  return {
    vectorCount: namespaces.reduce((sum, { recordCount }) => sum + recordCount, 0),
    pendingVectorCount: namespaces.reduce((sum, { pendingCount }) => sum + pendingCount, 0),
  };
}

export function indexInfo({ index }: Call): WireInfo {
  const { settings, byteSize, namespaces } = index.info();
  const { type, dimension, similarityFunction, embeddingModel, sparseEmbeddingModel } = settings;
  const hasDense = type !== "SPARSE";
  return {
    ...counts(namespaces),
    indexSize: byteSize,
    dimension,
    similarityFunction: hasDense ? similarityFunction : "",
    indexType: type,
    ...(hasDense && { denseIndex: { dimension, similarityFunction, embeddingModel } }),
    ...(type !== "DENSE" && { sparseIndex: { embeddingModel: sparseEmbeddingModel } }),
    namespaces: Object.fromEntries(namespaces.map((entry) => [entry.name, counts([entry])])),
  };
}
