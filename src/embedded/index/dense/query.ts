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
  readonly #error: ProductError;

  /**
   * Writes the forms of the query to the scratch.
   *
   * @param rotated the query as the codes rotate vectors
   * @param squaredNorm its squared norm
   * @param usesBytes compare with the int8 codes of rows rather than with their bits
   */
  constructor(
    rotated: Float32Array,
    squaredNorm: number,
    metric: Metric,
    codes: DenseCodes,
    scratch: Scratch,
    usesBytes: boolean,
  ) {
    codes.encodeBits(rotated, scratch.queryFront, scratch.queryBack);
    this.squaredNorm = squaredNorm;
    this.#metric = metric;
    this.#codes = codes;
    this.#scratch = scratch;
    this.#usesBytes = usesBytes;
    const { dimension, byteStride } = codes;
    if (usesBytes) {
      // As many bits as the int32 sums hold when every code is at its largest.
      const largest = Math.min(largestInt16, Math.floor(largestSum / (largestCode * byteStride)));
      this.#scale = codes.quantizeWide(rotated, largest, scratch.queryCodes);
      this.#error = marginOfBytes(dimension, this.#scale, this.squaredNorm);
    } else {
      this.#scale = codes.quantizeWide(rotated, largestOfPlanes, scratch.planeCodes);
      this.#sum = this.#writePlanes(dimension);
      this.#error = deviationOfBits(dimension, this.#scale);
    }
  }

  /** The bits of the codes lie as those of rows. @returns the sum of the codes */
  #writePlanes(dimension: number): number {
    const { memory, planes } = this.#codes;
    const { frontStride, backStride } = planes;
    const { planeCodes, frontPlanes, backPlanes } = this.#scratch;
    for (let plane = 0; plane < planesOfQuery; plane++) {
      const [front, back] = [frontPlanes + plane * frontStride, backPlanes + plane * backStride];
      memory.kernel.planeBits(planeCodes, plane, frontStride, backStride, front, back);
    }
    const { int16 } = memory.views;
    let sum = 0;
    for (let place = planeCodes / 2; place < planeCodes / 2 + dimension; place++)
      sum += int16[place] as number;
    return sum;
  }

  /**
   * Estimates the similarities of the first `count` rows in the scratch.
   * @param floor rows that are less similar are removed
   * @param errors how many times the possible error (`errorOf`) they may be below the floor
   * @returns how many rows are left in the scratch, with their similarities
   */
  measure(count: number, floor: number, errors = 0): number {
    this.compare(count);
    return this.pick(count, floor, errors);
  }

  /** Compares the first `count` rows in the scratch, for `pick`. */
  compare(count: number): void {
    const { memory, table, byteStride, planes } = this.#codes;
    const { kernel } = memory;
    const { rows, products, queryCodes, frontPlanes, backPlanes } = this.#scratch;
    if (this.#usesBytes) kernel.byteProducts(queryCodes, rows, count, table, byteStride, products);
    else {
      const { frontStride, backStride } = planes;
      kernel.bitProducts(
        ...([frontPlanes, backPlanes, this.#sum, rows, count, table] as const),
        ...([frontStride, backStride, products] as const),
      );
    }
  }

  /** The second half of `measure`. As long as no row was removed, it may be called again with another floor. */
  pick(count: number, floor: number, errors: number): number {
    const { memory, table } = this.#codes;
    const { rows, products, similarities } = this.#scratch;
    const scales = this.#usesBytes ? scaleAt.bytes : scaleAt.bits;
    const { byScale, byNorm, byAngle } = this.#error;
    return memory.kernel.pickSimilar(
      ...([rows, products, count, table, scales, this.#metric.kernelMetric] as const),
      ...([this.#scale, this.squaredNorm] as const),
      ...([errors * byScale, errors * errors * byNorm, errors * errors * byAngle] as const),
      ...([floor, similarities] as const),
    );
  }

  /**
   * How far the estimated similarity of a row may be off: by int8 codes the margin, by bits the standard deviation. It
   * depends on the similarity for bits only.
   */
  errorOf(row: number, similarity: number): number {
    const { byScale, byNorm, byAngle } = this.#error;
    const squaredNorm = this.#codes.squaredNorm(row);
    let squares = byNorm * squaredNorm;
    if (byAngle > 0) {
      const product = this.#metric.product(similarity, squaredNorm, this.squaredNorm);
      squares += byAngle * Math.max(0, squaredNorm * this.squaredNorm - product * product);
    }
    const error = (byScale > 0 ? byScale * this.#codes.byteScale(row) : 0) + Math.sqrt(squares);
    return this.#metric.margin(error, squaredNorm, this.squaredNorm);
  }
}

/** The parts of the error of an inner product, as `pickSimilar` takes them (assembly/similar.ts). */
interface ProductError {
  readonly byScale: number;
  readonly byNorm: number;
  readonly byAngle: number;
}

/**
 * By int8 codes. Rounding shifts each component by at most scale / 2, uniformly, that is with deviation scale / √12: the
 * inner product is off by at most scale · ‖query‖ · √dimension / 2 (Cauchy-Schwarz), and of many components with near
 * certainty by no more than 6 deviations, scale · ‖query‖ · 6 / √12. The rounding of the query adds a similar error.
 */
function marginOfBytes(dimension: number, queryScale: number, querySquaredNorm: number): ProductError {
  const factor = dimension <= fewComponents ? Math.sqrt(dimension) / 2 : deviations / Math.sqrt(12);
  return {
    byScale: factor * Math.sqrt(querySquaredNorm),
    byNorm: (factor * queryScale) ** 2,
    byAngle: 0,
  };
}

/**
 * By bits, the standard deviation. What the signs of a vector say of a direction at right angles to it is off by
 * √(π/2 - 1) / √(dimension - 1) (Gao and Long 2024, theorem 3.2, with 2/π of a vector's squared norm along its signs);
 * the codes of the query are rounded on top.
 */
function deviationOfBits(dimension: number, queryScale: number): ProductError {
  return {
    byScale: 0,
    byNorm: (queryScale * queryScale * Math.PI) / 24,
    byAngle: (Math.PI / 2 - 1) / Math.max(1, dimension - 1),
  };
}
