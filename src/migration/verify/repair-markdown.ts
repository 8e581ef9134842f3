import { counted } from "../../foundation/plural.ts";
import { quoted } from "../../foundation/quoted.ts";
import type { CatchUpReport } from "./catch-up.ts";
import { unrequestedCount } from "./difference.ts";
import { countsOf, differenceLines } from "./markdown.ts";
import type { RepairReport } from "./repair.ts";

const onRequest = "nothing differs any more, except what is left out on request";

export function repairMarkdown(report: RepairReport): string {
  return [
    `# Repair: ${report.isIdentical ? "nothing differs any more" : report.isPassed ? onRequest : "differences remain"}`,
    "",
    summaryOf(report),
    ...noteLines(report),
    "",
    ...differenceLines(report.remaining, report.differences, report.remainingCount),
  ].join("\n");
}

export function catchUpMarkdown({ hasConverged, isIdentical, isPassed, rounds }: CatchUpReport): string {
  const last = rounds.at(-1);
  const verdict = isIdentical
    ? "source and target agree"
    : isPassed
      ? onRequest
      : hasConverged
        ? "nothing is left to write, and differences remain"
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

function summaryOf({ found, sent, deleted, remaining, remainingCount, milliseconds }: RepairReport): string {
  const differences = countsOf(found);
  const left = unrequestedCount(remaining);
  const requested = remainingCount - left;
  return [
    differences === "" ? "No difference was found" : `Found: ${differences}`,
    `${counted(sent, "record")} written`,
    `${counted(deleted, "record")} deleted`,
    `${counted(left, "difference")} left${requested > 0 ? `, and ${requested} as requested` : ""} (${(milliseconds / 1000).toFixed(1)} s).`,
  ].join("; ");
}

/** What a person has to know or to do next; a repair that is run again would change none of it. */
function noteLines(report: RepairReport): string[] {
  const { refused, refusedCount, deletionWithheld, sourceChange, remaining } = report;
  const altered = unrequestedCount(remaining, true) - remaining["duplicate-id"] - refusedCount;
  return [
    ...(sourceChange === undefined ? [] : ["", sourceChange]),
    ...(deletionWithheld === undefined ? [] : ["", `Extras were kept: ${deletionWithheld}`]),
    ...extrasLines(report),
    ...(remaining["duplicate-id"] === 0
      ? []
      : [
          "",
          "The source gives some ids more than once, and a target holds one record for each: correct the source.",
        ]),
    ...(altered <= 0
      ? []
      : [
          "",
          "Some records were written and read back, and still differ: the target does not store them as they are. Another repair will not change that. See the differences below.",
        ]),
    ...(refusedCount === 0 ? [] : ["", `The target refuses ${counted(refusedCount, "record")}:`, ""]),
    ...refused.map(({ id, reason }) => `- \`${quoted(id)}\`: ${reason}`),
  ];
}

function extrasLines({ remaining, foreignCount }: RepairReport): string[] {
  if (remaining.extra === 0) return [];
  const ways =
    "To keep them, run the migration or the verification with --allow-extras; or use a namespace for this migration only, with --namespace.";
  return foreignCount > 0
    ? [
        "",
        `This migration did not write ${counted(foreignCount, "extra record")} of the target, and keeps ${foreignCount === 1 ? "it" : "them"}. ${ways}`,
      ]
    : [
        "",
        `The target holds ${counted(remaining.extra, "extra record")}. To delete those that this migration wrote, add --delete-extras. ${ways}`,
      ];
}
