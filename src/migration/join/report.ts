import { counted } from "../../foundation/plural.ts";
import { quoted } from "../../foundation/quoted.ts";
import type { CountedIds } from "../id-tally.ts";

/** Result of a pass over a joined source; plain JSON. */
export interface JoinReport {
  readonly file: string;
  readonly fileRecordCount: number;
  readonly sourceRecordCount: number;
  /** Number of records of the source that have a partner in the file. */
  readonly joinedCount: number;
  /** Number of records that got each field. */
  readonly fields: Readonly<Record<string, number>>;
  readonly withoutPartnerInFile: CountedIds;
  readonly withoutPartnerInSource: CountedIds;
  /** Records for which both have a field, with different values. */
  readonly conflicts: CountedIds;
  /** Number of conflicts for each field. */
  readonly conflictFields: Readonly<Record<string, number>>;
  readonly conflictsGoTo: "source" | "file";
  /** Records whose text in the file differs: the source may be made from another file. */
  readonly otherTexts: CountedIds;
}

export function joinMarkdown(report: JoinReport): string {
  const { fields, conflictFields } = report;
  const lines = [
    `# Join with ${report.file}: ${report.joinedCount.toLocaleString("en")} of ${counted(report.sourceRecordCount, "record")} have a partner`,
    "",
    `Fields joined: ${countsOf(fields) || "none"}.`,
    ...section("Only in the source", report.withoutPartnerInFile),
    ...section("Only in the file", report.withoutPartnerInSource),
    ...section(
      `With different values on both sides (${countsOf(conflictFields)}); the value of the ${report.conflictsGoTo} is used`,
      report.conflicts,
    ),
    ...section("With a different text in the file", report.otherTexts),
    "",
  ];
  return lines.join("\n");
}

function countsOf(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([field, count]) => `${field} ${count.toLocaleString("en")}`)
    .join(", ");
}

function section(title: string, { count, ids }: CountedIds): string[] {
  if (count === 0) return [];
  const more = count > ids.length ? `, and ${(count - ids.length).toLocaleString("en")} more` : "";
  return ["", `${title}: ${counted(count, "record")} (${ids.map((id) => quoted(id)).join(", ")}${more})`];
}
