import type { Vector } from "../../store/document.ts";

export interface NormSpread {
  readonly least: number;
  readonly mean: number;
  readonly most: number;
}

/** Vectors of the sample that rankings are compared on, at the most: 4 MB at 1,024 dimensions. */
const sampleSize = 1_000;
/** How far from one a norm may be for its vector to count as normalised: what float32 and rounding models leave. */
const normTolerance = 1e-3;

/** The lengths of vectors, and a sample of the vectors themselves. */
export class NormTally {
  #count = 0;
  #sum = 0;
  #least = Number.POSITIVE_INFINITY;
  #most = 0;
  #seen = 0;
  /** State of a generator of random numbers; always the same seed, so that a plan can be repeated. */
  #random = 1;
  /** Every vector of finite components has the same chance to be among them (Vitter, 1985, algorithm R). */
  readonly sample: Float32Array[] = [];
  unnormalizedCount = 0;

  /** @returns the Euclidean norm */
  add(vector: Vector): number {
    let squares = 0;
    for (let place = 0; place < vector.length; place++) squares += (vector[place] as number) ** 2;
    const norm = Math.sqrt(squares);
    if (!Number.isFinite(norm)) return norm;
    this.#count++;
    this.#sum += norm;
    this.#least = Math.min(this.#least, norm);
    this.#most = Math.max(this.#most, norm);
    if (Math.abs(norm - 1) > normTolerance) this.unnormalizedCount++;
    this.#draw(vector);
    return norm;
  }

  /** `undefined` where there is no vector. */
  get spread(): NormSpread | undefined {
    if (this.#count === 0) return undefined;
    return { least: this.#least, mean: this.#sum / this.#count, most: this.#most };
  }

  #draw(vector: Vector): void {
    this.#seen++;
    const place =
      this.sample.length < sampleSize ? this.sample.length : Math.floor(this.#next() * this.#seen);
    if (place < sampleSize) this.sample[place] = Float32Array.from(vector);
  }

  /** From 0 up to 1, by mulberry32. */
  #next(): number {
    this.#random = (this.#random + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#random ^ (this.#random >>> 15), this.#random | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
