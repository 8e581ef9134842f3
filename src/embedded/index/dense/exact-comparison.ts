import type { Comparison } from "../similarity.ts";
import type { DenseCodes } from "./codes.ts";
import { type Scratch, vectorsCompared } from "./scratch.ts";

/** Compares vectors with a query by the kernel, to the last digit as `plainComparison` does. */
export class ExactComparison implements Comparison {
  readonly #codes: DenseCodes;
  readonly #scratch: Scratch;

  /** @param query `float32[dimension]`, not rotated */
  constructor(codes: DenseCodes, scratch: Scratch, query: Float32Array) {
    this.#codes = codes;
    this.#scratch = scratch;
    codes.memory.views.float32.set(query, scratch.exactQuery / 4);
  }

  dotProducts(vectors: readonly Float32Array[]): number[] {
    return this.#compare("dotProducts", vectors);
  }

  squaredDistances(vectors: readonly Float32Array[]): number[] {
    return this.#compare("squaredDistances", vectors);
  }

  #compare(by: keyof Comparison, vectors: readonly Float32Array[]): number[] {
    const { memory, dimension, floatStride } = this.#codes;
    const { exactQuery, exactVectors, exactSums } = this.#scratch;
    const { float32 } = memory.views;
    const results: number[] = [];
    for (let first = 0; first < vectors.length; first += vectorsCompared) {
      const count = Math.min(vectorsCompared, vectors.length - first);
      for (let place = 0; place < count; place++) {
        float32.set(vectors[first + place] as Float32Array, (exactVectors + place * floatStride) / 4);
      }
      memory.kernel[by](exactQuery, exactVectors, floatStride, dimension, exactSums);
      for (let place = 0; place < count; place++) results.push(float32[exactSums / 4 + place] as number);
    }
    return results;
  }
}
