import { Growable } from "../../growable.ts";
import type { DenseCodes } from "../codes.ts";
import type { Centres, NearestCentre } from "./centres.ts";
import type { TailTable } from "./tail-table.ts";

/** Strays up to which cells are kept: so many rows, or this share of all. */
const mostStrays = { rows: 2_048, share: 0.02 } as const;

/** A row costs a scan as much as so many bytes besides its int8 codes. */
const bytesPerRow = 256;

/** Rows whose scan reads this many bytes: of 4 MB, 3,125 of 1,024 dimensions and 12,500 of 64. */
export function leastRowsForCells({ byteStride }: DenseCodes, bytes: number): number {
  return Math.ceil(bytes / (byteStride + bytesPerRow));
}

/**
 * The rows of a namespace, grouped by the nearest of some centres. A search reads the cells near its query and
 * stops when those that are left are unlikely to hold a better row. Rows far from every centre, as after a drift, are
 * strays: the last cell, which every search reads. Cells are made from the codes and can be dropped at any time.
 */
export class Cells {
  readonly centres: Centres;
  readonly tail: TailTable;
  /** A row with more bits than this that differ from the nearest centre's is a stray. */
  readonly reach: number;
  /** i32[centres + 1], the rows of each cell. */
  readonly sizes: Int32Array;
  readonly #rows: Growable<Int32Array>[];
  #rowCount = 0;

  constructor(centres: Centres, tail: TailTable, reach: number) {
    this.centres = centres;
    this.tail = tail;
    this.reach = reach;
    this.sizes = new Int32Array(centres.count + 1);
    this.#rows = Array.from(this.sizes, () => new Growable((capacity) => new Int32Array(capacity)));
  }

  /** Rows far from every centre. */
  get #strayCount(): number {
    return this.sizes[this.centres.count] as number;
  }

  /** Whether the rows have left the centres that they are grouped by. */
  get isOutdated(): boolean {
    return this.#strayCount > Math.max(mostStrays.rows, mostStrays.share * this.#rowCount);
  }

  /** Rows in cells: the first ones of the namespace. */
  get rowCount(): number {
    return this.#rowCount;
  }

  /** Frees the memory of the centres; the cells must not be used afterwards. */
  release(): void {
    this.centres.codes.memory.release();
  }

  /** The rows of a cell, ascending; valid until the next `push`. */
  rowsOf(cell: number): Int32Array {
    return (this.#rows[cell] as Growable<Int32Array>).view;
  }

  /** Puts the next row into its cell; among the strays if it is out of float32's range, so that its bits say nothing. */
  push(codes: DenseCodes): void {
    if (Number.isFinite(codes.squaredNorm(this.#rowCount)))
      this.join(this.centres.nearest(codes, this.#rowCount));
    else this.add(this.centres.count);
  }

  /** Puts the next row into the cell of its nearest centre, or among the strays. */
  join({ centre, distance }: NearestCentre): void {
    this.add(distance > this.reach ? this.centres.count : centre);
  }

  /** Puts the next row into this cell. */
  add(cell: number): void {
    (this.#rows[cell] as Growable<Int32Array>).push(this.#rowCount++);
    this.sizes[cell] = (this.sizes[cell] as number) + 1;
  }
}
