/** A sparse vector: `indices` int32 (distinct when an embedder makes it), `values` float32, of equal length. */
export interface SparseVector {
  readonly indices: readonly number[];
  readonly values: readonly number[];
}

/** What a text is embedded for: some models want another prompt for a query than for a document. */
export type EmbeddingPurpose = "document" | "query";

/** Turns texts into dense vectors. */
export interface Embedder {
  /** The model's name, as `info()` reports it. */
  readonly model: string;
  /** Length of each vector. */
  readonly dimension: number;
  /**
   * One `float32[dimension]` a text, in order.
   * @throws {ServiceError} when the model cannot be reached or answers with something else
   */
  embed(
    texts: readonly string[],
    purpose: EmbeddingPurpose,
    signal?: AbortSignal | undefined,
  ): Promise<Float32Array[]>;
}

/** Turns texts into sparse vectors, without a model to wait for. */
export interface SparseEmbedder {
  readonly model: string;
  embed(text: string, purpose: EmbeddingPurpose): SparseVector;
}
