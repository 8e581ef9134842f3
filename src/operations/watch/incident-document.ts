import { durationText } from "../../foundation/duration-text.ts";
import { cell, table } from "../../foundation/markdown.ts";
import { counted } from "../../foundation/plural.ts";
import type { Incident, IncidentNote } from "../../state/incidents.ts";
import { budgetDays } from "../objectives/targets.ts";
import { percentText, whole } from "../report/figures.ts";
import { type IncidentCost, leadMinutes } from "./incident-cost.ts";

/**
 * The report of an incident in Markdown, with its cost and what people noted. Times are in UTC.
 *
 * @returns `undefined` while the report of a rollback is not written yet
 */
export function incidentDocument(incident: Incident, cost: IncidentCost): string | undefined {
  const { kind, report, notes } = incident;
  if (report === undefined && kind === "rollback") return undefined;
  return [
    (report ?? opening(incident)).trimEnd(),
    "",
    "## Cost",
    "",
    ...costLines(incident, cost),
    ...(notes.length === 0
      ? []
      : ["", "## Notes", "", ...table(["Time (UTC)", "By", "Note"], notes.map(noteCells))]),
    "",
  ].join("\n");
}

/** Of an alert, which has no report of its own. */
function opening({ title, openedAt, closedAt }: Incident): string {
  const end = closedAt === undefined ? "It is open." : `It ended on ${timeText(closedAt)} UTC.`;
  return `# ${cell(title)}\n\nOpened on ${timeText(openedAt)} UTC. ${end}`;
}

function costLines({ closedAt }: Incident, cost: IncidentCost): string[] {
  const { durationMs, requests, unanswered, budgetShare } = cost;
  const lasted = durationText(durationMs);
  return [
    `- Duration: ${closedAt === undefined ? `${lasted} so far` : lasted}`,
    `- Failed or refused: ${whole(unanswered)} of ${counted(requests, "request")}, counted from ${leadMinutes} minutes before it opened`,
    `- Error budget of ${budgetDays} days that they used: ${budgetShare === undefined ? "not known" : percentText(budgetShare)}`,
  ];
}

const actionWords: Readonly<Record<IncidentNote["action"], string>> = {
  note: "",
  "keep-open": "Kept open.",
  close: "Closed.",
};

function noteCells({ at, by, action, text }: IncidentNote): string[] {
  return [timeText(at), cell(by), cell([actionWords[action], text].filter(Boolean).join(" "))];
}

/** `2026-11-30 07:45`. */
function timeText(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace("T", " ");
}
