import type { Cells } from "./cells.ts";
import { TailTable } from "./tail-table.ts";

/** The cells of one search, nearest first, and what is to be expected of those that are left. */
export class CellScan {
  readonly #cells: Cells;
  readonly #accepted: Uint8Array;
  readonly #rowCount: number;
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
   * @param accepted u8[rows], 1 for a row that counts
   * @param rowCount rows from this one on are not searched
   * @param nearest rows that are read before the strays
   */
  constructor(
    cells: Cells,
    rotated: Float32Array,
    squaredNorm: number,
    accepted: Uint8Array,
    rowCount: number,
    nearest: number,
  ) {
    this.#cells = cells;
    this.#accepted = accepted;
    this.#rowCount = rowCount;
    const { tail, centres, sizes } = cells;
    this.#rowBin = tail.rowBinning(squaredNorm);
    this.#bins = new Uint8Array(centres.count + 1).fill(TailTable.bins - 1);
    this.#bins.set(centres.binsOf(rotated, tail.metric, tail.centreBinning(squaredNorm)));
    this.#order = inOrder(this.#bins);
    this.#placeStrays(nearest);
    this.#left = tail.rowsByBin(this.#bins, sizes);
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
      for (let place = first; place < last; place++) {
        const row = found[place] as number;
        if (row < this.#rowCount && this.#accepted[row] === 1) target[written++] = row;
      }
      const bin = this.#bins[cell] as number;
      this.#left[bin] = (this.#left[bin] as number) - (last - first);
      this.#scanned += last - first;
      this.#place = last === found.length ? 0 : last;
      if (last === found.length) this.#next++;
    }
    return written;
  }
}

/** The places of bins, of the highest bin first. */
function inOrder(bins: Uint8Array): Uint16Array {
  const starts = new Int32Array(TailTable.bins + 1);
  for (const bin of bins) starts[TailTable.bins - bin] = (starts[TailTable.bins - bin] as number) + 1;
  for (let bin = 1; bin <= TailTable.bins; bin++) {
    starts[bin] = (starts[bin] as number) + (starts[bin - 1] as number);
  }
  const order = new Uint16Array(bins.length);
  for (let cell = 0; cell < bins.length; cell++) {
    const bin = TailTable.bins - (bins[cell] as number) - 1;
    const place = starts[bin] as number;
    order[place] = cell;
    starts[bin] = place + 1;
  }
  return order;
}
