import { Growable } from "../growable.ts";
import { PostingBlocks } from "./posting-blocks.ts";

/** The rows of a namespace, in the order of their writes. */
export interface LiveRows {
  /** For each row, 1 if it is live. */
  readonly live: Uint8Array;
  readonly liveCount: number;
  /** The other rows, in the order of their deletion. */
  readonly dead: Int32Array;
}

/** Entries that a posting keeps in a plain array: most postings have few, and typed arrays cost more to make. */
const fewEntries = 8;

/** The rows that contain one index of the sparse space, ascending, with its value in each. */
export class Posting {
  /** Row and value by turns, while there are few; afterwards empty. */
  #few: number[] = [];
  #rows: Growable<Int32Array> | undefined;
  #values: Growable<Float32Array> | undefined;
  /** Rows that contain this index, live or not. */
  #recordCount = 0;
  #lastRow = -1;
  #blocks: PostingBlocks | undefined;
  /** Dead rows among the first `#deadSeen` ones of the namespace that contain this index. */
  #deadCount = 0;
  #deadSeen = 0;

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

  /** The entries by blocks of rows. They are kept and extended, except for a posting of few entries. */
  get blocks(): PostingBlocks {
    const blocks = this.#blocks ?? new PostingBlocks();
    if (this.#rows !== undefined) this.#blocks = blocks;
    blocks.extend(this.rows, this.values);
    return blocks;
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
  documentFrequency({ live, dead }: LiveRows): number {
    const unseen = dead.length - this.#deadSeen;
    if (unseen > 0) {
      const rows = this.rows;
      // Looking each dead row up, or reading the whole posting: what costs less.
      if (unseen * Math.log2(rows.length + 1) < rows.length) {
        for (let place = this.#deadSeen; place < dead.length; place++) {
          if (includes(rows, dead[place] as number)) this.#deadCount++;
        }
      } else {
        this.#deadCount = countDead(rows, live);
      }
      this.#deadSeen = dead.length;
    }
    return this.#recordCount - this.#deadCount;
  }
}

function countDead(rows: Int32Array, live: Uint8Array): number {
  let count = 0;
  let previous = -1;
  for (const row of rows) {
    if (row !== previous && live[row] !== 1) count++;
    previous = row;
  }
  return count;
}

/** Whether the ascending rows include this one. */
function includes(rows: Int32Array, wanted: number): boolean {
  let low = 0;
  let high = rows.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const row = rows[middle] as number;
    if (row === wanted) return true;
    if (row < wanted) low = middle + 1;
    else high = middle - 1;
  }
  return false;
}
