import type { SimilarityFunction } from "../../settings.ts";

/**
 * A similarity function as candidates are ranked by it, in double precision and before it is squeezed
 * into a score: the cosine, the inner product, or the squared distance with its sign turned.
 */
export interface Metric {
  /** Arguments: the inner product, the squared norm of the row, and that of the query. */
  similarity(product: number, squaredNorm: number, querySquaredNorm: number): number;
  /** How far the similarity may be off when the inner product is off by `error`. */
  margin(error: number, squaredNorm: number, querySquaredNorm: number): number;
  toScore(similarity: number): number;
  fromScore(score: number): number;
}

/** By the formulas of similarity.ts. */
export const metrics: Readonly<Record<SimilarityFunction, Metric>> = {
  COSINE: {
    similarity: cosine,
    margin: cosine,
    toScore: (similarity) => (1 + similarity) / 2,
    fromScore: (score) => 2 * score - 1,
  },
  DOT_PRODUCT: {
    similarity: (product) => product,
    margin: (error) => error,
    toScore: (similarity) => (1 + similarity) / 2,
    fromScore: (score) => 2 * score - 1,
  },
  EUCLIDEAN: {
    similarity: (product, squaredNorm, querySquaredNorm) => 2 * product - squaredNorm - querySquaredNorm,
    margin: (error) => 2 * error,
    toScore: (similarity) => 1 / (1 + Math.max(0, -similarity)),
    fromScore: (score) => 1 - 1 / score,
  },
};

/** 0 where either vector is zero. */
function cosine(product: number, squaredNorm: number, querySquaredNorm: number): number {
  const squares = squaredNorm * querySquaredNorm;
  return squares === 0 ? 0 : product / Math.sqrt(squares);
}
