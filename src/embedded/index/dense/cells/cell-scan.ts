import { rowsPerChunk } from "../codes.ts";
import type { Cells } from "./cells.ts";
import { TailTable } from "./tail-table.ts";

/** The cells of one search, nearest first, and what is to be expected of those that are left. */
export class CellScan {
  readonly #cells: Cells;
  readonly #accepted: Uint8Array;
  readonly #rowCount: number;
  /** The cells by bin, the highest first. */
  readonly #order: Uint16Array;
  readonly #bins: Uint8Array;
  /** For each bin, the rows of its cells that are left. */
  readonly #left: Int32Array;
  #next = 0;
  #scanned = 0;

  /**
   * @param accepted u8[rows], 1 for a row that counts
   * @param rowCount rows from this one on are not searched
   */
  constructor(cells: Cells, query: Float32Array, accepted: Uint8Array, rowCount: number) {
    this.#cells = cells;
    this.#accepted = accepted;
    this.#rowCount = rowCount;
    this.#bins = cells.binsOf(query);
    const starts = new Int32Array(TailTable.bins + 1);
    for (const bin of this.#bins) starts[TailTable.bins - bin] = (starts[TailTable.bins - bin] as number) + 1;
    for (let bin = 1; bin <= TailTable.bins; bin++)
      starts[bin] = (starts[bin] as number) + (starts[bin - 1] as number);
    this.#order = new Uint16Array(cells.count);
    this.#bins.forEach((bin, cell) => {
      const place = starts[TailTable.bins - bin - 1] as number;
      this.#order[place] = cell;
      starts[TailTable.bins - bin - 1] = place + 1;
    });
    this.#left = cells.tail.rowsByBin(this.#bins, cells.sizes);
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
   * `cosine`, by the tail table.
   */
  rowsUntil(cosine: number, most: number): number {
    return this.#cells.tail.rowsUntil(this.#left, cosine, most);
  }

  /** The accepted rows of the next cells with at least `rows` rows, chunk by chunk, as positions in the chunk. */
  take(rows: number): Map<number, number[]> {
    const byChunk = new Map<number, number[]>();
    const end = this.#scanned + rows;
    while (this.#scanned < end && !this.isOver) {
      const cell = this.#order[this.#next++] as number;
      const found = this.#cells.rowsOf(cell);
      this.#scanned += found.length;
      const bin = this.#bins[cell] as number;
      this.#left[bin] = (this.#left[bin] as number) - found.length;
      for (let place = 0; place < found.length; place++) {
        const row = found[place] as number;
        if (row >= this.#rowCount || this.#accepted[row] !== 1) continue;
        const chunk = Math.floor(row / rowsPerChunk);
        const positions = byChunk.get(chunk);
        if (positions) positions.push(row % rowsPerChunk);
        else byChunk.set(chunk, [row % rowsPerChunk]);
      }
    }
    return byChunk;
  }
}
