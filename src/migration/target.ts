import type { VectorStore } from "../store/store.ts";

/** `target`: the target makes the vectors from the texts. `carried`: the vectors of the source are kept. */
export type Embedding = "target" | "carried";

/** The namespace of a store that a migration writes to. */
export interface MigrationTarget {
  readonly store: VectorStore;
  readonly namespace: string;
  readonly embedding: Embedding;
}
