import { partialFlag } from "../../../kernel/kernel.ts";
import { type Chunk, type DenseCodes, rowsPerChunk } from "../codes.ts";
import { EncodedQuery } from "../query.ts";
import { type Scratch, ScratchPool } from "../scratch.ts";
import { bitBinOf, TailTable } from "./tail-table.ts";

/** Centres at most; so many are one chunk of codes. */
export const mostCentres = 2_048;

/** Three deviations of the difference of two distances in front, half of √bits each (planes.ts). */
const frontDeviations = 1.5;

/** More than any distance in front: all bits are compared. */
const everyDistance = 0x7ffe;

/** The share of the centres, the nearest by bits, that a query is compared with by int8 codes; and the fewest. */
const comparedShare = 1 / 8;
const fewestCompared = 64;

export interface NearestCentre {
  readonly centre: number;
  /** Bits that differ. */
  readonly distance: number;
}

/** Cells as a search reads them, by the bins of their centres. */
export interface CellOrder {
  /** u8[cells] */
  readonly bins: Uint8Array;
  /** u16[cells], those of the highest bin first; in a bin, by number. */
  readonly order: Uint16Array;
  /** i32[192], the rows in the cells of each bin. */
  readonly rowsByBin: Int32Array;
}

/** Addresses of what makes a `CellOrder`. */
interface Ordering extends Record<keyof CellOrder, number> {
  /** u32[cells] */
  readonly sizes: number;
  /** u32[192] */
  readonly starts: number;
}

/** The centres of cells. */
export class Centres {
  /** With bits and int8 codes. */
  readonly codes: DenseCodes;
  readonly #scratch: Scratch;
  /** Addresses of the bits of one row, and of distances to the centres. */
  readonly #front: number;
  readonly #back: number;
  readonly #distances: number;
  readonly #chunk: Chunk;
  /** Address of u8[dimension + 1], the bin of a centre by the bits that differ. */
  readonly #bitBins: number;
  readonly #ordering: Ordering;

  constructor(codes: DenseCodes) {
    this.codes = codes;
    const { memory, planes, dimension } = codes;
    this.#scratch = new ScratchPool(codes, dimension + 1).acquire();
    this.#front = memory.allocate(planes.frontStride);
    this.#back = memory.allocate(planes.backStride);
    this.#distances = memory.allocate(rowsPerChunk * 2);
    this.#chunk = codes.chunkRows(0, codes.rowCount).chunk;
    this.#bitBins = memory.allocate(dimension + 1);
    this.#ordering = {
      bins: memory.allocate(mostCentres + 1),
      sizes: memory.allocate((mostCentres + 1) * 4),
      starts: memory.allocate(TailTable.bins * 4),
      order: memory.allocate((mostCentres + 1) * 2),
      rowsByBin: memory.allocate(TailTable.bins * 4),
    };
    for (let bits = 0; bits <= dimension; bits++) {
      memory.views.uint8[this.#bitBins + bits] = bitBinOf(bits / dimension);
    }
    memory.views.uint8.fill(1, this.#scratch.accepted, this.#scratch.accepted + rowsPerChunk);
  }

  get count(): number {
    return this.codes.rowCount;
  }

  /**
   * The centre with the fewest different bits. Centres that differ in many more of the front bits than the best one are
   * not compared further.
   */
  nearest(rows: DenseCodes, row: number): NearestCentre {
    rows.copyBits(row, this.codes.memory.views.uint8, this.#front, this.#back);
    const distances = this.#compareFronts(this.#front);
    const inFront = this.#smallest(distances);
    const { backStride, frontBits } = this.codes.planes;
    if (backStride === 0) return inFront;
    const most = inFront.distance - partialFlag + Math.ceil(frontDeviations * Math.sqrt(frontBits));
    this.#compareBacks(this.#back, most);
    return this.#smallest(distances);
  }

  /** One of front bits only has the flag, which is larger than any other. */
  #smallest(distances: Uint16Array): NearestCentre {
    const centre = this.codes.memory.kernel.smallestKey(this.#distances, distances.length);
    return { centre, distance: distances[centre] as number };
  }

  #compareFronts(front: number): Uint16Array {
    const { memory, planes } = this.codes;
    const { frontStride, backStride } = planes;
    const flag = backStride === 0 ? 0 : partialFlag;
    const codes = this.#chunk.front;
    const { accepted } = this.#scratch;
    memory.kernel.hammingDistances(front, codes, frontStride, accepted, this.count, flag, this.#distances);
    return memory.views.uint16.subarray(this.#distances / 2, this.#distances / 2 + this.count);
  }

  #compareBacks(back: number, most: number): void {
    const { memory, planes } = this.codes;
    const { backStride } = planes;
    if (backStride === 0) return;
    memory.kernel.completeDistances(back, this.#chunk.back, backStride, this.count, most, this.#distances);
  }

  /**
   * The cells in the order of their closeness to a query: each in the bin of its centre's similarity; of a centre far
   * from it, in that of the share of equal bits (tail-table.ts); the last cell, that of the strays, in the highest.
   * @param rotated the query as the codes rotate vectors
   * @param squaredNorm its squared norm
   * @param tail which bins there are
   * @param sizes i32[centres + 1], rows of each cell
   */
  order(rotated: Float32Array, squaredNorm: number, tail: TailTable, sizes: Int32Array): CellOrder {
    this.#writeBins(rotated, squaredNorm, tail);
    const { memory } = this.codes;
    const { kernel, views } = memory;
    const { bins, sizes: sizesAt, starts, order, rowsByBin } = this.#ordering;
    views.int32.set(sizes, sizesAt / 4);
    kernel.orderCells(bins, sizesAt, sizes.length, TailTable.bins, starts, order, rowsByBin);
    return {
      bins: views.uint8.slice(bins, bins + sizes.length),
      order: views.uint16.slice(order / 2, order / 2 + sizes.length),
      rowsByBin: views.int32.slice(rowsByBin / 4, rowsByBin / 4 + TailTable.bins),
    };
  }

  #writeBins(rotated: Float32Array, squaredNorm: number, tail: TailTable): void {
    const { memory, rowCount } = this.codes;
    const { queryFront, queryBack, rows, similarities } = this.#scratch;
    const query = new EncodedQuery(rotated, squaredNorm, tail.metric, this.codes, this.#scratch, true);
    this.#compareFronts(queryFront);
    this.#compareBacks(queryBack, everyDistance);
    const { bins } = this.#ordering;
    memory.kernel.lookUp(this.#distances, rowCount, this.#bitBins, bins);
    const bound = this.#boundOf(Math.max(fewestCompared, Math.ceil(rowCount * comparedShare)));
    const compared = memory.kernel.pickKeys(this.#distances, rowCount, 0, bound, 0, rows);
    query.measure(compared, Number.NEGATIVE_INFINITY);
    const binOf = tail.centreBinning(squaredNorm);
    const { uint8, uint32, float64 } = memory.views;
    for (let place = 0; place < compared; place++) {
      const centre = uint32[rows / 4 + place] as number;
      uint8[bins + centre] = binOf(float64[similarities / 8 + place] as number);
    }
    uint8[bins + rowCount] = TailTable.bins - 1;
  }

  /** The least bound that at least `wanted` distances are below, or that of all. */
  #boundOf(wanted: number): number {
    const { memory, rowCount, dimension } = this.codes;
    const { histogram } = this.#scratch;
    const counts = memory.views.uint32.subarray(histogram / 4, histogram / 4 + dimension + 1).fill(0);
    memory.kernel.countKeys(this.#distances, rowCount, dimension + 1, histogram);
    let bound = 0;
    for (let found = 0; found < wanted && bound <= dimension; bound++) found += counts[bound] as number;
    return bound;
  }
}
