/** Facts beside a text: JSON values. */
export type Metadata = Readonly<Record<string, unknown>>;

/** A text with an id and its metadata, as it goes into a store. */
export interface Document {
  readonly id: string;
  readonly text: string;
  readonly metadata: Metadata;
}

/** float32 components. */
export type Vector = Float32Array | readonly number[];

/** A document with its vectors, as a store holds it. Parts that were not asked for, or that the record lacks, are absent. */
export interface StoreRecord {
  readonly id: string;
  readonly text?: string;
  readonly metadata?: Metadata;
  /** float32, of the index's dimension. */
  readonly vector?: Vector;
  readonly sparseVector?: { readonly indices: readonly number[]; readonly values: readonly number[] };
}

/** A record that answers a query. */
export interface Match extends StoreRecord {
  /** Higher is better; 0 to 1 for cosine, unbounded for BM25. */
  readonly score: number;
}
