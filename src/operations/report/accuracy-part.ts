import type { EvaluationReport } from "../../evaluation/index.ts";
import type { AccuracyRun } from "../../state/accuracy.ts";
import type { AccuracyPart, AccuracyPoint } from "./report.ts";

/** Lowest queries that are shown. */
const mostLowest = 5;

/**
 * The accuracy as it was measured last, with the runs before it.
 *
 * @param runs of the span and until now, oldest first; the last one is shown
 * @param report the queries of the last run, if it was made for this report
 */
export function accuracyPart(
  runs: readonly AccuracyRun[],
  report: EvaluationReport | undefined,
): AccuracyPart | undefined {
  const last = runs.at(-1);
  if (last === undefined) return undefined;
  const { figures, store, k, queryCount, measuredAt } = last;
  const { interval, ...means } = figures;
  const comparable = runs.filter((run) => isComparable(run, last));
  const lowest = [...(report?.queries ?? [])].sort((left, right) => left.ndcg - right.ndcg);
  return {
    measuredAt: new Date(measuredAt).toISOString(),
    store,
    k,
    queryCount,
    means,
    interval,
    previous: comparable.at(-2)?.figures.ndcg,
    history: comparable.map(toPoint),
    lowest: lowest
      .slice(0, mostLowest)
      .filter(({ ndcg }) => ndcg < 1)
      .map(({ text, ndcg }) => ({ text, ndcg })),
  };
}

function isComparable(left: AccuracyRun, right: AccuracyRun): boolean {
  return left.store === right.store && left.k === right.k && left.queriesHash === right.queriesHash;
}

function toPoint({ measuredAt, figures }: AccuracyRun): AccuracyPoint {
  const { ndcg, recall, reciprocalRank } = figures;
  return { time: new Date(measuredAt).toISOString(), ndcg, recall, reciprocalRank };
}
