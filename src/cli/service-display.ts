import type { ServiceView } from "../composition/service-view.ts";
import { durationText } from "../foundation/duration-text.ts";
import { objectiveWords } from "../operations/objectives/describe.ts";
import { figureText, percentText, timeText } from "../operations/report/figures.ts";
import type { AlertStatus, Condition, Objective, StoreStatus } from "../operations/status/status.ts";
import type { IncidentResponse } from "../server/schemas/incidents.ts";
import type { AlertResponse } from "../server/schemas/watch.ts";
import { oneLine } from "./foreign-text.ts";
import type { Terminal } from "./terminal.ts";

const colors = { good: "green", warning: "yellow", bad: "red", unknown: "yellow" } as const;

/** The state in a sentence first, then what it rests on. */
export function printService(view: ServiceView, terminal: Terminal): void {
  const { condition, sentence, since, status, alerts, lastIncident, incidentsFault, from } = view;
  const dated = since === null || /\bsince\b/.test(sentence) ? "" : `, since ${timeText(since)}`;
  terminal.line(`${mark(condition, terminal)}${oneLine(sentence)}${dated}`);
  terminal.line(`${indent}${from}${status ? `, version ${status.version}` : ""}`);
  if (status) {
    terminal.line("Objectives");
    for (const objective of status.objectives) terminal.line(`  ${objectiveLine(objective)}`);
    terminal.line("Stores");
    for (const store of status.stores)
      terminal.line(`  ${mark(store.condition, terminal)}${storeLine(store)}`);
    terminal.line("Parts");
    for (const [name, part] of Object.entries(status.sections))
      terminal.line(`  ${mark(part.condition, terminal)}${name}: ${oneLine(part.sentence)}`);
  }
  terminal.line(alerts.length === 0 ? "No alert fires." : "Alerts");
  for (const alert of alerts) terminal.line(`  ${alertLine(alert)}`);
  if (incidentsFault !== undefined) terminal.line(`Incidents cannot be read: ${oneLine(incidentsFault)}`);
  else if (lastIncident === undefined) terminal.line("There was no incident.");
  else {
    terminal.line("Last incident");
    terminal.line(`  ${incidentLine(lastIncident)}`);
    terminal.line(`  ${indent}Report: ragfood incidents ${shortId(lastIncident)}`);
  }
}

/** One line of a list. */
export function incidentLine(incident: IncidentResponse): string {
  const { title, openedAt, closedAt, cost } = incident;
  const lasted = durationText(cost.durationMs);
  const state = closedAt === null ? `open for ${lasted}` : `lasted ${lasted}`;
  return `${shortId(incident)}  ${timeText(openedAt)}  ${state}  ${oneLine(title)}`;
}

/** One line of a list, with who knows of it. */
export function recordedAlertLine(alert: AlertResponse): string {
  const { severity, sentence, startedAt, recoveredAt } = alert;
  const state = recoveredAt === null ? severity : `ended ${timeText(recoveredAt)}`;
  const known = acknowledgedText(alert) || (recoveredAt === null ? ". Nobody has acknowledged it" : "");
  return `${shortId(alert)}  ${timeText(startedAt)}  ${state}  ${oneLine(withoutStop(sentence))}${known}`;
}

/** `. Acknowledged by root at 2026-11-30 10:58 UTC: renewing the token` */
function acknowledgedText({ acknowledgement }: Pick<AlertStatus, "acknowledgement">): string {
  if (acknowledgement === null) return "";
  const { time, by, text } = acknowledgement;
  const note = text === "" ? "" : `: ${oneLine(withoutStop(text))}`;
  return `. Acknowledged by ${oneLine(by)} at ${timeText(time)}${note}`;
}

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, "");
}

/** As much of an id as tells two alerts or incidents apart. */
function shortId({ id }: { readonly id: string }): string {
  return id.slice(0, 8);
}

const markWidth = 9;
const indent = " ".repeat(markWidth);

function mark(condition: Condition, terminal: Terminal): string {
  return terminal.style(colors[condition], condition.padEnd(markWidth));
}

/** As long as the longest of `Standing`. */
const standingWidth = 12;

function objectiveLine(objective: Objective): string {
  const { name, standing, value, target, since, windows } = objective;
  const { title, comparison, unit } = objectiveWords[name];
  const minutes = windows[0]?.minutes;
  const span = minutes === undefined ? "" : ` over ${durationText(minutes * 60_000)}`;
  const measured = value === null ? "not measured" : `${figureText({ unit }, value)}${span}`;
  const begin = since === null ? "" : `, since ${timeText(since)}`;
  return `${standing.padEnd(standingWidth)}${title}: ${measured}, objective ${comparison} ${figureText({ unit }, target)}${begin}${end(objective)}${spent(objective)}`;
}

/** How much of the error budget is spent, unless all is well. */
function spent({ standing, budget }: Objective): string {
  if (budget === null || standing === "met" || standing === "unknown" || standing === "stale") return "";
  return `; ${percentText(1 - budget.remaining)} of the error budget of ${budget.days} days is spent`;
}

function end({ calmSince, endsBy }: Pick<Objective, "calmSince" | "endsBy">): string {
  if (calmSince === null || endsBy === null) return "";
  return `; good again since ${timeText(calmSince)}, its alert ends by ${timeText(endsBy)}`;
}

function storeLine({ name, role, duty, lastSuccess, lastFailure }: StoreStatus): string {
  const answered = lastSuccess === null ? "" : `; last answer ${timeText(lastSuccess)}`;
  const failed =
    lastFailure === null ? "" : `; last failure ${timeText(lastFailure.time)}: it ${lastFailure.what}`;
  return `${name} (${role}): ${duty}${answered}${failed}`;
}

function alertLine(alert: AlertStatus): string {
  const { severity, sentence, startedAt, runbook } = alert;
  const said = `${oneLine(sentence)} Since ${timeText(startedAt)}${end(alert)}${acknowledgedText(alert)}`;
  return `${severity.padEnd(markWidth)}${said}. What to do: ${runbook}`;
}
