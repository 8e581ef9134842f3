import type { CallOptions, StoreInfo, VectorStore } from "../../store/store.ts";
import { type Metric, metricOf } from "./metric.ts";

/** The records that are compared: a store, and one namespace of it. */
export interface ComparedStore {
  readonly store: VectorStore;
  /** Default `""`. */
  readonly namespace?: string;
}

export type SideName = "source" | "target";

/** One side of a comparison, with the description of its index. */
export interface Side {
  readonly name: SideName;
  readonly store: VectorStore;
  readonly namespace: string;
  readonly info: StoreInfo;
  /** The metric that it declares for dense vectors; `undefined` if it has none, or an unknown one. */
  readonly metric: Metric | undefined;
  /** Whether its vectors determine its results to a vector: an index of dense vectors only. */
  readonly hasExactNeighbours: boolean;
}

export async function describeSide(
  name: SideName,
  { store, namespace = "" }: ComparedStore,
  options: CallOptions,
): Promise<Side> {
  const info = await store.info(options);
  const metric = info.type === "SPARSE" ? undefined : metricOf(info.similarityFunction);
  return {
    name,
    store,
    namespace,
    info,
    metric,
    hasExactNeighbours: info.type === "DENSE" && metric !== undefined,
  };
}

/**
 * Whether the target holds the source's vectors (`carried`) or others. Two indexes of different kinds, dimensions or
 * models are `re-embedded`.
 */
export type VectorRelation = "carried" | "re-embedded";

export function relationOf(source: StoreInfo, target: StoreInfo): VectorRelation {
  const models = [source.embeddingModel, target.embeddingModel];
  const differs = models[0] !== models[1] && models.every((model) => model !== "");
  const isAlike = source.type === target.type && source.dimension === target.dimension && !differs;
  return isAlike && source.sparseEmbeddingModel === target.sparseEmbeddingModel ? "carried" : "re-embedded";
}
