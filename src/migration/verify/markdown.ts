import { namespaceName } from "../../foundation/namespace-name.ts";
import { counted } from "../../foundation/plural.ts";
import { quoted } from "../../foundation/quoted.ts";
import type { Difference, DifferenceCounts } from "./difference.ts";
import type { VerifyReport } from "./report.ts";

/** A report for a person: the verdict in the first lines. */
export function verifyMarkdown(report: VerifyReport): string {
  const { source, target } = report;
  return [
    `# Verification: ${headingOf(report)}`,
    "",
    verdictOf(report),
    ...(report.sourceChange === undefined
      ? []
      : ["", `${report.sourceChange} Verify again once it is at rest.`]),
    "",
    `- Source: ${source.name} (${source.kind}), ${counted(source.recordCount, "record")}`,
    `- Target: ${target.store}, ${namespaceName(target.namespace)}, ${counted(target.recordCount, "record")}`,
    `- Compared: ${comparedOf(report)}`,
    `- Hash of the source's records without vectors: \`${report.contentHashes.source}\``,
    `- Hash of the target's records without vectors: \`${report.contentHashes.target}\``,
    `- ${report.startedAt}, ${(report.milliseconds / 1000).toFixed(1)} s`,
    "",
    ...differenceLines(report.counts, report.differences, report.differenceCount),
    ...(report.differencesFile === undefined ? [] : [`All differences: ${report.differencesFile}`, ""]),
  ].join("\n");
}

function headingOf({ isIdentical, isPassed, counts }: VerifyReport): string {
  if (isIdentical) return "identical";
  if (!isPassed) return "not identical";
  const notes = [
    ...(counts["omitted-record"] + counts["omitted-field"] > 0
      ? ["without what is left out on request"]
      : []),
    ...(counts["altered-field"] > 0 ? ["with integers as text on request"] : []),
    ...(counts.extra > 0 ? ["and the target holds other records too"] : []),
  ];
  return `passed, ${notes.join(", ")}`;
}

function verdictOf({ equalCount, source, differenceCount, counts }: VerifyReport): string {
  const total = source.recordCount + counts["omitted-record"];
  const equal = `${equalCount.toLocaleString("en")} of ${counted(total, "record")} of the source are in the target as they should be`;
  if (differenceCount === 0) return `${equal}, and the target has no others.`;
  return `${equal}; ${counted(differenceCount, "difference")}: ${countsOf(counts)}.`;
}

export function countsOf(counts: DifferenceCounts): string {
  const found = Object.entries(counts).filter(([, count]) => count > 0);
  return found.map(([kind, count]) => `${count.toLocaleString("en")} ${kind}`).join(", ");
}

function comparedOf({ embedding, hasTemplate, vectorTolerance }: VerifyReport): string {
  if (embedding === "carried") {
    return `id, text, metadata by value and type, and every component of every vector, within ${vectorTolerance}`;
  }
  const text = hasTemplate ? "text as filled into the template" : "text";
  return `id, ${text}, metadata by value and type, and that the target made its vectors`;
}

/** A table of differences; empty without any. */
export function differenceLines(
  counts: DifferenceCounts,
  differences: readonly Difference[],
  total: number,
): string[] {
  if (total === 0) return [];
  return [
    "## Differences",
    "",
    "| kind | count |",
    "| --- | ---: |",
    ...Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([kind, count]) => `| ${kind} | ${count.toLocaleString("en")} |`),
    "",
    ...differences.map(lineOf),
    ...(total > differences.length
      ? [`- and ${(total - differences.length).toLocaleString("en")} more`]
      : []),
    "",
  ];
}

function lineOf({ kind, id, path, expected, actual, detail }: Difference): string {
  const place = path === undefined ? "" : ` ${code(path)}`;
  const values =
    expected === undefined || actual === undefined
      ? ""
      : `: source ${code(expected)}, target ${code(actual)}`;
  return `- ${code(quoted(id))} ${kind}${place} ${detail}${values}`;
}

/** A code span that any text fits into. */
function code(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = longest > 0 ? " " : "";
  return `${fence}${pad}${text.replace(/[\r\n]/g, " ")}${pad}${fence}`;
}
