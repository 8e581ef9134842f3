import { counted } from "../../foundation/plural.ts";
import { satisfactionText } from "../feedback/satisfaction.ts";
import { figureText } from "./figures.ts";
import type { Condition, Part, Report } from "./report.ts";

type Parts = Pick<Report, "accuracy" | "objectives" | "cost" | "satisfaction" | "incidents" | "drift">;

/** What a reader has to know first. What is missing is never good. */
export function verdictOf(parts: Parts): { condition: Condition; sentences: string[] } {
  const wrong: string[] = [];
  const right: string[] = [];
  const missing: string[] = [];
  const look = <T>(name: string, part: Part<T>, say: (value: T) => void) => {
    if (part.state === "measured") say(part.value);
    else missing.push(name);
  };
  look("objectives", parts.objectives, ({ rows, requests }) => {
    const missed = rows.filter(({ outcome }) => outcome === "missed");
    const unknown = rows.filter(({ outcome }) => outcome === "unknown");
    for (const row of missed) {
      wrong.push(
        `${row.title} missed its objective: ${figureText(row, row.value)}, not ${row.comparison} ${figureText(row, row.target)}.`,
      );
    }
    if (unknown.length > 0) missing.push(`${unknown.length} of ${rows.length} objectives`);
    const met = rows.length - missed.length - unknown.length;
    if (met === rows.length)
      right.push(`All ${met} objectives are met over ${requests.toLocaleString("en")} requests.`);
    else if (met > 0) right.push(`${met} of ${rows.length} objectives are met.`);
  });
  look("incidents", parts.incidents, ({ incidents, alerts }) => {
    const open = incidents.filter(({ end }) => end === undefined);
    if (open.length > 0)
      wrong.push(`${counted(open.length, "incident")} still open: ${open[0]?.title ?? ""}`);
    const count = incidents.length + alerts.length;
    if (count === 0) right.push("There was no incident and no alert.");
    else
      right.push(
        `${counted(incidents.length, "incident")} and ${counted(alerts.length, "alert")} without an incident in this time.`,
      );
  });
  look("drift of the model", parts.drift, ([last]) => {
    if (last?.outcome === "drifted") wrong.push(last.sentence);
    else if (last) right.push(last.sentence);
  });
  look("cost", parts.cost, ({ budget }) => {
    if (budget === undefined) return;
    (budget.level === "within" ? right : wrong).push(budget.sentence);
  });
  look("accuracy", parts.accuracy, ({ k, means, queryCount, previous }) => {
    const change = previous === undefined ? "" : `, after ${previous.toFixed(3)} in the run before`;
    right.push(
      `nDCG@${k} is ${means.ndcg.toFixed(3)} on ${queryCount.toLocaleString("en")} golden queries${change}.`,
    );
  });
  look("satisfaction", parts.satisfaction, (satisfaction) => {
    right.push(`Satisfaction: ${satisfactionText(satisfaction)}.`);
  });
  const gap = missing.length === 0 ? [] : [`Not known: ${missing.join(", ")}.`];
  return {
    condition: wrong.length > 0 ? "attention" : missing.length > 0 ? "unknown" : "good",
    sentences: [...wrong, ...gap, ...right],
  };
}
