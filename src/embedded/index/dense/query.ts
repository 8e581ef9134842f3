import { dotProduct } from "../similarity.ts";
import { type DenseCodes, scaleAt } from "./codes.ts";
import type { Metric } from "./metric.ts";
import { planesOfQuery, type Scratch } from "./scratch.ts";

/** The largest magnitudes of int8 codes and of int32 sums. */
const largestCode = 127;
const largestSum = 2 ** 31 - 1;
const largestInt16 = 2 ** 15 - 1;

/** The largest magnitude of a query's codes of 4 bits. */
const largestOfPlanes = 2 ** (planesOfQuery - 1) - 1;

/**
 * Standard deviations of the error of an int8 inner product that the margin covers. Six: a row that is
 * off by more is one in 10⁹.
 */
const deviations = 6;

/** Up to so many components, errors may go the same way, as of vectors of few different numbers: the margin covers any. */
const fewComponents = 96;

/**
 * A query in the forms that the kernel compares with, the similarities it estimates, and how far these may be
 * trusted.
 */
export class EncodedQuery {
  readonly squaredNorm: number;
  readonly #metric: Metric;
  readonly #codes: DenseCodes;
  readonly #scratch: Scratch;
  readonly #usesBytes: boolean;
  /** component ≈ scale · code */
  readonly #scale: number;
  /** The sum of the codes that are compared with bits. */
  readonly #sum: number = 0;
  readonly #errorFactor: number;

  /**
   * Writes the forms of the query to the scratch.
   *
   * @param rotated the query as the codes rotate vectors
   * @param usesBytes compare with the int8 codes of rows rather than with their bits
   */
  constructor(
    rotated: Float32Array,
    metric: Metric,
    codes: DenseCodes,
    scratch: Scratch,
    usesBytes: boolean,
  ) {
    codes.encodeBits(rotated, scratch.queryFront, scratch.queryBack);
    this.squaredNorm = dotProduct(rotated, rotated);
    this.#metric = metric;
    this.#codes = codes;
    this.#scratch = scratch;
    this.#usesBytes = usesBytes;
    // As many bits as the int32 sums hold when every code is at its largest.
    const largest = usesBytes
      ? Math.min(largestInt16, Math.floor(largestSum / (largestCode * codes.byteStride)))
      : largestOfPlanes;
    this.#scale = largestMagnitude(rotated) / largest;
    this.#errorFactor =
      rotated.length <= fewComponents ? Math.sqrt(rotated.length) / 2 : deviations / Math.sqrt(12);
    const inverse = this.#scale === 0 ? 0 : 1 / this.#scale;
    if (usesBytes) this.#writeCodes(rotated, inverse);
    else this.#sum = this.#writePlanes(rotated, inverse);
  }

  #writeCodes(rotated: Float32Array, inverse: number): void {
    const { int16 } = this.#codes.memory.views;
    const place = this.#scratch.queryCodes / 2;
    for (let component = 0; component < rotated.length; component++) {
      int16[place + component] = Math.round((rotated[component] as number) * inverse);
    }
    int16.fill(0, place + rotated.length, place + this.#codes.byteStride);
  }

  /** The bits of the codes lie as those of rows; the sum of the codes. */
  #writePlanes(rotated: Float32Array, inverse: number): number {
    const { frontStride, backStride } = this.#codes.planes;
    const { frontPlanes, backPlanes } = this.#scratch;
    const values = Int8Array.from(rotated, (component) => Math.round(component * inverse));
    const signs = new Float32Array(rotated.length);
    for (let plane = 0; plane < planesOfQuery; plane++) {
      for (let component = 0; component < values.length; component++) {
        signs[component] = ((values[component] as number) >> plane) & 1 ? -1 : 1;
      }
      this.#codes.encodeBits(signs, frontPlanes + plane * frontStride, backPlanes + plane * backStride);
    }
    return values.reduce((sum, value) => sum + value, 0);
  }

  /**
   * Estimates the similarities of the first `count` rows in the scratch.
   * @param floor rows that are less similar are removed
   * @returns how many rows are left in the scratch, with their similarities
   */
  measure(count: number, floor: number): number {
    const { memory, table, byteStride, planes } = this.#codes;
    const { kernel } = memory;
    const { rows, products, similarities, queryCodes, frontPlanes, backPlanes } = this.#scratch;
    if (this.#usesBytes) kernel.byteProducts(queryCodes, rows, count, table, byteStride, products);
    else {
      const { frontStride, backStride } = planes;
      kernel.bitProducts(
        ...([frontPlanes, backPlanes, this.#sum, rows, count, table] as const),
        ...([frontStride, backStride, products] as const),
      );
    }
    const scales = this.#usesBytes ? scaleAt.bytes : scaleAt.bits;
    return kernel.pickSimilar(
      ...([rows, products, count, table, scales, this.#metric.kernelMetric] as const),
      ...([this.#scale, this.squaredNorm, floor, similarities] as const),
    );
  }

  /**
   * How far a similarity by int8 codes may be off. Rounding shifts each component by at most scale / 2, uniformly, that
   * is with deviation scale / √12: the inner product is off by at most scale · ‖query‖ · √dimension / 2
   * (Cauchy-Schwarz), and of many components with near certainty by no more than 6 deviations, scale · ‖query‖ · 6 / √12.
   * The rounding of the query adds a similar error.
   */
  margin(row: number): number {
    const squaredNorm = this.#codes.squaredNorm(row);
    const error =
      this.#errorFactor *
      (this.#codes.byteScale(row) * Math.sqrt(this.squaredNorm) + this.#scale * Math.sqrt(squaredNorm));
    return this.#metric.margin(error, squaredNorm, this.squaredNorm);
  }

  /**
   * The standard deviation of a similarity by bits. What the signs of a vector say of a direction at right angles to it
   * is off by √(π/2 - 1) / √(dimension - 1) (Gao and Long 2024, theorem 3.2, with 2/π of a vector's squared norm along
   * its signs); the codes of the query are rounded on top.
   */
  deviation(row: number, similarity: number): number {
    const squaredNorm = this.#codes.squaredNorm(row);
    const norms = squaredNorm * this.squaredNorm;
    const product = this.#metric.product(similarity, squaredNorm, this.squaredNorm);
    const across = Math.max(0, norms - product * product);
    const bySigns = ((Math.PI / 2 - 1) * across) / Math.max(1, this.#codes.dimension - 1);
    const byRounding = (this.#scale * this.#scale * squaredNorm * Math.PI) / 24;
    return this.#metric.margin(Math.sqrt(bySigns + byRounding), squaredNorm, this.squaredNorm);
  }
}

function largestMagnitude(vector: Float32Array): number {
  let largest = 0;
  for (let component = 0; component < vector.length; component++) {
    largest = Math.max(largest, Math.abs(vector[component] as number));
  }
  return largest;
}
