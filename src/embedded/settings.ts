/** Which vectors the records of an index carry. */
export type IndexType = "DENSE" | "SPARSE" | "HYBRID";

/** How two dense vectors compare. */
export type SimilarityFunction = "COSINE" | "EUCLIDEAN" | "DOT_PRODUCT";

/** What an index is, fixed when it is made. */
export interface IndexSettings {
  readonly type: IndexType;
  /** Length of the dense vectors; 0 for a sparse index. */
  readonly dimension: number;
  readonly similarityFunction: SimilarityFunction;
  /** The model that embeds raw text into dense vectors; `""`: none, callers bring vectors. */
  readonly embeddingModel: string;
  /** The model that embeds raw text into sparse vectors; `""`: none. */
  readonly sparseEmbeddingModel: string;
}

/** Limits that Upstash states (console, FAQ and developer API). */
export const limits: {
  /** Records in one upsert, ids in one fetch or delete, records in one page of a range. */
  readonly batch: number;
  readonly topK: number;
  readonly sparseEntries: number;
  readonly dimension: number;
  readonly metadataBytes: number;
  readonly dataBytes: number;
} = {
  batch: 1_000,
  topK: 1_000,
  sparseEntries: 1_000,
  dimension: 5_376,
  metadataBytes: 48 * 1_024,
  dataBytes: 1_024 * 1_024,
};

/** A sparse index of raw text by BM25: needs no model and no network. */
export const defaultSettings: IndexSettings = {
  type: "SPARSE",
  dimension: 0,
  similarityFunction: "COSINE",
  embeddingModel: "",
  sparseEmbeddingModel: "BM25",
};
