import type { ScoredRow } from "./top-k.ts";

const round = Math.fround;

export type FusionAlgorithm = "RRF" | "DBSF";

/** The constant of reciprocal rank fusion, with ranks from 0. */
const rankConstant = 60;

/**
 * Merges ranked lists into one, best first. RRF sums `1 / (rank + 60)` with ranks from 0. DBSF sums
 * scores scaled by each list's mean and sample deviation, `(s − (μ − 3σ)) / 6σ`; a list of one, or of
 * equal scores, gives 0.5 (hybridindexes.mdx). Both in float32, the first list first.
 */
export function fuse(lists: readonly (readonly ScoredRow[])[], algorithm: FusionAlgorithm): ScoredRow[] {
  const scale = algorithm === "RRF" ? reciprocalRanks : distributionScores;
  const sums = new Map<number, number>();
  for (const list of lists) {
    const scores = scale(list);
    list.forEach(({ row }, place) => {
      sums.set(row, round((sums.get(row) ?? 0) + (scores[place] as number)));
    });
  }
  return [...sums]
    .map(([row, score]) => ({ row, score }))
    .sort((left, right) => right.score - left.score || left.row - right.row);
}

function reciprocalRanks(list: readonly ScoredRow[]): number[] {
  return list.map((_, rank) => round(1 / (rank + rankConstant)));
}

function distributionScores(list: readonly ScoredRow[]): number[] {
  const count = list.length;
  let sum = 0;
  for (const { score } of list) sum = round(sum + score);
  const mean = round(sum / count);
  let squares = 0;
  for (const { score } of list) {
    const distance = round(score - mean);
    squares = round(squares + round(distance * distance));
  }
  const deviation = count > 1 ? round(Math.sqrt(round(squares / (count - 1)))) : 0;
  if (deviation === 0) return list.map(() => 0.5);
  const low = round(mean - round(3 * deviation));
  const high = round(mean + round(3 * deviation));
  return list.map(({ score }) => round(round(score - low) / round(high - low)));
}
