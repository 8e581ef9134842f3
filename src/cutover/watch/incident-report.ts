import { cell, table } from "../../foundation/markdown.ts";
import type { FailedRecords, HistoryEntry, Side } from "../../state/cutover/rows.ts";
import { historyWords } from "../history-text.ts";
import { rulesOfRollback } from "../news.ts";
import type { CutoverStatus, ParkedSummary } from "../status.ts";
import type { RuleResult } from "./rules.ts";

/** Golden questions, asked after a rollback. */
export interface Validation {
  readonly passed: number;
  readonly asked: number;
  /** Why they could not be asked. */
  readonly problem?: string;
}

/** How a store fails. */
export interface TargetFault {
  /** Epoch milliseconds of the first of its failures in a row. */
  readonly since: number;
  /** To follow its name: "answered with errors". */
  readonly what: string;
}

/** What was known of a rollback when it ended. */
export interface IncidentFacts {
  /** What the two stores are called. */
  readonly names: Readonly<Record<Side, string>>;
  /** The stage before. */
  readonly from: string;
  readonly who: string;
  readonly reason: string;
  /** Those that were broken; empty if a person decided. */
  readonly rules: readonly RuleResult[];
  /** Absent if the target answered. */
  readonly fault?: TargetFault;
  /** Epoch milliseconds, as the next two. */
  readonly openedAt: number;
  /** When the source led again. */
  readonly sourceLedAt: number;
  /** When this was written, after the validation began. */
  readonly endedAt: number;
  /** From the last advance on, oldest first. */
  readonly history: readonly HistoryEntry[];
  readonly lag: CutoverStatus["lag"];
  readonly queued: number;
  readonly failing: readonly FailedRecords[];
  readonly parked: readonly ParkedSummary[];
  readonly parkedCount: number;
  readonly validation: Validation | undefined;
}

/**
 * The report of a rollback in Markdown: what was seen, what was done, and the state of the data (CUT-2). Times are in
 * UTC.
 */
export function incidentReport(facts: IncidentFacts): string {
  const { from, who, reason, rules, fault, openedAt, sourceLedAt, history, names } = facts;
  const what = historyWords(history.toReversed(), names).toReversed();
  const source = cell(names.source);
  const named = (text: string) =>
    text.replace(/\bthe target\b/gi, names.target).replace(/\bthe source\b/gi, names.source);
  // What a person wrote stays as it is.
  const why =
    reason === "" ? [] : [`Reason: ${sentence(cell(rules.length === 0 ? reason : named(reason)))}`, ""];
  const seconds = Math.max(0, sourceLedAt - openedAt) / 1_000;
  return [
    `# Rolled back to ${source}`,
    "",
    `${who === rulesOfRollback ? `The ${who}` : cell(who)} rolled back in the stage ${from} on ${day(openedAt)} at ${clock(openedAt)} UTC. Answers come from ${source} again. It had every record, and took the writes again, after ${seconds.toFixed(1)} s.`,
    "",
    ...why,
    "## What was seen",
    "",
    ...(fault ? [`- ${cell(names.target)} ${fault.what}, first at ${clock(fault.since)} UTC`] : []),
    ...(rules.length === 0
      ? [...(fault ? [""] : []), "No rule was broken: a person decided."]
      : rules.map(({ name, sentence: found }) => `- **${name}**: ${cell(named(found))}`)),
    "",
    "## What was done",
    "",
    ...table(
      ["Time (UTC)", "What", "By"],
      history.map((entry, place) => [clock(entry.at), cell(what[place] as string), cell(entry.who)]),
    ),
    "",
    "## State of the data",
    "",
    ...stateOfData(facts),
    "",
  ].join("\n");
}

function stateOfData({ lag, queued, failing, parkedCount, validation, names }: IncidentFacts): string[] {
  return [
    `- Writes that wait in the queue: ${queued}`,
    `- Records that ${cell(names.target)} may lack: ${lag.records}`,
    `- Records that could not be copied: ${failing.reduce((sum, { records }) => sum + records, 0)}`,
    `- Writes that a store refused: ${parkedCount}`,
    `- Golden questions, asked after the rollback: ${validationText(validation)}`,
  ];
}

function validationText(validation: Validation | undefined): string {
  if (validation === undefined) return "none were asked";
  const { passed, asked, problem } = validation;
  if (problem !== undefined) return `could not be asked: ${cell(problem)}`;
  return `${passed} of ${asked} answered as expected`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** `2026-11-30`. */
function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** `07:45:12`. */
function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}
