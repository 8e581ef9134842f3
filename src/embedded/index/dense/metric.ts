import type { SimilarityFunction } from "../../settings.ts";

/**
 * A similarity function as candidates are ranked by it, in double precision and before it is squeezed
 * into a score: the cosine, the inner product, or the squared distance with its sign turned.
 */
export interface Metric {
  /** As the kernel knows it: there similarities are computed (`pickSimilar`, assembly/similar.ts). */
  readonly kernelMetric: number;
  /** Arguments: the error, the squared norm of the row, and that of the query. How far the similarity may be off when the inner product is off by `error`. */
  margin(error: number, squaredNorm: number, querySquaredNorm: number): number;
  /** The inner product of a similarity; arguments as of `margin`. */
  product(similarity: number, squaredNorm: number, querySquaredNorm: number): number;
  toScore(similarity: number): number;
  fromScore(score: number): number;
}

/** By the formulas of similarity.ts. */
export const metrics: Readonly<Record<SimilarityFunction, Metric>> = {
  COSINE: {
    kernelMetric: 0,
    margin: cosine,
    product: (similarity, squaredNorm, querySquaredNorm) =>
      similarity * Math.sqrt(squaredNorm * querySquaredNorm),
    toScore: (similarity) => (1 + similarity) / 2,
    fromScore: (score) => 2 * score - 1,
  },
  DOT_PRODUCT: {
    kernelMetric: 1,
    margin: (error) => error,
    product: (similarity) => similarity,
    toScore: (similarity) => (1 + similarity) / 2,
    fromScore: (score) => 2 * score - 1,
  },
  EUCLIDEAN: {
    kernelMetric: 2,
    margin: (error) => 2 * error,
    product: (similarity, squaredNorm, querySquaredNorm) => (similarity + squaredNorm + querySquaredNorm) / 2,
    toScore: (similarity) => 1 / (1 + Math.max(0, -similarity)),
    fromScore: (score) => 1 - 1 / score,
  },
};

/** 0 if one of the vectors is zero. */
function cosine(product: number, squaredNorm: number, querySquaredNorm: number): number {
  const squares = squaredNorm * querySquaredNorm;
  return squares === 0 ? 0 : product / Math.sqrt(squares);
}
