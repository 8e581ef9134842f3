import { cell, figure, percent, table } from "../../evaluation/index.ts";
import type { BenchReport, BenchSide } from "./bench.ts";

const objectiveNames = { average: "average", p99: "p99", errorRate: "errors" } as const;

/** The measurement for a reader: whether the objectives are met, the figures, and what they were taken on. */
export function benchMarkdown(report: BenchReport): string {
  const { before, after } = report.machine;
  const { source, target } = report.sides;
  const milliseconds = (value: number | undefined) => (value === undefined ? "–" : `${figure(value, 2)} ms`);
  const row = (name: string, value: (side: BenchSide) => string) => [
    name,
    ...(source ? [value(source)] : []),
    value(target),
  ];
  const load = (values: readonly number[]) => values.map((value) => figure(value, 2)).join(" ");
  return [
    `# Latency: ${source ? `source ${summaryOf(source, report.calls)}; ` : ""}target ${summaryOf(target, report.calls)}`,
    "",
    `${report.calls} calls to ${source ? "each side in turn" : "the target"}, ${report.queries} different queries, top ${report.k}, after ${report.warmUp} to warm up.`,
    "",
    ...table(
      ["", ...(source ? ["source"] : []), "target"],
      [
        row("store", ({ store }) => cell(store)),
        row("average", ({ latency }) => milliseconds(latency.times?.average)),
        row("p50", ({ latency }) => milliseconds(latency.times?.p50)),
        row("p95", ({ latency }) => milliseconds(latency.times?.p95)),
        row("p99", ({ latency }) => milliseconds(latency.times?.p99)),
        row("p99, 95 % upper bound", ({ latency }) => milliseconds(latency.times?.p99Bound)),
        row("longest", ({ latency }) => milliseconds(latency.times?.maximum)),
        row(
          "failed",
          ({ latency: { errorRate, errorRateInterval: interval } }) =>
            `${percent(errorRate, 2)} (95 %: ${percent(interval.low, 2)} to ${percent(interval.high, 2)})`,
        ),
      ],
    ),
    "",
    ...(source ? verdictLines("Source", source) : []),
    ...verdictLines("Target", target),
    "",
    `Measured on ${before.cores} × ${cell(before.processor)}, ${(before.memory / 1024 ** 3).toFixed(0)} GiB, Node ${before.node}; load ${load(before.load)} before, ${load(after.load)} after.`,
    "",
  ].join("\n");
}

function summaryOf({ verdicts }: BenchSide, calls: number): string {
  if (verdicts.some(({ outcome }) => outcome === "missed")) return "misses its objectives";
  const isProven = verdicts.every(({ outcome }) => outcome === "met");
  return isProven
    ? "meets its objectives"
    : `misses none of its objectives, as far as ${calls} calls can tell`;
}

function verdictLines(name: string, { verdicts }: BenchSide): string[] {
  return verdicts.map(({ objective, limit, outcome, reason }) => {
    const bound = objective === "errorRate" ? `below ${percent(limit)}` : `at most ${limit} ms`;
    return `- ${name}, ${objectiveNames[objective]} ${bound}: **${outcome}**${reason === undefined ? "" : `, ${cell(reason)}`}`;
  });
}
