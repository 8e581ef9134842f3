import { cell, figure, percent, table } from "../../evaluation/index.ts";
import type { ConsistencyReport } from "./consistency.ts";
import type { SelfRetrievalReport } from "./self-retrieval.ts";
import type { SpotCheckReport } from "./spot-checks.ts";

/** Misses that are told one by one. */
const missesTold = 50;

export function selfRetrievalMarkdown(report: SelfRetrievalReport): string {
  const { misses, rateAtTopInterval: interval } = report;
  const range = interval ? ` (95 %: ${percent(interval.low)} to ${percent(interval.high)})` : "";
  return [
    `# Records found by their own text: ${report.isSound ? "sound" : "a fault"}`,
    "",
    `${percent(report.rateAtTop)}${range} of ${report.checked} records of the ${report.store} index come first for their own text, ${percent(report.rateAtK)} among the first ${report.k}.`,
    ...(misses.length === 0
      ? []
      : [
          "",
          ...table(
            ["record", "rank", "reason", "first"],
            misses
              .slice(0, missesTold)
              .map(({ id, rank, reason, first }) => [
                cell(id),
                rank === undefined ? "none" : String(rank),
                reason,
                cell(first ?? "–"),
              ]),
          ),
        ]),
    ...(misses.length > missesTold ? ["", `${misses.length - missesTold} more are in the JSON report.`] : []),
    "",
  ].join("\n");
}

export function consistencyMarkdown(report: ConsistencyReport): string {
  const { embeddedTwice: twice } = report;
  return [
    `# Consistency of the ${report.store} index: ${report.isConsistent ? "sound" : "a fault"}`,
    "",
    `Of ${report.checked} texts asked twice, ${report.differing.length} got two answers${names(report.differing)}.`,
    ...(twice
      ? [
          `Of ${twice.checked} texts embedded twice, ${twice.differing.length} got two vectors${names(twice.differing)}; the least cosine is ${figure(twice.leastCosine, 7)}.`,
          `${twice.foreign.length} records have a vector that the index does not make of their text${names(twice.foreign)}.`,
        ]
      : []),
    "",
  ].join("\n");
}

export function spotCheckMarkdown(report: SpotCheckReport): string {
  return [
    `# Known questions: ${report.passed} of ${report.checks.length} find an expected record`,
    "",
    ...table(
      ["question", "rank", `first ${report.k}`, "expected"],
      report.checks.map(({ id, question, rank, found, expected }) => [
        `${cell(id)}: ${cell(question)}`,
        rank === undefined ? "**none**" : String(rank),
        cell(found.join(", ")),
        cell(expected.join(", ")),
      ]),
    ),
    "",
  ].join("\n");
}

function names(ids: readonly string[]): string {
  return ids.length === 0 ? "" : ` (${ids.slice(0, missesTold).map(cell).join(", ")})`;
}
