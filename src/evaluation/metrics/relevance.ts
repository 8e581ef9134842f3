/**
 * How good a ranking is against judgements. A ranking is a list of record ids, best first. An id that is
 * listed again holds its place and counts for nothing: it is a place that a relevant record did not get.
 */

/** Grades by record id: 0 and less is not relevant, and so is a record without a grade. */
export type Judgements = ReadonlyMap<string, number>;

/** What a record of a grade is worth: the grade itself, or 2^grade - 1. */
export type Gain = "linear" | "exponential";

/**
 * Normalised discounted cumulative gain of the first `k`: the sum of gain / log2(rank + 1), divided by that of
 * the best ranking there is (Järvelin & Kekäläinen 2002, "Cumulated gain-based evaluation of IR techniques",
 * with the discount from the first rank on, as trec_eval's `ndcg_cut` and BEIR have it). The linear gain is
 * theirs, and that of published BEIR figures; the exponential one is from Burges et al. 2005 ("Learning to
 * rank using gradient descent"). For grades of 0 and 1 the two are one.
 *
 * @returns 0 to 1; `undefined` if nothing is judged relevant
 */
export function ndcg(
  ranking: readonly string[],
  judgements: Judgements,
  k: number,
  gain: Gain = "linear",
): number | undefined {
  const worth = (grade: number) => (grade <= 0 ? 0 : gain === "linear" ? grade : 2 ** grade - 1);
  const best = [...judgements.values()].map(worth).sort((left, right) => right - left);
  const ideal = discountedSum(best.slice(0, k));
  if (ideal === 0) return undefined;
  return discountedSum(grades(ranking, judgements, k).map(worth)) / ideal;
}

/** The share of the relevant records that are among the first `k`; `undefined` if there are no relevant records. */
export function recall(ranking: readonly string[], judgements: Judgements, k: number): number | undefined {
  const relevant = [...judgements.values()].filter((grade) => grade > 0).length;
  return relevant === 0 ? undefined : relevantCount(ranking, judgements, k) / relevant;
}

/** The share of the first `k` places that hold a relevant record; places left empty count as misses. */
export function precision(ranking: readonly string[], judgements: Judgements, k: number): number {
  return relevantCount(ranking, judgements, k) / k;
}

/** 1 / rank of the first relevant record among the first `k`, 0 without one (Voorhees 1999, TREC-8). */
export function reciprocalRank(ranking: readonly string[], judgements: Judgements, k: number): number {
  const place = grades(ranking, judgements, k).findIndex((grade) => grade > 0);
  return place < 0 ? 0 : 1 / (place + 1);
}

function relevantCount(ranking: readonly string[], judgements: Judgements, k: number): number {
  return grades(ranking, judgements, k).filter((grade) => grade > 0).length;
}

/** The grade at each of the first `k` places. */
function grades(ranking: readonly string[], judgements: Judgements, k: number): number[] {
  const seen = new Set<string>();
  return ranking.slice(0, k).map((id) => {
    if (seen.has(id)) return 0;
    seen.add(id);
    return judgements.get(id) ?? 0;
  });
}

function discountedSum(gains: readonly number[]): number {
  return gains.reduce((sum, gain, place) => sum + gain / Math.log2(place + 2), 0);
}
