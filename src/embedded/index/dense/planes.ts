/** Bytes that a SIMD register holds; strides are multiples of it. */
const registerBytes = 16;

/**
 * Of a row's registers, how many are in front. Measured at 1,024 dimensions on 100,000 clustered vectors: with
 * 3 of 8 some 6,500 rows are compared whole, with 4 of 8 some 4,500, with 2 of 8 some 20,000; what the scan
 * reads of all rows shrinks by a quarter from 4 of 8 to 3 of 8.
 */
const frontShare = 3 / 8;

/**
 * The bits of a row lie in two planes, so that a scan may compare a part of them and read the rest
 * of the few rows that it still matters for. Bytes are dealt out evenly (assembly/encode.ts):
 * components of every part of a vector are in either.
 */
export interface BitPlanes {
  /** Bytes of one row in the front plane. */
  readonly frontStride: number;
  /** The same in the back plane; 0 up to 128 dimensions. */
  readonly backStride: number;
  /** Components whose bits are in the front plane. */
  readonly frontBits: number;
}

export function bitPlanes(dimension: number): BitPlanes {
  const registers = Math.ceil(dimension / (8 * registerBytes));
  const frontRegisters = Math.ceil(registers * frontShare);
  const frontStride = frontRegisters * registerBytes;
  const stride = registers * registerBytes;
  let frontBits = 0;
  for (let component = 0; component < dimension; component++) {
    const due = (component >> 3) * frontStride;
    if (Math.floor((due + frontStride) / stride) > Math.floor(due / stride)) frontBits++;
  }
  const backStride = stride - frontStride;
  return { frontStride, backStride, frontBits };
}

/** Among rows with exactly this distance, 1 of 700 differs more in the front bits; among nearer rows, fewer. */
const limitDeviations = 3;

/** The same among rows with exactly this cosine: 1 of 30,000. */
const similarDeviations = 4;

/** Standard deviations by which the estimate of a row compared only in front bits is moved towards the query. */
const estimateDeviations = 2;

/**
 * What the leading bits reveal about all bits. Of `dimension` bits h differ; how many of these are
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

  /**
   * The distance in front that a row with this cosine hardly exceeds: a bit differs with probability θ / π
   * (bit-keys.ts).
   */
  mostOfSimilar(cosine: number): number {
    const share = Math.acos(Math.min(1, Math.max(-1, cosine))) / Math.PI;
    const deviation = Math.sqrt(this.#frontBits * share * (1 - share));
    return Math.ceil(share * this.#frontBits + similarDeviations * deviation);
  }

  /** The distance of the front bits if this share of all bits differs. */
  #deviation(share: number): number {
    const rest = (this.#dimension - this.#frontBits) / (this.#dimension - 1);
    return Math.sqrt(this.#frontBits * share * (1 - share) * rest);
  }
}
