import type { SimilarityFunction } from "../settings.ts";
import { Growable } from "./growable.ts";
import { dotProduct, scorer } from "./similarity.ts";
import { type ScoredRow, TopK } from "./top-k.ts";

/** Vectors a chunk of the arena holds: growth never copies what is there. */
const rowsPerChunk = 1_024;

/** The dense vectors of a namespace, row after row, and the exact scan over them. */
export class DenseVectors {
  readonly #dimension: number;
  readonly #similarity: SimilarityFunction;
  readonly #chunks: Float32Array[] = [];
  readonly #squaredNorms: Growable<Float32Array> = new Growable((capacity) => new Float32Array(capacity));

  constructor(dimension: number, similarity: SimilarityFunction) {
    this.#dimension = dimension;
    this.#similarity = similarity;
  }

  /** Takes the next row. */
  push(vector: Float32Array): void {
    const row = this.#squaredNorms.length;
    if (row % rowsPerChunk === 0) this.#chunks.push(new Float32Array(rowsPerChunk * this.#dimension));
    this.#view(row).set(vector);
    this.#squaredNorms.push(dotProduct(vector, vector));
  }

  /** The best `k` of the rows that `accepted` marks with 1. */
  search(query: Float32Array, k: number, accepted: Uint8Array): ScoredRow[] {
    const score = scorer(this.#similarity, query);
    const norms = this.#squaredNorms.array;
    const best = new TopK(Math.min(k, this.#squaredNorms.length));
    for (let row = 0; row < this.#squaredNorms.length; row++) {
      if (accepted[row] === 1) best.offer(row, score(this.#view(row), norms[row] as number));
    }
    return best.sorted();
  }

  #view(row: number): Float32Array {
    const start = (row % rowsPerChunk) * this.#dimension;
    const chunk = this.#chunks[Math.floor(row / rowsPerChunk)] as Float32Array;
    return chunk.subarray(start, start + this.#dimension);
  }
}
