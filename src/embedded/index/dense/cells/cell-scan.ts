import type { Cells } from "./cells.ts";

/** Which rows a search reads. */
export interface SearchedRows {
  /** u8[rows], 1 for a row that counts. */
  readonly accepted: Uint8Array;
  /** Whether every row counts. */
  readonly acceptsAll: boolean;
  /** Rows from this one on are not searched. */
  readonly rowCount: number;
}

/** The cells of one search, nearest first, and what is to be expected of those that are left. */
export class CellScan {
  readonly #cells: Cells;
  readonly #searched: SearchedRows;
  readonly #rowBin: (similarity: number) => number;
  /** The cells by bin, the highest first. */
  readonly #order: Uint16Array;
  readonly #bins: Uint8Array;
  /** For each bin, the rows of its cells that are left. */
  readonly #left: Int32Array;
  /** Rows of the first cells up to and with the strays. */
  #withStrays = 0;
  #next = 0;
  /** Rows of the next cell that were read. */
  #place = 0;
  #scanned = 0;

  /**
   * @param rotated the query as the codes rotate vectors
   * @param nearest rows that are read before the strays
   */
  constructor(
    cells: Cells,
    rotated: Float32Array,
    squaredNorm: number,
    searched: SearchedRows,
    nearest: number,
  ) {
    this.#cells = cells;
    this.#searched = searched;
    const { tail, centres, sizes } = cells;
    this.#rowBin = tail.rowBinning(squaredNorm);
    const { bins, order, rowsByBin } = centres.order(rotated, squaredNorm, tail, sizes);
    this.#bins = bins;
    this.#order = order;
    this.#left = rowsByBin;
    this.#placeStrays(nearest);
  }

  /** Moves the strays, the last cell, behind the cells of the nearest rows. */
  #placeStrays(nearest: number): void {
    const { centres, sizes } = this.#cells;
    const order = this.#order;
    order.copyWithin(order.indexOf(centres.count), order.indexOf(centres.count) + 1);
    let place = 0;
    let rows = 0;
    for (; rows < nearest && place < centres.count; place++) rows += sizes[order[place] as number] as number;
    this.#withStrays = rows + (sizes[centres.count] as number);
    order.copyWithin(place + 1, place);
    order[place] = centres.count;
  }

  /** Rows of the cells read so far, accepted or not. */
  get scanned(): number {
    return this.#scanned;
  }

  get isOver(): boolean {
    return this.#next === this.#order.length;
  }

  /**
   * How many rows have to be read until those that are left hold no more than `most` that are more similar than
   * `similarity`, by the tail table; at least all strays.
   */
  rowsUntil(similarity: number, most: number): number {
    const byTable = this.#cells.tail.rowsUntil(this.#left, this.#rowBin(similarity), most);
    return Math.max(byTable, this.#withStrays - this.#scanned);
  }

  /**
   * Reads up to `rows` rows of the next cells, and writes those that count to `target` as long as there is room.
   * @returns how many were written
   */
  take(rows: number, target: Uint32Array): number {
    let written = 0;
    const end = this.#scanned + rows;
    while (this.#scanned < end && written < target.length && !this.isOver) {
      const cell = this.#order[this.#next] as number;
      const found = this.#cells.rowsOf(cell);
      const first = this.#place;
      const last = Math.min(found.length, first + end - this.#scanned, first + target.length - written);
      written = this.#copy(found, first, last, target, written);
      const bin = this.#bins[cell] as number;
      this.#left[bin] = (this.#left[bin] as number) - (last - first);
      this.#scanned += last - first;
      this.#place = last === found.length ? 0 : last;
      if (last === found.length) this.#next++;
    }
    return written;
  }

  /** Writes those of a cell's rows that count behind the first `written` rows; how many it has then. */
  #copy(rows: Int32Array, first: number, last: number, target: Uint32Array, written: number): number {
    const { accepted, acceptsAll, rowCount } = this.#searched;
    if (acceptsAll && (rows[last - 1] as number) < rowCount) {
      target.set(rows.subarray(first, last), written);
      return written + last - first;
    }
    let end = written;
    for (let place = first; place < last; place++) {
      const row = rows[place] as number;
      if (row < rowCount && accepted[row] === 1) target[end++] = row;
    }
    return end;
  }
}
