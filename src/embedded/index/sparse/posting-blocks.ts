import { Growable } from "../growable.ts";

/** Rows of a block, as a power of two: 64 rows; 32 and 128 are no faster. */
export const blockBits = 6;
export const blockRows: number = 1 << blockBits;

/** The entries of a posting by blocks of rows: where each block begins, and the largest value in it. */
export class PostingBlocks {
  readonly #ids: Growable<Int32Array> = new Growable((capacity) => new Int32Array(capacity));
  readonly #starts: Growable<Int32Array> = new Growable((capacity) => new Int32Array(capacity));
  readonly #maxima: Growable<Float32Array> = new Growable((capacity) => new Float32Array(capacity));
  #length = 0;
  #hasNegative = false;
  #hasRepeated = false;

  /** The numbers of the blocks that have entries, ascending; valid until the next `extend`, as the next two. */
  get ids(): Int32Array {
    return this.#ids.view;
  }

  /** For each of these blocks, the place of its first entry. */
  get starts(): Int32Array {
    return this.#starts.view;
  }

  /** For each of these blocks, the largest of its values, at least 0. */
  get maxima(): Float32Array {
    return this.#maxima.view;
  }

  get hasNegative(): boolean {
    return this.#hasNegative;
  }

  /** Whether a row has two entries, which add up to more than the maximum. */
  get hasRepeated(): boolean {
    return this.#hasRepeated;
  }

  /** Takes in the entries after those that it has. */
  extend(rows: Int32Array, values: Float32Array): void {
    let last = this.#ids.length - 1;
    let block = last < 0 ? -1 : (this.#ids.array[last] as number);
    for (let place = this.#length; place < rows.length; place++) {
      const row = rows[place] as number;
      const value = values[place] as number;
      if (row >> blockBits !== block) {
        block = row >> blockBits;
        last++;
        this.#ids.push(block);
        this.#starts.push(place);
        this.#maxima.push(0);
      } else if (row === rows[place - 1]) {
        this.#hasRepeated = true;
      }
      if (value > (this.#maxima.array[last] as number)) this.#maxima.array[last] = value;
      else if (value < 0) this.#hasNegative = true;
    }
    this.#length = rows.length;
  }
}
