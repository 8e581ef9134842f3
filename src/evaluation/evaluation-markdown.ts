import { cell, figure, table } from "../foundation/markdown.ts";
import type { EvaluationReport } from "./evaluate.ts";

/** The report for a reader: the figures first, then every query, the worst first. */
export function evaluationMarkdown(report: EvaluationReport): string {
  const { k, means, ndcgInterval: interval, queries, unjudged } = report;
  const range = interval ? ` (95 % interval ${figure(interval.low)} to ${figure(interval.high)})` : "";
  const worstFirst = queries.toSorted((left, right) => left.ndcg - right.ndcg);
  return [
    `# Evaluation of the ${report.store} index`,
    "",
    `**nDCG@${k} ${figure(means.ndcg)}**${range}, recall@${k} ${figure(means.recall)}, precision@${k} ${figure(means.precision)}, reciprocal rank ${figure(means.reciprocalRank)}, over ${queries.length} queries.`,
    ...(unjudged.length > 0
      ? [
          "",
          `${unjudged.length} queries without a relevant record are not counted: ${unjudged.map(cell).join(", ")}.`,
        ]
      : []),
    "",
    ...table(
      ["query", `nDCG@${k}`, `recall@${k}`, "first right", "text"],
      worstFirst.map((query) => [
        cell(query.id),
        figure(query.ndcg),
        figure(query.recall),
        query.reciprocalRank === 0 ? "none" : String(Math.round(1 / query.reciprocalRank)),
        cell(query.text),
      ]),
    ),
    "",
  ].join("\n");
}
