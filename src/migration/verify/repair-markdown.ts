import { counted } from "../../foundation/plural.ts";
import type { CatchUpReport } from "./catch-up.ts";
import { countsOf, differenceLines } from "./markdown.ts";
import type { RepairReport } from "./repair.ts";

export function repairMarkdown(report: RepairReport): string {
  return [
    `# Repair: ${report.isIdentical ? "nothing differs any more" : "differences remain"}`,
    "",
    summaryOf(report),
    ...noteLines(report),
    "",
    ...differenceLines(report.remaining, report.differences, report.remainingCount),
  ].join("\n");
}

export function catchUpMarkdown({ hasConverged, isIdentical, rounds }: CatchUpReport): string {
  const last = rounds.at(-1);
  const verdict = isIdentical
    ? "source and target agree"
    : hasConverged
      ? "nothing is left to bring over, and differences remain"
      : "the source was still changing when the rounds ended";
  return [
    `# Catch-up: ${verdict}`,
    "",
    ...rounds.map((round, place) => `${place + 1}. ${summaryOf(round)}`),
    ...(last ? noteLines(last) : []),
    "",
    ...(last ? differenceLines(last.remaining, last.differences, last.remainingCount) : []),
  ].join("\n");
}

function summaryOf({ found, sent, deleted, remainingCount, milliseconds }: RepairReport): string {
  const differences = countsOf(found);
  return [
    differences === "" ? "No difference was found" : `Found: ${differences}`,
    `${counted(sent, "record")} written`,
    `${counted(deleted, "record")} deleted`,
    `${counted(remainingCount, "difference")} left (${(milliseconds / 1000).toFixed(1)} s).`,
  ].join("; ");
}

function noteLines({ refused, refusedCount, deletionWithheld, sourceChange }: RepairReport): string[] {
  return [
    ...(sourceChange === undefined ? [] : ["", sourceChange]),
    ...(deletionWithheld === undefined ? [] : ["", `Extras stayed: ${deletionWithheld}`]),
    ...(refusedCount === 0 ? [] : ["", `The target does not take ${counted(refusedCount, "record")}:`, ""]),
    ...refused.map(({ id, reason }) => `- \`${JSON.stringify(id)}\`: ${reason}`),
  ];
}
