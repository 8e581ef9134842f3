import { cell, figure, percent, type Summary, table } from "../../evaluation/index.ts";
import type { Cause } from "./cause.ts";
import { meaningOf } from "./findings.ts";
import type { ComparisonReport, QueryDetail, SideReport } from "./report.ts";

const headings: Readonly<Record<ComparisonReport["outcome"], string>> = {
  same: "the same",
  expected: "other results, all explained",
  unfinished: "not finished",
  undecided: "not decided",
  fault: "a fault",
};

/** The comparison for a reader: the verdict in the first three lines, then what it rests on. */
export function comparisonMarkdown(report: ComparisonReport): string {
  return [
    `# Comparison: ${headings[report.outcome]}`,
    "",
    cell(report.verdict),
    "",
    "## Findings",
    "",
    ...(report.findings.length === 0 ? ["None."] : report.findings.map(findingLine)),
    "",
    "## Agreement",
    "",
    ...agreementTable(report),
    ...judgedLines(report),
    "",
    "## Differences by cause",
    "",
    ...causeTable(report),
    "",
    "## Sides",
    "",
    ...sideTable(report),
    ...worstLines(report),
    "",
  ].join("\n");
}

function findingLine({ outcome, message, hint }: ComparisonReport["findings"][number]): string {
  return `- **${outcome}**: ${cell(message)}.${hint === undefined ? "" : ` ${cell(hint)}`}`;
}

function agreementTable({ agreement, k }: ComparisonReport): string[] {
  const row = (name: string, summary: Summary | undefined) => [
    name,
    figure(summary?.mean, 3),
    figure(summary?.median, 3),
    figure(summary?.p5, 3),
    figure(summary?.minimum, 3),
    String(summary?.count ?? 0),
  ];
  const { overlapInterval, sameTopInterval } = agreement;
  return [
    ...table(
      ["measure", "mean", "median", "5 %", "least", "queries"],
      [
        row(`overlap@${k}`, agreement.overlap),
        row(`recall@${k} of the target against the source`, agreement.recall),
        row("Spearman's ρ of shared results", agreement.spearman),
        row("rank-biased overlap (p = 0.9)", agreement.rankBiasedOverlap),
      ],
    ),
    "",
    `The same set in ${percent(agreement.sameSet)} of ${agreement.queries} queries, the same first result in ${percent(agreement.sameTop)}${sameTopInterval ? ` (95 %: ${percent(sameTopInterval.low)} to ${percent(sameTopInterval.high)})` : ""}.${overlapInterval ? ` Mean overlap, 95 %: ${figure(overlapInterval.low, 3)} to ${figure(overlapInterval.high, 3)}.` : ""}`,
  ];
}

function judgedLines({ judged }: ComparisonReport): string[] {
  if (!judged) return [];
  const { source, target, test, interval, k, queries } = judged;
  const range = interval ? ` (95 %: ${figure(interval.low)} to ${figure(interval.high)})` : "";
  return [
    "",
    `nDCG@${k} over ${queries} judged queries: source ${figure(source)}, target ${figure(target)}, difference ${figure(test.meanDifference)}${range}, p = ${figure(test.pValue)} by ${test.isExact ? "an exact" : "a sampled"} paired randomisation test.`,
  ];
}

function causeTable({ differences: { atK, order, atTop }, k }: ComparisonReport): string[] {
  const causes = new Set([atK, order, atTop].flatMap(({ byCause }) => Object.keys(byCause))) as Set<Cause>;
  if (causes.size === 0) return ["No place of the results differs."];
  return table(
    [
      "cause",
      `of ${atK.places} first-${k} places`,
      "in order only",
      `of ${atTop.places} first places`,
      "meaning",
    ],
    [...causes].map((cause) => [
      cause,
      String(atK.byCause[cause] ?? 0),
      String(order.byCause[cause] ?? 0),
      String(atTop.byCause[cause] ?? 0),
      meaningOf(cause),
    ]),
  );
}

function sideTable({ sides: { source, target }, k }: ComparisonReport): string[] {
  const row = (name: string, value: (side: SideReport) => string) => [name, value(source), value(target)];
  return table(
    ["", "source", "target"],
    [
      row("store", ({ store, namespace }) =>
        cell(namespace === "" ? store : `${store}, namespace ${namespace}`),
      ),
      row("records", ({ recordCount }) => recordCount.toLocaleString("en")),
      row("kind", ({ info }) => `${info.type}${info.dimension > 0 ? `, ${info.dimension} dimensions` : ""}`),
      row("metric declared", ({ info }) => info.similarityFunction || "–"),
      row("metric in effect", ({ metricInEffect }) => metricInEffect ?? "–"),
      row("model", ({ info }) => cell(info.embeddingModel || info.sparseEmbeddingModel || "–")),
      row("vector lengths", ({ norms }) =>
        norms ? `${figure(norms.minimum, 3)} to ${figure(norms.maximum, 3)}` : "–",
      ),
      row(`recall@${k} against exact neighbours`, ({ exactRecall }) => figure(exactRecall?.mean, 3)),
      row("failed queries", ({ failures }) => String(failures)),
    ],
  );
}

function worstLines({ worst }: ComparisonReport): string[] {
  if (worst.length === 0) return [];
  const ids = (list: readonly string[]) => cell(list.join(", "));
  const reasons = ({ differences }: QueryDetail) =>
    cell([...new Set(differences.map(({ cause }) => cause))].join(", "));
  return [
    "",
    "## Queries that agree least",
    "",
    ...table(
      ["query", "overlap", "source", "target", "causes"],
      worst.map((query) => [
        `${cell(query.id)}: ${cell(query.label.slice(0, 80))}`,
        figure(query.overlap, 2),
        ids(query.source),
        ids(query.target),
        reasons(query),
      ]),
    ),
  ];
}
