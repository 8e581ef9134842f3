import type { IndexRecord } from "../api/records.ts";

/** What the table shows of a record; the drawer reads the whole one. */
export interface Row {
  readonly id: string;
  readonly score: number | undefined;
  readonly metadata: unknown;
  /** The beginning of its text. */
  readonly text: string | undefined;
  /** Its vectors in a few words. */
  readonly vector: string | undefined;
}

/** Rows by their place, loaded as the table asks for them. */
export interface RowSource {
  /** The rows that are known to exist; the scroll bar stands for them. */
  readonly count: number;
  readonly isCountExact: boolean;
  readonly isLoading: boolean;
  readonly error: Error | undefined;
  /** Records read so far by a search through all of them, such as the one for a filter; `undefined` if none is made. */
  readonly scanned: number | undefined;
  /** Rows passed on the way to a distant place: `range` has no way to jump. */
  readonly passed: number | undefined;
  row(place: number): Row | undefined;
  /** Asks for the rows from `first` to `last`; those that nobody asks for any more are not loaded. */
  want(first: number, last: number): void;
  /** Stops a long search, until `resume` or `finish`. */
  stop(): void;
  /** Goes on after a fault or a stop. */
  resume(): void;
  /** Reads to the end, so that the count is exact. */
  finish(): void;
  subscribe(listener: () => void): () => void;
  close(): void;
}

/** Characters of a text that a row keeps. */
const longestText = 300;

export function toRow({ id, score, metadata, data, vector, sparseVector }: IndexRecord): Row {
  return {
    id,
    score: score === undefined ? undefined : Number(score),
    metadata,
    text: data?.slice(0, longestText),
    vector: describeVectors(vector, sparseVector),
  };
}

function describeVectors(
  vector: IndexRecord["vector"],
  sparseVector: IndexRecord["sparseVector"],
): string | undefined {
  const parts = [
    vector && `${vector.length} dimensions`,
    sparseVector && `${sparseVector.indices.length} terms`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join(", ");
}
