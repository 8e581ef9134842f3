import { Reservoir } from "../foundation/random.ts";
import type { Vector } from "../store/document.ts";

/** Euclidean lengths of vectors; cosine, L2 and inner product rank alike if all are equal. */
export interface Norms {
  readonly count: number;
  readonly minimum: number;
  readonly mean: number;
  readonly maximum: number;
}

/** How far the norm of a normalised vector may be from 1: rounding of float32, and models that round. */
const normTolerance = 1e-3;

/** Difference from 1 that does not change ranks noticeably. */
const lengthTolerance = 0.01;

/**
 * What goes wrong if questions of length 1, as Ollama's API makes them, are compared by L2 with vectors of other
 * lengths; `undefined` if nothing does.
 */
export function shortQuestions(norms: Norms | undefined, similarityFunction: string): string | undefined {
  if (norms === undefined || similarityFunction !== "EUCLIDEAN") return undefined;
  const { minimum, maximum } = norms;
  if (Math.max(Math.abs(minimum - 1), Math.abs(maximum - 1)) <= lengthTolerance) return undefined;
  return `The vectors are ${minimum.toFixed(1)} to ${maximum.toFixed(1)} long, and Ollama's API makes questions of length 1: with EUCLIDEAN, short vectors would come first.`;
}

/** The remedy. */
export const shortQuestionsHint =
  "If ragfood embeds the questions, migrate with --similarity COSINE --accept-metric-change.";

/** The lengths of vectors, and a sample of the vectors themselves. */
export class NormTally {
  #count = 0;
  #sum = 0;
  #minimum = Number.POSITIVE_INFINITY;
  #maximum = 0;
  readonly #sample: Reservoir<Float32Array>;
  /** Number of vectors whose length is not 1. */
  unnormalizedCount = 0;

  /** @param sampleSize number of vectors that are kept */
  constructor(sampleSize = 0) {
    this.#sample = new Reservoir(sampleSize);
  }

  /** @returns the Euclidean norm; a vector with a norm that is not finite is not counted */
  add(vector: Vector): number {
    let squares = 0;
    for (let place = 0; place < vector.length; place++) squares += (vector[place] as number) ** 2;
    const norm = Math.sqrt(squares);
    if (!Number.isFinite(norm)) return norm;
    this.#count++;
    this.#sum += norm;
    this.#minimum = Math.min(this.#minimum, norm);
    this.#maximum = Math.max(this.#maximum, norm);
    if (Math.abs(norm - 1) > normTolerance) this.unnormalizedCount++;
    this.#sample.offer(() => Float32Array.from(vector));
    return norm;
  }

  get sample(): readonly Float32Array[] {
    return this.#sample.items;
  }

  /** `undefined` without vectors. */
  get norms(): Norms | undefined {
    if (this.#count === 0) return undefined;
    const mean = this.#sum / this.#count;
    return { count: this.#count, minimum: this.#minimum, mean, maximum: this.#maximum };
  }

  /** All vectors have one length, so that cosine, L2 and inner product rank them alike. */
  get areEqual(): boolean {
    return this.#maximum - this.#minimum <= normTolerance * this.#maximum;
  }
}
