/** Bytes that a SIMD register holds; strides are multiples of it. */
const registerBytes = 16;

/**
 * The bits of a row lie in two planes, so that a scan may compare one half of them and read the other
 * of the few rows that it still matters for. Bytes take turns between the planes (assembly/kernel.ts):
 * components of every part of a vector are in either.
 */
export interface BitPlanes {
  /** Bytes of one row in the front plane. */
  readonly frontStride: number;
  /** The same in the back plane, at most `frontStride`; 0 up to 128 dimensions. */
  readonly backStride: number;
  /** Components whose bits are in the front plane. */
  readonly frontBits: number;
}

export function bitPlanes(dimension: number): BitPlanes {
  const registers = Math.ceil(dimension / (8 * registerBytes));
  const backStride = Math.floor(registers / 2) * registerBytes;
  const frontStride = registers * registerBytes - backStride;
  let frontBits = 0;
  for (let component = 0; component < dimension; component++) {
    const byte = component >> 3;
    if (byte % 2 === 0 || byte >= 2 * backStride) frontBits++;
  }
  return { frontStride, backStride, frontBits };
}

/** Of rows that differ in just so many bits, 1 of 700 differs more in front; of those that are nearer, fewer. */
const limitDeviations = 3;

/** How far towards the query a row is counted that was compared in front alone. */
const estimateDeviations = 2;

/**
 * What the front half of a row's bits tells of the whole. Of `dimension` bits h differ; how many of these are
 * among the f in front is distributed hypergeometrically: mean h · f / dimension, variance
 * f · (h / dimension) · (1 - h / dimension) · (dimension - f) / (dimension - 1).
 */
export class FrontEstimate {
  readonly #dimension: number;
  readonly #frontBits: number;
  /** float32[frontBits + 1], by the distance in front: a similarity that the row hardly exceeds. */
  readonly similarities: Float32Array;

  constructor(dimension: number, { frontBits }: BitPlanes) {
    this.#dimension = dimension;
    this.#frontBits = frontBits;
    this.similarities = Float32Array.from({ length: frontBits + 1 }, (_, distance) => {
      const share =
        distance / frontBits - (estimateDeviations * this.#deviation(distance / frontBits)) / frontBits;
      return Math.cos(Math.PI * Math.max(0, share));
    });
  }

  /** The distance in front up to which a row may differ in fewer than `bound` bits in all. */
  mostInFront(bound: number): number {
    const share = Math.min(1, bound / this.#dimension);
    return Math.ceil(share * this.#frontBits + limitDeviations * this.#deviation(share));
  }

  /** Of the distance in front, where this share of all bits differs. */
  #deviation(share: number): number {
    const rest = (this.#dimension - this.#frontBits) / (this.#dimension - 1);
    return Math.sqrt(this.#frontBits * share * (1 - share) * rest);
  }
}
