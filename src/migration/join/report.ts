import { counted } from "../../foundation/plural.ts";
import type { CountedIds } from "../id-tally.ts";

/** What a pass over a joined source found; plain JSON. */
export interface JoinReport {
  readonly file: string;
  readonly fileRecordCount: number;
  readonly sourceRecordCount: number;
  /** Records of the source that have a partner in the file. */
  readonly joinedCount: number;
  /** Records by the field that they gained. */
  readonly fields: Readonly<Record<string, number>>;
  readonly withoutPartnerInFile: CountedIds;
  readonly withoutPartnerInSource: CountedIds;
  /** Records where both have a field, with other values. */
  readonly conflicts: CountedIds;
  /** Conflicts by field. */
  readonly conflictFields: Readonly<Record<string, number>>;
  readonly conflictsGoTo: "source" | "file";
  /** Records whose text in the file is another: the file may not be the one that the source was made from. */
  readonly otherTexts: CountedIds;
}

export function joinMarkdown(report: JoinReport): string {
  const { fields, conflictFields } = report;
  const lines = [
    `# Join with ${report.file}: ${report.joinedCount.toLocaleString("en")} of ${counted(report.sourceRecordCount, "record")} have a partner`,
    "",
    `Gained: ${countsOf(fields) || "nothing"}.`,
    ...section("In the source alone", report.withoutPartnerInFile),
    ...section("In the file alone", report.withoutPartnerInSource),
    ...section(
      `With other values on both sides (${countsOf(conflictFields)}); the ${report.conflictsGoTo} wins`,
      report.conflicts,
    ),
    ...section("With another text in the file", report.otherTexts),
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
  return [
    "",
    `${title}: ${counted(count, "record")} (${ids.map((id) => JSON.stringify(id)).join(", ")}${more})`,
  ];
}
