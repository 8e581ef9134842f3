/** The interface of a participant; each runs in a separate process. */

export interface Row {
  /** Counted from 0; its text is the id. */
  readonly row: number;
  readonly vector: Float32Array;
  readonly metadata: RowMetadata;
}

export interface RowMetadata {
  /** 0 to 9. */
  readonly tenth: number;
  /** 0 to 99. */
  readonly hundredth: number;
}

/** `field = value`. */
export interface RowFilter {
  readonly field: keyof RowMetadata;
  readonly value: number;
}

export interface OpenOptions {
  /** An existing directory for this participant. */
  readonly directory: string;
  readonly dimension: number;
  /** How many results a query gives. */
  readonly topK: number;
}

/** An open index. */
export interface OpenRival {
  /** Stores rows; returns when they are as durable as the participant makes them. */
  ingest(rows: readonly Row[]): Promise<void>;
  /** Everything else that has to be done before queries are as fast as they get. */
  build(): Promise<void>;
  /** The nearest rows by cosine, best first. */
  query(vector: Float32Array, filter: RowFilter | undefined): Promise<number[]>;
  /** Stores one row, new or again. */
  upsert(row: Row): Promise<void>;
  /** The process with the index, if it is not the querying process. */
  readonly processId?: number;
  close(): Promise<void>;
}

export interface Rival {
  /** Read about in the table's notes. */
  readonly note: string;
  readonly filters: boolean;
  open(options: OpenOptions): Promise<OpenRival>;
}

/** Loads the code of a participant, and says by an error why it cannot be loaded. */
export type LoadRival = (rivalsDirectory: string) => Promise<Rival>;
