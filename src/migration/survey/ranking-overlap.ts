import type { SourceDescription } from "../source.ts";

export type SimilarityFunction = NonNullable<SourceDescription["similarityFunction"]>;

/** Number of vectors of the sample that serve as queries. */
const queryCount = 50;

/**
 * Agreement of two similarity functions: the mean share of the `k` nearest vectors that they have in common, over
 * queries that are vectors of the sample. Users ask other queries, so this is an indication.
 *
 * @returns 0 to 1; `undefined` for fewer than `k + 1` vectors
 */
export function rankingOverlap(
  sample: readonly Float32Array[],
  left: SimilarityFunction,
  right: SimilarityFunction,
  k: number,
): number | undefined {
  if (sample.length <= k) return undefined;
  const queries = Math.min(queryCount, sample.length);
  let sum = 0;
  for (let number = 0; number < queries; number++) {
    const query = Math.floor((number * sample.length) / queries);
    const nearest = new Set(nearestTo(query, sample, left, k));
    sum += nearestTo(query, sample, right, k).filter((place) => nearest.has(place)).length / k;
  }
  return sum / queries;
}

function nearestTo(
  query: number,
  sample: readonly Float32Array[],
  similarity: SimilarityFunction,
  k: number,
): number[] {
  const scores = sample.map((vector) => scoreOf(sample[query] as Float32Array, vector, similarity));
  return [...scores.keys()]
    .filter((place) => place !== query)
    .sort((first, second) => (scores[second] as number) - (scores[first] as number) || first - second)
    .slice(0, k);
}

/** Greater is nearer; comparable only for one query. */
function scoreOf(query: Float32Array, vector: Float32Array, similarity: SimilarityFunction): number {
  let [dot, squares] = [0, 0];
  for (let place = 0; place < vector.length; place++) {
    const component = vector[place] as number;
    dot += (query[place] as number) * component;
    squares += component * component;
  }
  if (similarity === "DOT_PRODUCT") return dot;
  if (similarity === "EUCLIDEAN") return 2 * dot - squares;
  return squares === 0 ? 0 : dot / Math.sqrt(squares);
}
