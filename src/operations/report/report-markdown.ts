import { durationText } from "../../foundation/duration-text.ts";
import { cell, table } from "../../foundation/markdown.ts";
import { dollars } from "../cost/cost-markdown.ts";
import { satisfactionText } from "../feedback/satisfaction.ts";
import { changeText, figureText, percentText, timeText, whole } from "./figures.ts";
import type { AccuracyPoint, IncidentRow, Part, Report } from "./report.ts";

/** A report as Markdown. */
export function reportMarkdown(report: Report): string {
  return [
    `# Service report, ${timeText(report.from)} to ${timeText(report.to)}`,
    "",
    ...report.sentences.map((sentence) => `- ${cell(sentence)}`),
    "",
    "## Objectives",
    "",
    ...part(report.objectives, ({ rows, requests, coverage }) => [
      ...table(
        ["objective", "target", "measured", "span before", "result"],
        rows.map((row) => [
          row.title,
          `${row.comparison} ${figureText(row, row.target)}`,
          figureText(row, row.value),
          figureText(row, row.previous),
          row.outcome,
        ]),
      ),
      "",
      `${whole(requests)} requests; something was measured in ${percentText(coverage)} of the time.`,
    ]),
    "",
    "## Accuracy on the golden queries",
    "",
    ...part(report.accuracy, ({ k, means, interval, queryCount, measuredAt, store, history, lowest }) => [
      `nDCG@${k} ${means.ndcg.toFixed(3)}${interval ? ` (95 %: ${interval.low.toFixed(3)} to ${interval.high.toFixed(3)})` : ""}, recall ${means.recall.toFixed(3)}, reciprocal rank ${means.reciprocalRank.toFixed(3)}: ${whole(queryCount)} queries on ${store}, ${timeText(measuredAt)}.`,
      ...(history.length < 2
        ? []
        : ["", ...table(["measured", `nDCG@${k}`, "recall", "reciprocal rank"], history.map(runCells))]),
      ...(lowest.length === 0 ? [] : ["", "The lowest:", ""]),
      ...lowest.map(({ text, ndcg }) => `- ${ndcg.toFixed(3)} ${cell(text)}`),
    ]),
    "",
    "## Satisfaction",
    "",
    ...part(report.satisfaction, ({ comments, previousShare, ...satisfaction }) => {
      const change = changeText(satisfaction.share, previousShare, true);
      return [
        `${satisfactionText(satisfaction)}${change === undefined ? "" : `; ${change} since the span before`}.`,
        ...(comments.length === 0 ? [] : [""]),
        ...comments.map(
          ({ vote, comment, question }) =>
            `- ${vote}: ${cell(comment)}${question === undefined ? "" : ` (${cell(question)})`}`,
        ),
      ];
    }),
    "",
    "## Cost",
    "",
    ...part(report.cost, ({ plan, pricesOf, requests, byKind, dollars: price, budget }) => [
      `${whole(requests)} billed requests, ${dollars(price)} on the plan ${plan} (prices of ${pricesOf}; without the plan's own price, storage and bandwidth).`,
      "",
      ...table(
        ["kind", "requests"],
        Object.entries(byKind).map(([kind, count]) => [kind, whole(count)]),
      ),
      ...(budget === undefined ? [] : ["", budget.sentence]),
    ]),
    "",
    "## Incidents and alerts",
    "",
    ...part(report.incidents, ({ incidents, alerts }) =>
      incidents.length + alerts.length === 0
        ? ["There was no incident and no alert."]
        : table(["begin", "lasted", "kind", "what"], [...incidents, ...alerts].map(incidentCells)),
    ),
    "",
    "## Drift of the embedding model",
    "",
    ...part(report.drift, (checks) =>
      checks
        .slice(0, 10)
        .map(
          ({ checkedAt, sentence }) => `- ${timeText(new Date(checkedAt).toISOString())}: ${cell(sentence)}`,
        ),
    ),
    "",
    `Made ${timeText(report.generatedAt)} by ragfood ${report.version} for ${cell(report.place)}.`,
    "",
  ].join("\n");
}

function part<T>(value: Part<T>, lines: (measured: T) => string[]): string[] {
  if (value.state === "measured") return lines(value.value);
  return [`**Not known:** ${value.reason}. It comes from \`${value.remedy}\`.`];
}

function runCells({ time, ndcg, recall, reciprocalRank }: AccuracyPoint): string[] {
  return [timeText(time), ...[ndcg, recall, reciprocalRank].map((figure) => figure.toFixed(3))];
}

function incidentCells({ begin, end, kind, title }: IncidentRow): string[] {
  return [timeText(begin), lasted({ begin, end }), cell(kind), cell(title)];
}

/** `12 min`, or `open`. */
export function lasted({ begin, end }: Pick<IncidentRow, "begin" | "end">): string {
  return end === undefined ? "open" : durationText(Date.parse(end) - Date.parse(begin));
}
