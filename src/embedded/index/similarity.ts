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

/** The same for several vectors. Four sums run side by side: each addition waits for the one before it in its sum. */
function dotProducts(left: Float32Array, others: readonly Float32Array[]): number[] {
  const products: number[] = [];
  while (products.length + 4 <= others.length) {
    const next = products.length;
    const [first, second, third, fourth] = others.slice(next, next + 4) as [
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    let one = 0;
    let two = 0;
    let three = 0;
    let four = 0;
    for (let place = 0; place < left.length; place++) {
      const component = left[place] as number;
      one = round(one + round(component * (first[place] as number)));
      two = round(two + round(component * (second[place] as number)));
      three = round(three + round(component * (third[place] as number)));
      four = round(four + round(component * (fourth[place] as number)));
    }
    products.push(one, two, three, four);
  }
  while (products.length < others.length)
    products.push(dotProduct(left, others[products.length] as Float32Array));
  return products;
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

/** Scores stored vectors against one query; `squaredNorms` are the stored vectors' own. */
export type Scorer = (stored: readonly Float32Array[], squaredNorms: readonly number[]) => number[];

/** @param query `float32[dimension]` */
export function scorer(similarity: SimilarityFunction, query: Float32Array): Scorer {
  switch (similarity) {
    case "COSINE": {
      const norm = dotProduct(query, query);
      return (stored, squaredNorms) =>
        dotProducts(query, stored).map((dot, place) => {
          const squaredNorm = squaredNorms[place] as number;
          return isMeasured(dot, norm, squaredNorm)
            ? cosineScore(dot, norm, squaredNorm)
            : cosineScoreOfExtremes(query, stored[place] as Float32Array);
        });
    }
    case "EUCLIDEAN":
      return (stored) => stored.map((vector) => round(1 / (1 + squaredDistance(query, vector))));
    case "DOT_PRODUCT":
      return (stored) => dotProducts(query, stored).map((dot) => round((1 + clamped(dot)) / 2));
  }
}
