import { partialFlag } from "../../../kernel/kernel.ts";
import { Growable } from "../../growable.ts";
import { type ChunkRows, type DenseCodes, rowsPerChunk } from "../codes.ts";
import { metrics } from "../metric.ts";
import { EncodedQuery } from "../query.ts";
import { type Scratch, ScratchPool } from "../scratch.ts";
import { centreBin, type TailTable } from "./tail-table.ts";

/** Cells at most: their centres are one chunk of codes. */
export const mostCells: number = rowsPerChunk;

/** Three deviations of the difference of two distances in front, half of √bits each (planes.ts). */
const frontDeviations = 1.5;

/**
 * The rows of a namespace, grouped by the nearest of some centres. A search reads the cells near its query and
 * stops when those that are left are unlikely to hold a better row. Cells are made from the codes and can be
 * dropped at any time.
 */
export class Cells {
  /** The centres, with bits and int8 codes. */
  readonly centres: DenseCodes;
  readonly tail: TailTable;
  readonly #scratch: Scratch;
  /** Addresses of the bits of one row, and of its distances to the centres. */
  readonly #front: number;
  readonly #back: number;
  readonly #distances: number;
  readonly #rows: Growable<Int32Array>[];
  readonly #sizes: Int32Array;
  #rowCount = 0;

  constructor(centres: DenseCodes, tail: TailTable) {
    this.centres = centres;
    this.tail = tail;
    const { memory, planes } = centres;
    this.#scratch = new ScratchPool(centres, 1).acquire();
    this.#front = memory.allocate(planes.frontStride);
    this.#back = memory.allocate(planes.backStride);
    this.#distances = memory.allocate(rowsPerChunk * 2);
    memory.views.uint8.fill(1, this.#scratch.accepted, this.#scratch.accepted + rowsPerChunk);
    this.#sizes = new Int32Array(centres.rowCount);
    this.#rows = Array.from(
      { length: centres.rowCount },
      () => new Growable((capacity) => new Int32Array(capacity)),
    );
  }

  get count(): number {
    return this.centres.rowCount;
  }

  /** Rows in cells: the first ones of the namespace. */
  get rowCount(): number {
    return this.#rowCount;
  }

  /** The rows of a cell, ascending; valid until the next `push`. */
  rowsOf(cell: number): Int32Array {
    return (this.#rows[cell] as Growable<Int32Array>).view;
  }

  /** i32[cells], the rows of each cell. */
  get sizes(): Int32Array {
    return this.#sizes;
  }

  /** Puts the next row into its cell. */
  push(codes: DenseCodes): void {
    this.add(this.nearest(codes, this.#rowCount));
  }

  /** Puts the next row into this cell. */
  add(cell: number): void {
    (this.#rows[cell] as Growable<Int32Array>).push(this.#rowCount++);
    this.#sizes[cell] = (this.#sizes[cell] as number) + 1;
  }

  /**
   * The cell of a row: that of the centre with the fewest different bits. Centres that differ in many more of the
   * front bits than the best one are not compared further.
   */
  nearest(codes: DenseCodes, row: number): number {
    const { memory, planes, rowCount } = this.centres;
    const { kernel, views } = memory;
    const { accepted } = this.#scratch;
    codes.copyBits(row, views.uint8, this.#front, this.#back);
    const { chunk } = this.#chunk;
    const isWhole = planes.backStride === 0;
    const flag = isWhole ? 0 : partialFlag;
    kernel.hammingDistances(
      this.#front,
      chunk.front,
      planes.frontStride,
      accepted,
      rowCount,
      flag,
      this.#distances,
    );
    const nearest = this.#smallest();
    if (isWhole) return nearest;
    const inFront = (views.uint16[this.#distances / 2 + nearest] as number) - partialFlag;
    const most = inFront + Math.ceil(frontDeviations * Math.sqrt(planes.frontBits));
    kernel.completeDistances(this.#back, chunk.back, planes.backStride, rowCount, most, this.#distances);
    return this.#smallest();
  }

  /** The centre with the smallest distance; one compared in front only has the flag, which is larger than any. */
  #smallest(): number {
    const { uint16 } = this.centres.memory.views;
    const first = this.#distances / 2;
    let smallest = 0;
    let least = 0xffff;
    for (let cell = 0; cell < this.count; cell++) {
      const distance = uint16[first + cell] as number;
      if (distance >= least) continue;
      least = distance;
      smallest = cell;
    }
    return smallest;
  }

  /** The centres are one chunk of codes. */
  get #chunk(): ChunkRows {
    const [chunk] = this.centres.chunks();
    return chunk as ChunkRows;
  }

  /** For each cell, the bin of the cosine between the query and its centre (tail-table.ts). */
  binsOf(query: Float32Array): Uint8Array {
    const { memory, byteStride, rowCount } = this.centres;
    const { kernel } = memory;
    const { positions, products, similarities, queryCodes } = this.#scratch;
    const encoded = new EncodedQuery(query, metrics.COSINE, this.centres, this.#scratch);
    const bins = new Uint8Array(rowCount);
    const { chunk } = this.#chunk;
    const { uint16, float64 } = memory.views;
    for (let cell = 0; cell < rowCount; cell++) uint16[positions / 2 + cell] = cell;
    kernel.dotProducts(queryCodes, chunk.bytes, byteStride, positions, rowCount, products);
    kernel.pickSimilar(
      positions,
      products,
      rowCount,
      chunk.scales,
      chunk.squaredNorms,
      metrics.COSINE.kernelMetric,
      encoded.scale,
      encoded.squaredNorm,
      Number.NEGATIVE_INFINITY,
      similarities,
    );
    for (let cell = 0; cell < rowCount; cell++) {
      bins[cell] = centreBin(float64[similarities / 8 + cell] as number);
    }
    return bins;
  }
}
