/** How far two rankings of the same query agree. Ids listed again are taken at their first place. */

/** The persistence of rank-biased overlap: the first 10 places hold about 86 % of the weight. */
const defaultPersistence = 0.9;

/** Fewer shared records say nothing about an order. */
const fewestShared = 3;

/**
 * The share of the first `k` that both have: |A ∩ B| / max(|A|, |B|), so that a side that found fewer than `k`
 * is not excused. 1 if both found nothing.
 */
export function overlap(left: readonly string[], right: readonly string[], k: number): number {
  const [first, second] = [head(left, k), head(right, k)];
  const longest = Math.max(first.size, second.size);
  return longest === 0 ? 1 : shared(first, second).length / longest;
}

/** The share of the first `k` of `reference` that are among the first `k` of `ranking`; 1 if that is empty. */
export function recallAgainst(reference: readonly string[], ranking: readonly string[], k: number): number {
  const wanted = head(reference, k);
  return wanted.size === 0 ? 1 : shared(wanted, head(ranking, k)).length / wanted.size;
}

/** Whether both put the same record first, or both found nothing. */
export function sameTop(left: readonly string[], right: readonly string[]): boolean {
  return left[0] === right[0];
}

/**
 * Spearman's rank correlation of the records that both have among their first `k` (Spearman 1904): those are
 * ranked again on each side, from 1 without gaps, and ρ = 1 - 6 Σd² / (n (n² - 1)). Records that only one side
 * has are ignored, which makes ρ blind to them: read it beside `overlap`, or use `rankBiasedOverlap`, which
 * counts both (Fagin, Kumar & Sivakumar 2003, "Comparing top k lists", on why top-k lists need that care).
 *
 * @returns -1 to 1; `undefined` for fewer than 3 shared records
 */
export function spearman(left: readonly string[], right: readonly string[], k: number): number | undefined {
  const [first, second] = [head(left, k), head(right, k)];
  const inFirst = shared(first, second);
  const count = inFirst.length;
  if (count < fewestShared) return undefined;
  const rankInSecond = new Map(shared(second, first).map((id, rank) => [id, rank]));
  const squares = inFirst.reduce((sum, id, rank) => sum + (rank - (rankInSecond.get(id) ?? 0)) ** 2, 0);
  return 1 - (6 * squares) / (count * (count ** 2 - 1));
}

/**
 * Rank-biased overlap, extrapolated (Webber, Moffat & Zobel 2010, "A similarity measure for indefinite
 * rankings", equation 32, which takes lists of unequal length): the agreement at each depth, weighted by
 * persistence^depth, assuming that the agreement at the end continues.
 *
 * @param persistence above 0, below 1: how likely a reader goes on from one place to the next
 * @returns 0 (nothing shared) to 1 (equal)
 */
export function rankBiasedOverlap(
  left: readonly string[],
  right: readonly string[],
  k: number,
  persistence: number = defaultPersistence,
): number {
  const lists = [[...head(left, k)], [...head(right, k)]] as const;
  const [shorter, longer] = lists[0].length <= lists[1].length ? lists : [lists[1], lists[0]];
  if (longer.length === 0) return 1;
  if (shorter.length === 0) return 0;
  const seenInShorter = new Set<string>();
  const seenInLonger = new Set<string>();
  let common = 0;
  let commonAtShorter = 0;
  let sum = 0;
  for (let depth = 1; depth <= longer.length; depth++) {
    const [short, long] = [shorter[depth - 1], longer[depth - 1] as string];
    seenInLonger.add(long);
    if (short !== undefined) {
      seenInShorter.add(short);
      if (seenInLonger.has(short)) common++;
    }
    if (long !== short && seenInShorter.has(long)) common++;
    if (depth === shorter.length) commonAtShorter = common;
    sum += (common / depth) * persistence ** depth;
    if (depth > shorter.length) {
      const expected = (commonAtShorter * (depth - shorter.length)) / (shorter.length * depth);
      sum += expected * persistence ** depth;
    }
  }
  const rest = (common - commonAtShorter) / longer.length + commonAtShorter / shorter.length;
  return ((1 - persistence) / persistence) * sum + rest * persistence ** longer.length;
}

function head(ranking: readonly string[], k: number): Set<string> {
  return new Set(ranking.slice(0, k));
}

function shared(first: ReadonlySet<string>, second: ReadonlySet<string>): string[] {
  return [...first].filter((id) => second.has(id));
}
