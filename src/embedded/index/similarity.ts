import type { SimilarityFunction } from "../settings.ts";

/**
 * Scores as the service computes them (similarityfunctions.mdx): float32 arithmetic in the order of
 * the components, without fused multiply-add, so that they agree to the last digit.
 */

const round = Math.fround;

export function dotProduct(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let place = 0; place < left.length; place++) {
    sum = round(sum + round((left[place] as number) * (right[place] as number)));
  }
  return sum;
}

function squaredDistance(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let place = 0; place < left.length; place++) {
    const difference = round((left[place] as number) - (right[place] as number));
    sum = round(sum + round(difference * difference));
  }
  return sum;
}

/** `(1 + cos) / 2`; a zero vector has cosine 0 with everything. */
function cosineScore(dot: number, leftNorm: number, rightNorm: number): number {
  const product = leftNorm * rightNorm;
  return round((1 + (product === 0 ? 0 : dot / Math.sqrt(product))) / 2);
}

/** Whether sums of squares in float32 neither overflowed nor vanished. */
function isMeasured(dot: number, leftNorm: number, rightNorm: number): boolean {
  return (
    Number.isFinite(dot) &&
    Number.isFinite(leftNorm) &&
    Number.isFinite(rightNorm) &&
    leftNorm * rightNorm > 0
  );
}

/** The same score of components so large or small that float32 cannot square them: scaled, and in double. */
function cosineScoreOfExtremes(left: Float32Array, right: Float32Array): number {
  const leftScale = largest(left);
  const rightScale = largest(right);
  if (leftScale === 0 || rightScale === 0) return cosineScore(0, 0, 0);
  let dot = 0;
  let leftNorm = 0;
  let rightNorm = 0;
  for (let place = 0; place < left.length; place++) {
    const leftComponent = (left[place] as number) / leftScale;
    const rightComponent = (right[place] as number) / rightScale;
    dot += leftComponent * rightComponent;
    leftNorm += leftComponent * leftComponent;
    rightNorm += rightComponent * rightComponent;
  }
  return cosineScore(dot, leftNorm, rightNorm);
}

function largest(vector: Float32Array): number {
  return vector.reduce((most, component) => Math.max(most, Math.abs(component)), 0);
}

const largestFloat = 3.4028234663852886e38;

/** A sum that overflowed float32 counts as the largest float32; one that overflowed both ways as 0. */
function clamped(sum: number): number {
  return Number.isNaN(sum) ? 0 : Math.min(Math.max(sum, -largestFloat), largestFloat);
}

/** What scores need of a query and each of several vectors: float32 sums in the order of the components. */
export interface Comparison {
  dotProducts(vectors: readonly Float32Array[]): number[];
  squaredDistances(vectors: readonly Float32Array[]): number[];
}

/** The definition; index/dense/exact-comparison.ts compares four vectors at a time. */
export function plainComparison(query: Float32Array): Comparison {
  return {
    dotProducts: (vectors) => vectors.map((vector) => dotProduct(query, vector)),
    squaredDistances: (vectors) => vectors.map((vector) => squaredDistance(query, vector)),
  };
}

/** Scores stored vectors against one query; `squaredNorms` are the stored vectors' own. */
export type Scorer = (stored: readonly Float32Array[], squaredNorms: readonly number[]) => number[];

/** @param query `float32[dimension]` */
export function scorer(
  similarity: SimilarityFunction,
  query: Float32Array,
  comparison: Comparison = plainComparison(query),
): Scorer {
  switch (similarity) {
    case "COSINE": {
      const norm = dotProduct(query, query);
      return (stored, squaredNorms) =>
        comparison.dotProducts(stored).map((dot, place) => {
          const squaredNorm = squaredNorms[place] as number;
          return isMeasured(dot, norm, squaredNorm)
            ? cosineScore(dot, norm, squaredNorm)
            : cosineScoreOfExtremes(query, stored[place] as Float32Array);
        });
    }
    case "EUCLIDEAN":
      return (stored) => comparison.squaredDistances(stored).map((distance) => round(1 / (1 + distance)));
    case "DOT_PRODUCT":
      return (stored) => comparison.dotProducts(stored).map((dot) => round((1 + clamped(dot)) / 2));
  }
}
