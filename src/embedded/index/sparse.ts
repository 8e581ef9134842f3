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

/** Entries that a posting keeps in a plain array: most postings have few, and typed arrays cost more to make. */
const fewEntries = 8;

/** The rows that contain one index of the sparse space, ascending, with its value in each. */
class Posting {
  /** Row and value by turns, while there are few; afterwards empty. */
  #few: number[] = [];
  #rows: Growable<Int32Array> | undefined;
  #values: Growable<Float32Array> | undefined;
  /** Rows that contain this index, live or not. */
  #recordCount = 0;
  #lastRow = -1;

  /** A posting of these entries; it keeps the views. */
  static of(rows: Int32Array, values: Float32Array): Posting {
    const posting = new Posting();
    if (rows.length <= fewEntries) {
      for (const [place, row] of rows.entries()) posting.push(row, values[place] as number);
      return posting;
    }
    const [keptRows, keptValues] = posting.#grow();
    keptRows.replace(rows);
    keptValues.replace(values);
    for (const row of rows) posting.#count(row);
    return posting;
  }

  get length(): number {
    return this.#rows?.length ?? this.#few.length / 2;
  }

  /** The rows of the entries, valid until the next `push`. */
  get rows(): Int32Array {
    return (
      this.#rows?.view ??
      Int32Array.from({ length: this.length }, (_, place) => this.#few[2 * place] as number)
    );
  }

  /** The values of the entries, valid until the next `push`. */
  get values(): Float32Array {
    return (
      this.#values?.view ??
      Float32Array.from({ length: this.length }, (_, place) => this.#few[2 * place + 1] as number)
    );
  }

  push(row: number, value: number): void {
    this.#count(row);
    if (this.#rows === undefined && this.length < fewEntries) {
      this.#few.push(row, value);
      return;
    }
    const [rows, values] = this.#grow();
    rows.push(row);
    values.push(value);
  }

  /** The typed arrays, with the entries so far. */
  #grow(): [Growable<Int32Array>, Growable<Float32Array>] {
    if (this.#rows === undefined || this.#values === undefined) {
      this.#rows = new Growable((capacity) => new Int32Array(capacity), 2 * fewEntries);
      this.#values = new Growable((capacity) => new Float32Array(capacity), 2 * fewEntries);
      for (let place = 0; place < this.#few.length; place += 2) {
        this.#rows.push(this.#few[place] as number);
        this.#values.push(this.#few[place + 1] as number);
      }
      this.#few = [];
    }
    return [this.#rows, this.#values];
  }

  #count(row: number): void {
    if (row !== this.#lastRow) this.#recordCount++;
    this.#lastRow = row;
  }

  /** Live rows that contain this index; one that contains it twice counts once. */
  documentFrequency({ live, liveCount }: LiveRows): number {
    if (liveCount === live.length) return this.#recordCount;
    let count = 0;
    let previous = -1;
    for (const row of this.rows) {
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
  /** Free sums; one for each search that ran at the same time. */
  readonly #free: Sums[] = [];

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
    const postings = this.#postingsOf(query.indices);
    for (let place = 0; place < query.indices.length; place++) {
      const posting = postings.get(query.indices[place] as number);
      if (posting === undefined) continue;
      const value = query.values[place] as number;
      const weight = weighting
        ? round(value * inverseDocumentFrequency(weighting.liveCount, posting.documentFrequency(weighting)))
        : value;
      terms.push({ weight, rows: posting.rows, values: posting.values });
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
