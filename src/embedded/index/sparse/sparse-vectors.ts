import { runInSlices, runThrough } from "../../../foundation/slices.ts";
import type { PackedSparseVector } from "../../storage/vectors.ts";
import type { ScoredRow } from "../top-k.ts";
import { BlockSearch } from "./block-search.ts";
import { type LiveRows, Posting } from "./posting.ts";
import { type Term, termOf } from "./term.ts";

const round = Math.fround;

/**
 * The first searches of a small namespace scan its rows, which costs less than a millisecond each; building all
 * postings takes longer than the rest of a command that searches once.
 */
const mostScans = 8;

/** Entries of the rows that wait for their postings, at most: about 1 MB. */
const mostWaitingEntries = 2 ** 17;

/** Memory of a row that waits, in entries. */
const entriesPerRow = 64;

/** The inverted index of a namespace: inner products over common indices, exact. */
export class SparseVectors {
  readonly #postings = new Map<number, Posting>();
  #rowCount = 0;
  /** The last rows, which are not in the postings yet. */
  #waiting: PackedSparseVector[] = [];
  #waitingEntries = 0;
  #scans = 0;
  /** Free memory; one for each search that ran at the same time. */
  readonly #free: BlockSearch[] = [];

  /** Adds the next row; it keeps the vector. */
  push(vector: PackedSparseVector): void {
    this.#rowCount++;
    this.#waiting.push(vector);
    this.#waitingEntries += vector.indices.length + entriesPerRow;
    if (this.#waitingEntries > mostWaitingEntries) this.#invert();
  }

  /** Moves all waiting rows to the postings. */
  #invert(): void {
    addTo(this.#postings, this.#waiting, this.#rowCount - this.#waiting.length);
    this.#waiting = [];
    this.#waitingEntries = 0;
  }

  /** Postings, at least of these indices. */
  #postingsOf(indices: Int32Array): ReadonlyMap<number, Posting> {
    if (this.#waiting.length < this.#rowCount || this.#scans === mostScans) {
      this.#invert();
      return this.#postings;
    }
    this.#scans++;
    const found = new Map<number, Posting>();
    addTo(found, this.#waiting, 0, new Set(indices));
    return found;
  }

  /**
   * The best `k` of the rows that `accepted` marks with 1 and that share an index with the query.
   *
   * @param weighting if given, weighs each index of the query by its inverse frequency in these rows
   */
  search(
    query: PackedSparseVector,
    k: number,
    accepted: Uint8Array,
    weighting: LiveRows | undefined,
  ): ScoredRow[] {
    return runThrough(this.#steps(query, k, accepted, weighting));
  }

  /**
   * The same, but the event loop gets its turn after every 10 to 15 ms of work. Rows pushed meanwhile are not
   * searched.
   */
  searchInSlices(
    query: PackedSparseVector,
    k: number,
    accepted: Uint8Array,
    weighting: LiveRows | undefined,
  ): ScoredRow[] | Promise<ScoredRow[]> {
    return runInSlices(this.#steps(query, k, accepted, weighting));
  }

  *#steps(
    query: PackedSparseVector,
    k: number,
    accepted: Uint8Array,
    weighting: LiveRows | undefined,
  ): Generator<void, ScoredRow[]> {
    // Rows that are pushed between two steps must not change the weights of this search.
    const terms = this.#termsOf(query, weighting);
    const search = this.#free.pop() ?? new BlockSearch();
    try {
      return yield* search.search(terms, k, accepted);
    } finally {
      this.#free.push(search);
    }
  }

  /** The postings of the query, with the weight of each. */
  #termsOf(query: PackedSparseVector, weighting: LiveRows | undefined): Term[] {
    const terms: Term[] = [];
    const postings = this.#postingsOf(query.indices);
    for (let place = 0; place < query.indices.length; place++) {
      const posting = postings.get(query.indices[place] as number);
      if (posting === undefined) continue;
      const value = query.values[place] as number;
      const weight = weighting
        ? round(value * inverseDocumentFrequency(weighting.liveCount, posting.documentFrequency(weighting)))
        : value;
      terms.push(termOf(posting, weight));
    }
    return terms;
  }

  /**
   * The postings as bytes for a side file: uint32 rows, postings and entries; then int32 indices, uint32
   * lengths, int32 rows and float32 values, posting after posting.
   */
  *save(): Generator<Uint8Array> {
    this.#invert();
    const postings = [...this.#postings.values()];
    const lengths = Uint32Array.from(postings, ({ length }) => length);
    const entryCount = lengths.reduce((sum, length) => sum + length, 0);
    yield bytesOf(Uint32Array.of(this.#rowCount, postings.length, entryCount));
    yield bytesOf(Int32Array.from(this.#postings.keys()));
    yield bytesOf(lengths);
    const rows = new Int32Array(entryCount);
    const values = new Float32Array(entryCount);
    let start = 0;
    for (const posting of postings) {
      rows.set(posting.rows, start);
      values.set(posting.values, start);
      start += posting.length;
    }
    yield bytesOf(rows);
    yield bytesOf(values);
  }

  /**
   * Replaces all postings by the saved ones.
   * @param take returns the next bytes, in their own buffer
   */
  restore(take: (length: number) => Uint8Array): void {
    const [rowCount, postingCount, entryCount] = new Uint32Array(take(12).buffer) as unknown as [
      number,
      number,
      number,
    ];
    const indices = new Int32Array(take(postingCount * 4).buffer);
    const lengths = new Uint32Array(take(postingCount * 4).buffer);
    const rows = new Int32Array(take(entryCount * 4).buffer);
    const values = new Float32Array(take(entryCount * 4).buffer);
    this.#postings.clear();
    this.#waiting = [];
    this.#waitingEntries = 0;
    let start = 0;
    for (let place = 0; place < postingCount; place++) {
      const end = start + (lengths[place] as number);
      const posting = Posting.of(rows.subarray(start, end), values.subarray(start, end));
      this.#postings.set(indices[place] as number, posting);
      start = end;
    }
    this.#rowCount = rowCount;
  }
}

/**
 * Adds rows to postings.
 * @param firstRow the number of the first one
 * @param wanted the indices to add; default: all
 */
function addTo(
  postings: Map<number, Posting>,
  rows: readonly PackedSparseVector[],
  firstRow: number,
  wanted?: ReadonlySet<number>,
): void {
  for (const [offset, { indices, values }] of rows.entries()) {
    for (let place = 0; place < indices.length; place++) {
      const index = indices[place] as number;
      if (wanted?.has(index) === false) continue;
      let posting = postings.get(index);
      if (posting === undefined) {
        posting = new Posting();
        postings.set(index, posting);
      }
      posting.push(firstRow + offset, values[place] as number);
    }
  }
}

/** Upstash's formula (vector-js, query/types.ts), per namespace: `total` records, `containing` of them. */
function inverseDocumentFrequency(total: number, containing: number): number {
  return Math.log((total - containing + 0.5) / (containing + 0.5) + 1);
}

function bytesOf(numbers: Int32Array | Uint32Array | Float32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
