import { counted } from "../../../foundation/plural.ts";
import { dollars } from "../../cost/cost-markdown.ts";
import { changeText, figureText, percentText, timeText, whole } from "../figures.ts";
import type { Condition, Part, Report } from "../report.ts";
import { html, type Markup } from "./markup.ts";
import {
  accuracySection,
  costSection,
  driftSection,
  incidentsSection,
  objectivesSection,
  satisfactionSection,
} from "./sections.ts";
import { readStyle } from "./style.ts";

/** A report as one HTML file: no script, no font, no image, no address that a browser would load. */
export function reportHtml(report: Report): string {
  const { from, to, objectives, accuracy, satisfaction, cost, incidents, drift } = report;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Service report ${from.slice(0, 10)} to ${to.slice(0, 10)}</title>
<style>${{ markup: readStyle() }}</style>
</head>
<body>
<header>
<span class="brand">ragfood</span>
<h1>Service report</h1>
<p class="meta">${timeText(from)} to ${timeText(to)} · ${report.place}</p>
</header>
<main>
${verdict(report)}
${tiles(report)}
${section("Objectives", objectives, objectivesSection)}
${section("Accuracy on the golden queries", accuracy, accuracySection)}
${section("Satisfaction", satisfaction, satisfactionSection)}
${section("Cost", cost, costSection)}
${section("Incidents and alerts", incidents, incidentsSection)}
${section("Drift of the embedding model", drift, driftSection)}
</main>
<footer>
<span>Made ${timeText(report.generatedAt)} by ragfood ${report.version}. All times are in UTC. What was not measured is reported as not known.</span>
<span>The same report: <code>ragfood report --from ${from.slice(0, 16)}Z --to ${to.slice(0, 16)}Z</code></span>
</footer>
</body>
</html>
`;
  return page.markup;
}

const headings: Readonly<Record<Condition, string>> = {
  good: "Everything measured is good",
  attention: "Something needs attention",
  unknown: "Not everything is known",
};

function verdict({ condition, sentences }: Report): Markup {
  return html`<div class="verdict ${condition}"><h2>${headings[condition]}</h2><ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul></div>`;
}

function tiles({ objectives, accuracy, satisfaction, cost, incidents }: Report): Markup {
  const rows = objectives.state === "measured" ? objectives.value.rows : [];
  const objective = (name: string, title: string) => {
    const row = rows.find((one) => one.name === name);
    return tile(
      title,
      row && figureText(row, row.value),
      row && html`<span class="outcome ${row.outcome}">${row.outcome}</span>`,
    );
  };
  const note = (text: string | undefined) =>
    text === undefined ? undefined : html`<span class="note">${text}</span>`;
  return html`<div class="tiles">
${objective("average", "Average latency")}
${objective("p99", "Latency, 99th percentile")}
${objective("availability", "Availability")}
${objective("errors", "Error rate")}
${tile("Accuracy", ...shownOf(accuracy, ({ means, k }) => [means.ndcg.toFixed(3), note(`nDCG@${k}`)]))}
${tile("Satisfaction", ...shownOf(satisfaction, ({ share, up, down, previousShare }) => [percentText(share ?? 0), note(changeOr(changeText(share, previousShare, true), `${whole(up + down)} votes`))]))}
${tile("Cost of requests", ...shownOf(cost, ({ dollars: price, requests, previousRequests }) => [dollars(price), note(changeOr(changeText(requests, previousRequests, false), `${whole(requests)} requests`))]))}
${tile("Incidents", ...shownOf(incidents, ({ incidents: list, alerts }) => [whole(list.length), note(counted(alerts.length, "alert"))]))}
</div>`;
}

function changeOr(change: string | undefined, text: string): string {
  return change === undefined ? text : `${text}, ${change}`;
}

function shownOf<T>(
  part: Part<T>,
  of: (value: T) => [string, Markup | undefined],
): [string | undefined, Markup | undefined] {
  return part.state === "measured" ? of(part.value) : [undefined, undefined];
}

function tile(title: string, value: string | undefined, note: Markup | undefined): Markup {
  const shown =
    value === undefined
      ? html`<span class="value unknown">not known</span>`
      : html`<span class="value">${value}</span>`;
  return html`<div class="tile"><h3>${title}</h3>${shown}${note}</div>`;
}

function section<T>(title: string, part: Part<T>, content: (value: T) => Markup): Markup {
  const body =
    part.state === "measured"
      ? content(part.value)
      : html`<p class="missing">Not known: ${part.reason}. It comes from <code>${part.remedy}</code></p>`;
  return html`<section><h2>${title}</h2>${body}</section>`;
}
