import { dotProduct } from "../similarity.ts";
import type { DenseCodes } from "./codes.ts";
import type { Metric } from "./metric.ts";
import type { Scratch } from "./scratch.ts";

/** The largest magnitudes of int8 codes and of int32 sums. */
const largestCode = 127;
const largestSum = 2 ** 31 - 1;
const largestInt16 = 2 ** 15 - 1;

/**
 * Standard deviations of the error of an int8 inner product that the margin covers. Six: a row that is
 * off by more is one in 10⁹.
 */
const deviations = 6;

/** A query in the forms that the kernel compares with, and how far its estimates may be trusted. */
export class EncodedQuery {
  readonly vector: Float32Array;
  readonly squaredNorm: number;
  readonly #metric: Metric;
  /** Scale of the codes: component ≈ scale · code. */
  readonly scale: number;
  readonly #errorFactor: number;

  /** Writes `queryFront`, `queryBack` and `queryCodes` of the scratch. */
  constructor(vector: Float32Array, metric: Metric, codes: DenseCodes, scratch: Scratch) {
    const { views } = codes.memory;
    codes.encodeBits(vector, scratch.queryFront, scratch.queryBack);
    // As many bits as the int32 sums hold when every code is at its largest.
    const largest = Math.min(largestInt16, Math.floor(largestSum / (largestCode * codes.byteStride)));
    this.vector = vector;
    this.squaredNorm = dotProduct(vector, vector);
    this.#metric = metric;
    this.scale = vector.reduce((maximum, component) => Math.max(maximum, Math.abs(component)), 0) / largest;
    this.#errorFactor = Math.min(Math.sqrt(vector.length) / 2, deviations / Math.sqrt(12));
    const inverse = this.scale === 0 ? 0 : 1 / this.scale;
    const place = scratch.queryCodes / 2;
    for (let component = 0; component < vector.length; component++) {
      views.int16[place + component] = Math.round((vector[component] as number) * inverse);
    }
    views.int16.fill(0, place + vector.length, place + codes.byteStride);
  }

  /**
   * How far a similarity by codes may be off. Rounding shifts each component by at most scale / 2, uniformly, that
   * is with deviation scale / √12: the inner product is off by at most scale · ‖query‖ · √dimension / 2
   * (Cauchy-Schwarz), and with near certainty by no more than 6 deviations, scale · ‖query‖ · 6 / √12.
   * The rounding of the query adds a similar error.
   */
  margin(scale: number, squaredNorm: number): number {
    const error =
      this.#errorFactor * (scale * Math.sqrt(this.squaredNorm) + this.scale * Math.sqrt(squaredNorm));
    return this.#metric.margin(error, squaredNorm, this.squaredNorm);
  }
}
