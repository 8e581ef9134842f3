import type { CallOptions, StoreInfo, VectorStore } from "../../store/store.ts";
import { type Metric, metricOf } from "./metric.ts";

/** The records that are compared: a store, and one namespace of it. */
export interface ComparedStore {
  readonly store: VectorStore;
  /** Default `""`. */
  readonly namespace?: string;
}

export type SideName = "source" | "target";

/** One side of a comparison, with what its index says of itself. */
export interface Side {
  readonly name: SideName;
  readonly store: VectorStore;
  readonly namespace: string;
  readonly info: StoreInfo;
  /** How it says that it compares dense vectors; `undefined` where it has none, or says something else. */
  readonly metric: Metric | undefined;
  /** Whether its results to a vector can be foretold from its vectors: an index of dense vectors alone. */
  readonly isForetellable: boolean;
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
    isForetellable: info.type === "DENSE" && metric !== undefined,
  };
}

/**
 * Whether the target holds the source's vectors, or vectors made anew by whatever model it has:
 * `re-embedded` where the two are of different kinds or dimensions, or name different models.
 */
export type VectorRelation = "carried" | "re-embedded";

export function relationOf(source: StoreInfo, target: StoreInfo): VectorRelation {
  const models = [source.embeddingModel, target.embeddingModel];
  const differs = models[0] !== models[1] && models.every((model) => model !== "");
  const isAlike = source.type === target.type && source.dimension === target.dimension && !differs;
  return isAlike && source.sparseEmbeddingModel === target.sparseEmbeddingModel ? "carried" : "re-embedded";
}
