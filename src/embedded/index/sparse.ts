import type { PackedSparseVector } from "../storage/vectors.ts";
import { Growable } from "./growable.ts";
import { runInSlices, runThrough } from "./slices.ts";
import { type ScoredRow, TopK } from "./top-k.ts";

const round = Math.fround;

/** The live rows of a namespace, marked with 1, and their number. */
export interface LiveRows {
  readonly live: Uint8Array;
  readonly liveCount: number;
}

/** The rows that contain one index of the sparse space, ascending, with its value in each. */
class Posting {
  readonly rows: Growable<Int32Array> = new Growable((capacity) => new Int32Array(capacity), 2);
  readonly values: Growable<Float32Array> = new Growable((capacity) => new Float32Array(capacity), 2);

  /** Rows that contain this index, live or not. */
  #recordCount = 0;
  #lastRow = -1;

  /** A posting of these entries; it keeps the views. */
  static of(rows: Int32Array, values: Float32Array): Posting {
    const posting = new Posting();
    posting.rows.replace(rows);
    posting.values.replace(values);
    for (const row of rows) posting.#count(row);
    return posting;
  }

  push(row: number, value: number): void {
    this.#count(row);
    this.rows.push(row);
    this.values.push(value);
  }

  #count(row: number): void {
    if (row !== this.#lastRow) this.#recordCount++;
    this.#lastRow = row;
  }

  /** Live rows that contain this index; one that contains it twice counts once. */
  documentFrequency({ live, liveCount }: LiveRows): number {
    if (liveCount === live.length) return this.#recordCount;
    const rows = this.rows.array;
    let count = 0;
    let previous = -1;
    for (let place = 0; place < this.rows.length; place++) {
      const row = rows[place] as number;
      if (row !== previous && live[row] === 1) count++;
      previous = row;
    }
    return count;
  }
}

/** Entries of one step, well under a millisecond. */
const entriesPerStep = 20_000;

/** The sums of one search: for each row the sum so far, and the search that it belongs to. */
class Sums {
  #scores: Float32Array = new Float32Array(0);
  #searches: Int32Array = new Int32Array(0);
  #search = 0;
  /** Rows that have a sum, in the order of their first entry. */
  touched: Growable<Int32Array> = new Growable((capacity) => new Int32Array(capacity), 256);

  /** Discards the sums of the former search. */
  begin(rowCount: number): void {
    this.#search++;
    this.touched = new Growable((capacity) => new Int32Array(capacity), 256);
    if (this.#scores.length >= rowCount) return;
    const capacity = Math.max(rowCount, this.#scores.length * 2);
    this.#scores = new Float32Array(capacity);
    this.#searches = new Int32Array(capacity);
  }

  add(row: number, product: number): void {
    if (this.#searches[row] !== this.#search) {
      this.#searches[row] = this.#search;
      this.#scores[row] = 0;
      this.touched.push(row);
    }
    this.#scores[row] = (this.#scores[row] as number) + product;
  }

  of(row: number): number {
    return this.#scores[row] as number;
  }
}

/** The inverted index of a namespace: inner products over common indices, exact. */
export class SparseVectors {
  readonly #postings = new Map<number, Posting>();
  #rowCount = 0;
  /** Free sums; one for each search that ran at the same time. */
  readonly #free: Sums[] = [];

  /** Adds the next row. */
  push(vector: PackedSparseVector): void {
    const row = this.#rowCount++;
    for (let place = 0; place < vector.indices.length; place++) {
      const index = vector.indices[place] as number;
      let posting = this.#postings.get(index);
      if (posting === undefined) {
        posting = new Posting();
        this.#postings.set(index, posting);
      }
      posting.push(row, vector.values[place] as number);
    }
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
  ): Promise<ScoredRow[]> {
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
    const sums = this.#free.pop() ?? new Sums();
    try {
      sums.begin(this.#rowCount);
      for (const term of terms) yield* accumulate(term, accepted, sums);
      const { touched } = sums;
      const best = new TopK(Math.min(k, touched.length));
      for (let place = 0; place < touched.length; place++) {
        const row = touched.array[place] as number;
        best.offer(row, sums.of(row));
        if (place % entriesPerStep === entriesPerStep - 1) yield;
      }
      return best.sorted();
    } finally {
      this.#free.push(sums);
    }
  }

  /** The postings of the query, with the weight of each. */
  #termsOf(query: PackedSparseVector, weighting: LiveRows | undefined): Term[] {
    const terms: Term[] = [];
    for (let place = 0; place < query.indices.length; place++) {
      const posting = this.#postings.get(query.indices[place] as number);
      if (posting === undefined) continue;
      const value = query.values[place] as number;
      const weight = weighting
        ? round(value * inverseDocumentFrequency(weighting.liveCount, posting.documentFrequency(weighting)))
        : value;
      terms.push({ weight, rows: posting.rows.view, values: posting.values.view });
    }
    return terms;
  }

  /**
   * The postings as bytes for a side file: uint32 rows, postings and entries; then int32 indices, uint32
   * lengths, int32 rows and float32 values, posting after posting.
   */
  *save(): Generator<Uint8Array> {
    const postings = [...this.#postings.values()];
    const lengths = Uint32Array.from(postings, ({ rows }) => rows.length);
    const entryCount = lengths.reduce((sum, length) => sum + length, 0);
    yield bytesOf(Uint32Array.of(this.#rowCount, postings.length, entryCount));
    yield bytesOf(Int32Array.from(this.#postings.keys()));
    yield bytesOf(lengths);
    const rows = new Int32Array(entryCount);
    const values = new Float32Array(entryCount);
    let start = 0;
    for (const posting of postings) {
      rows.set(posting.rows.view, start);
      values.set(posting.values.view, start);
      start += posting.rows.length;
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

/** One index of a query: its weight, and its posting at the start of the search. */
interface Term {
  readonly weight: number;
  readonly rows: Int32Array;
  readonly values: Float32Array;
}

function* accumulate({ weight, rows, values }: Term, accepted: Uint8Array, sums: Sums): Generator<void> {
  for (let place = 0; place < rows.length; place++) {
    const row = rows[place] as number;
    if (accepted[row] === 1) sums.add(row, round(weight * (values[place] as number)));
    if (place % entriesPerStep === entriesPerStep - 1) yield;
  }
}

/** Upstash's formula (vector-js, query/types.ts), per namespace: `total` records, `containing` of them. */
function inverseDocumentFrequency(total: number, containing: number): number {
  return Math.log((total - containing + 0.5) / (containing + 0.5) + 1);
}

function bytesOf(numbers: Int32Array | Uint32Array | Float32Array): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}
