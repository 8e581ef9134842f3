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

/** Scores stored vectors against one query; `squaredNorm` is the stored vector's own. */
export type Scorer = (stored: Float32Array, squaredNorm: number) => number;

/** @param query `float32[dimension]` */
export function scorer(similarity: SimilarityFunction, query: Float32Array): Scorer {
  switch (similarity) {
    case "COSINE": {
      const norm = dotProduct(query, query);
      return (stored, squaredNorm) => cosineScore(dotProduct(query, stored), norm, squaredNorm);
    }
    case "EUCLIDEAN":
      return (stored) => round(1 / (1 + squaredDistance(query, stored)));
    case "DOT_PRODUCT":
      return (stored) => round((1 + dotProduct(query, stored)) / 2);
  }
}
