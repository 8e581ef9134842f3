import { mean } from "../../evaluation/index.ts";
import type { AskedQuery } from "./exact-neighbours.ts";
import { type Metric, metrics } from "./metric.ts";
import type { Side, SideName } from "./side.ts";

/** By how much another metric must explain the answers better than the declared one. */
const doubt = 0.05;

/**
 * The share of a query's true neighbours that a side returned; a record that ties with the border counts as one.
 *
 * @returns `undefined` if the neighbours are not known or the side did not answer
 */
export function exactRecall(
  { answers, exact }: AskedQuery,
  side: SideName,
  metric: Metric,
  depth: number,
): number | undefined {
  const ranking = exact[side]?.[metric];
  const { ids, error } = answers[side];
  if (!ranking || error !== undefined) return undefined;
  const wanted = Math.min(depth, ranking.matching);
  if (wanted === 0) return 1;
  const right = ids.slice(0, depth).filter((id) => ranking.placeOf(id, wanted) !== "outside");
  return right.length / wanted;
}

/** The metric that a side's answers follow: the declared one, unless another one explains them much better. */
export function metricInEffect(side: Side, asked: readonly AskedQuery[], k: number): Metric | undefined {
  if (!side.metric || !side.hasExactNeighbours) return side.metric;
  const fits = metrics.map((metric) => {
    const recalls = asked.flatMap((query) => exactRecall(query, side.name, metric, k) ?? []);
    return { metric, fit: recalls.length === 0 ? 0 : mean(recalls) };
  });
  const declared = fits.find(({ metric }) => metric === side.metric)?.fit ?? 0;
  const best = fits.reduce((left, right) => (right.fit > left.fit ? right : left));
  return best.fit > declared + doubt ? best.metric : side.metric;
}
