import type { VectorStore } from "../store/store.ts";

/** Who makes the vectors of what is written: the target from the texts, or nobody, as the source's are carried over. */
export type Embedding = "target" | "carried";

/** Where a migration writes: one namespace of a store. */
export interface MigrationTarget {
  readonly store: VectorStore;
  readonly namespace: string;
  readonly embedding: Embedding;
}
