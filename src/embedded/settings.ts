/** Which vectors the records of an index carry. */
type IndexType = "DENSE" | "SPARSE" | "HYBRID";

/** How two dense vectors compare. */
export type SimilarityFunction = "COSINE" | "EUCLIDEAN" | "DOT_PRODUCT";

/** The kind of an index, fixed when it is created. */
export interface IndexSettings {
  readonly type: IndexType;
  /** Length of the dense vectors; 0 for a sparse index. */
  readonly dimension: number;
  readonly similarityFunction: SimilarityFunction;
  /** The model that embeds raw text into dense vectors; `""`: no model, callers send vectors. */
  readonly embeddingModel: string;
  /** The model that embeds raw text into sparse vectors; `""`: no model. */
  readonly sparseEmbeddingModel: string;
}

/** The limits of an index. The defaults are those that Upstash states (console, FAQ and developer API). */
export interface IndexLimits {
  /** Records of one upsert, ids of one fetch or delete, records of one page of a range, queries of a batch. */
  readonly batch: number;
  readonly topK: number;
  /** Entries of a sparse vector that are not zero. */
  readonly sparseEntries: number;
  /** Of one record, as JSON text in UTF-8. */
  readonly metadataBytes: number;
  readonly dataBytes: number;
  /** Namespaces, the default one included. */
  readonly namespaces: number;
  /** Resumable queries that are active at once. */
  readonly resumableQueries: number;
}

/** Bytes in UTF-8 of a new id, and of the name of a new namespace. Our decision: Upstash states no limit. */
export const maximumKeyBytes = 4_096;

/** Bytes of the records in one answer, about: each counts as its JSON text. Our decision. */
export const maximumAnswerBytes: number = 128 * 2 ** 20;

/** Components that a dense vector may have, at the most (help/faq.mdx). */
export const maximumDimension = 5_376;

export const defaultLimits: IndexLimits = {
  batch: 1_000,
  topK: 1_000,
  sparseEntries: 1_000,
  metadataBytes: 48 * 1_024,
  dataBytes: 1_024 * 1_024,
  namespaces: 10_000,
  resumableQueries: 100,
};

/** A sparse index of raw text by BM25: needs no model and no network. */
export const defaultSettings: IndexSettings = {
  type: "SPARSE",
  dimension: 0,
  similarityFunction: "COSINE",
  embeddingModel: "",
  sparseEmbeddingModel: "BM25",
};
