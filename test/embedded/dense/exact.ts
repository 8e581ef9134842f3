import { DenseVectors, type DenseVectorsOptions } from "../../../src/embedded/index/dense.ts";
import { dotProduct, scorer } from "../../../src/embedded/index/similarity.ts";
import { type ScoredRow, TopK } from "../../../src/embedded/index/top-k.ts";
import type { SimilarityFunction } from "../../../src/embedded/settings.ts";

export const similarities: readonly SimilarityFunction[] = ["COSINE", "DOT_PRODUCT", "EUCLIDEAN"];

/** What search has to find: every accepted row scored, the best k. */
export function exactScan(
  similarity: SimilarityFunction,
  vectors: readonly Float32Array[],
  query: Float32Array,
  k: number,
  accepted: Uint8Array,
): ScoredRow[] {
  const score = scorer(similarity, query);
  const best = new TopK(Math.min(k, vectors.length));
  for (const [row, vector] of vectors.entries()) {
    // One by one, as plain arithmetic has it.
    const [found = 0] = accepted[row] === 1 ? score([vector], [dotProduct(vector, vector)]) : [];
    if (accepted[row] === 1) best.offer(row, found);
  }
  return best.sorted();
}

/** The engine over vectors that a test holds. */
export function engineOf(
  vectors: readonly Float32Array[],
  similarity: SimilarityFunction,
  options: Partial<DenseVectorsOptions> = {},
): DenseVectors {
  const engine = new DenseVectors({
    dimension: vectors[0]?.length ?? 1,
    similarity,
    readVectors: (rows) => rows.map((row) => vectors[row] as Float32Array),
    ...options,
  });
  for (const vector of vectors) engine.push(vector);
  return engine;
}

export function all(vectors: readonly Float32Array[]): Uint8Array {
  return new Uint8Array(vectors.length).fill(1);
}

/** The part of the true results that is among those found; a row of equal score is as good. */
export function recall(found: readonly ScoredRow[], truth: readonly ScoredRow[]): number {
  const last = truth.at(-1)?.score ?? 0;
  return found.filter(({ score }) => score >= last).length / truth.length;
}

export function take(count: number, next: () => Float32Array): Float32Array[] {
  return Array.from({ length: count }, next);
}
