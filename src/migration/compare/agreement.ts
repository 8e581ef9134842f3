import {
  bootstrapMean,
  overlap,
  rankBiasedOverlap,
  recallAgainst,
  sameTop,
  spearman,
  summarize,
  wilsonInterval,
} from "../../evaluation/index.ts";
import type { Answered } from "./exact-neighbours.ts";
import type { Agreement } from "./report.ts";

/** Over the queries that both sides answered. */
export function agreementOf(asked: readonly Answered[], k: number): Agreement {
  const pairs = bothAnswered(asked).map(({ answers }) => [answers.source.ids, answers.target.ids] as const);
  const overlaps = pairs.map(([source, target]) => overlap(source, target, k));
  const topCount = pairs.filter(([source, target]) => sameTop(source, target)).length;
  const count = pairs.length;
  return {
    queries: count,
    overlap: summarize(overlaps),
    overlapInterval: bootstrapMean(overlaps),
    recall: summarize(pairs.map(([source, target]) => recallAgainst(source, target, k))),
    sameSet: count === 0 ? 0 : overlaps.filter((share) => share === 1).length / count,
    sameTop: count === 0 ? 0 : topCount / count,
    sameTopInterval: count === 0 ? undefined : wilsonInterval(topCount, count),
    spearman: summarize(pairs.flatMap(([source, target]) => spearman(source, target, k) ?? [])),
    rankBiasedOverlap: summarize(pairs.map(([source, target]) => rankBiasedOverlap(source, target, k))),
  };
}

export function bothAnswered<T extends Answered>(asked: readonly T[]): T[] {
  return asked.filter(
    ({ answers }) => answers.source.error === undefined && answers.target.error === undefined,
  );
}
