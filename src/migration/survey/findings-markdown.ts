import { type Finding, findingText } from "../../foundation/finding.ts";
import { counted } from "../../foundation/plural.ts";

/** Findings of a plan, by how much they matter. */
export interface SortedFindings {
  /** What cannot work. */
  readonly problems: readonly Finding[];
  /** What will differ, or may not be intended. */
  readonly warnings: readonly Finding[];
  /** What is as it should be, and good to know. */
  readonly facts: readonly Finding[];
}

export function sortFindings(findings: readonly Finding[]): SortedFindings {
  const ofLevel = (level: Finding["level"]) => findings.filter((finding) => finding.level === level);
  return { problems: ofLevel("problem"), warnings: ofLevel("warning"), facts: ofLevel("fact") };
}

export function planHeading({ problems }: SortedFindings): string {
  return problems.length === 0
    ? "# Plan: the migration can run"
    : `# Plan: the migration cannot run, ${counted(problems.length, "problem")}`;
}

export function findingLines({ problems, warnings, facts }: SortedFindings): string[] {
  return [...section("Problems", problems), ...section("Warnings", warnings), ...section("Facts", facts)];
}

function section(title: string, findings: readonly Finding[]): string[] {
  return findings.length === 0 ? [] : ["", `## ${title}`, "", ...findings.map(lineOf)];
}

function lineOf(finding: Finding): string {
  return `- ${findingText(finding)}${finding.hint === undefined ? "" : ` ${finding.hint}`}`;
}
