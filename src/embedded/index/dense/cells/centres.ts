import { partialFlag } from "../../../kernel/kernel.ts";
import { type Chunk, type DenseCodes, rowsPerChunk } from "../codes.ts";
import type { Metric } from "../metric.ts";
import { EncodedQuery } from "../query.ts";
import { type Scratch, ScratchPool } from "../scratch.ts";
import type { Binning } from "./tail-table.ts";

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

  constructor(codes: DenseCodes) {
    this.codes = codes;
    const { memory, planes } = codes;
    this.#scratch = new ScratchPool(codes, 1).acquire();
    this.#front = memory.allocate(planes.frontStride);
    this.#back = memory.allocate(planes.backStride);
    this.#distances = memory.allocate(rowsPerChunk * 2);
    this.#chunk = codes.chunkRows(0, codes.rowCount).chunk;
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
   * For each centre, the bin of its similarity to a query; of those far from it, that of the share of equal bits
   * (tail-table.ts).
   * @param rotated the query as the codes rotate vectors
   */
  binsOf(rotated: Float32Array, metric: Metric, { ofCentre, ofBits }: Binning): Uint8Array {
    const { memory, rowCount, dimension } = this.codes;
    const { queryFront, queryBack, rows, similarities } = this.#scratch;
    const query = new EncodedQuery(rotated, metric, this.codes, this.#scratch, true);
    const distances = this.#compareFronts(queryFront);
    this.#compareBacks(queryBack, everyDistance);
    const wanted = Math.max(fewestCompared, Math.ceil(rowCount * comparedShare));
    const bound = boundOf(distances, dimension, wanted);
    const { uint32, float64 } = memory.views;
    const bins = new Uint8Array(rowCount);
    let compared = 0;
    for (let row = 0; row < rowCount; row++) {
      const distance = distances[row] as number;
      if (distance < bound) uint32[rows / 4 + compared++] = row;
      else bins[row] = ofBits(distance / dimension);
    }
    query.measure(compared, Number.NEGATIVE_INFINITY);
    for (let place = 0; place < compared; place++) {
      bins[uint32[rows / 4 + place] as number] = ofCentre(float64[similarities / 8 + place] as number);
    }
    return bins;
  }
}

/** The least bound that at least `wanted` distances are below, or that of all. */
function boundOf(distances: Uint16Array, most: number, wanted: number): number {
  const counts = new Uint32Array(most + 1);
  for (const distance of distances) counts[distance] = (counts[distance] as number) + 1;
  let bound = 0;
  for (let found = 0; found < wanted && bound <= most; bound++) found += counts[bound] as number;
  return bound;
}
