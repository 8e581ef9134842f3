import type { PackedSparseVector } from "../storage/vectors.ts";
import { Growable } from "./growable.ts";
import { type ScoredRow, TopK } from "./top-k.ts";

const round = Math.fround;

/** The rows of a namespace that count, 1 each, and how many they are. */
export interface LiveRows {
  readonly live: Uint8Array;
  readonly liveCount: number;
}

/** Where one index of the sparse space occurs: rows in ascending order, with the value in each. */
class Posting {
  readonly rows: Growable<Int32Array> = new Growable((capacity) => new Int32Array(capacity), 2);
  readonly values: Growable<Float32Array> = new Growable((capacity) => new Float32Array(capacity), 2);

  /** Records that hold this index, whether they count or not. */
  #recordCount = 0;
  #lastRow = -1;

  /** A posting of these entries, in views that it takes over. */
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

  /** Records that count and hold this index; one that holds it twice counts once. */
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

/** The inverted index of a namespace: inner products over common indices, exact. */
export class SparseVectors {
  readonly #postings = new Map<number, Posting>();
  #rowCount = 0;
  /** Per row, the sum so far and the query that it belongs to. */
  #scores: Float32Array = new Float32Array(0);
  #stamps: Int32Array = new Int32Array(0);
  #stamp = 0;

  /** Takes the next row. */
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
   * @param weighting where given, weighs each index of the query by its inverse frequency in these rows
   */
  search(
    query: PackedSparseVector,
    k: number,
    accepted: Uint8Array,
    weighting: LiveRows | undefined,
  ): ScoredRow[] {
    this.#begin();
    const touched = new Growable((capacity) => new Int32Array(capacity), 256);
    for (let place = 0; place < query.indices.length; place++) {
      const posting = this.#postings.get(query.indices[place] as number);
      if (posting === undefined) continue;
      const value = query.values[place] as number;
      const weight = weighting
        ? round(value * inverseDocumentFrequency(weighting.liveCount, posting.documentFrequency(weighting)))
        : value;
      this.#accumulate(posting, weight, accepted, touched);
    }
    const best = new TopK(Math.min(k, touched.length));
    for (let place = 0; place < touched.length; place++) {
      const row = touched.array[place] as number;
      best.offer(row, this.#scores[row] as number);
    }
    return best.sorted();
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
   * Replaces all postings by those of `save`.
   * @param take the next so many bytes, in a buffer of their own
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

  #begin(): void {
    this.#stamp++;
    if (this.#scores.length < this.#rowCount) {
      const capacity = Math.max(this.#rowCount, this.#scores.length * 2);
      this.#scores = new Float32Array(capacity);
      this.#stamps = new Int32Array(capacity);
    }
  }

  #accumulate(posting: Posting, weight: number, accepted: Uint8Array, touched: Growable<Int32Array>): void {
    const rows = posting.rows.array;
    const values = posting.values.array;
    for (let place = 0; place < posting.rows.length; place++) {
      const row = rows[place] as number;
      if (accepted[row] !== 1) continue;
      if (this.#stamps[row] !== this.#stamp) {
        this.#stamps[row] = this.#stamp;
        this.#scores[row] = 0;
        touched.push(row);
      }
      this.#scores[row] = (this.#scores[row] as number) + round(weight * (values[place] as number));
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
