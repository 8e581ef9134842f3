import { capitalized } from "../../../foundation/capitalized.ts";
import { counted } from "../../../foundation/plural.ts";
import { dollars } from "../../cost/cost-markdown.ts";
import { satisfactionText } from "../../feedback/satisfaction.ts";
import { figureText, milliseconds, percentText, timeText, whole } from "../figures.ts";
import type {
  AccuracyPart,
  CostPart,
  DriftPart,
  IncidentsPart,
  ObjectivesPart,
  SatisfactionPart,
} from "../report.ts";
import { lasted } from "../report-markdown.ts";
import { barChart, dayLabel, intervalChart, lineChart } from "./charts.ts";
import { html, type Markup } from "./markup.ts";

export function objectivesSection({ rows, points, requests, coverage, stepMinutes }: ObjectivesPart): Markup {
  const target = rows.find(({ name }) => name === "p99")?.target ?? 0;
  const formatTime = stepMinutes >= 1_440 ? dayLabel : timeLabel;
  const series = (
    name: string,
    look: string,
    of: (point: (typeof points)[number]) => number | undefined,
  ) => ({
    name,
    style: look,
    points: points.map((point) => ({ time: point.time, value: of(point) })),
  });
  const head = html`<tr><th>Objective</th><th class="number">Target</th><th class="number">Measured</th><th class="number optional">Span before</th><th>Result</th></tr>`;
  const body = rows.map(
    (row) =>
      html`<tr><td>${row.title}</td><td class="number">${row.comparison} ${figureText(row, row.target)}</td><td class="number">${figureText(row, row.value)}</td><td class="number optional">${figureText(row, row.previous)}</td><td><span class="outcome ${row.outcome}">${row.outcome}</span></td></tr>`,
  );
  return html`${table(head, body)}
<p>${whole(requests)} requests. Something was measured in ${percentText(coverage)} of the time; a gap in a line means that nothing was.</p>
<h3>Latency</h3>
${lineChart({
  description: "Latency over time: average and 99th percentile",
  series: [
    series("99th percentile", "series-1", ({ p99 }) => p99),
    series("average", "series-2", ({ average }) => average),
  ],
  format: milliseconds,
  formatAxis: (value) => (value >= 1_000 ? `${value / 1_000} s` : `${value} ms`),
  formatTime,
  target: { value: target, name: `objective for the 99th percentile, ${milliseconds(target)}` },
})}
<h3>Requests for each ${stepText(stepMinutes)}</h3>
${barChart({
  description: "Requests over time, answered and failed",
  series: [
    series("answered", "series-1", ({ requests: all, failed }) =>
      all === undefined ? undefined : all - (failed ?? 0),
    ),
    series("failed", "series-bad", ({ failed }) => failed),
  ],
  format: whole,
  formatTime,
})}`;
}

export function accuracySection({
  k,
  means,
  interval,
  queryCount,
  measuredAt,
  store,
  history,
  lowest,
}: AccuracyPart): Markup {
  const range = interval && html` (95 %: ${interval.low.toFixed(3)} to ${interval.high.toFixed(3)})`;
  const text = `nDCG ${means.ndcg.toFixed(3)}, 95 % interval ${interval?.low.toFixed(3) ?? "not known"} to ${interval?.high.toFixed(3) ?? "not known"}`;
  const chart = interval && intervalChart(means.ndcg, interval.low, interval.high, text);
  return html`<p>Golden queries asked on ${store} ${timeText(measuredAt)}: ${whole(queryCount)}.</p>
${history.length < 2 ? "" : accuracyChart(history)}
<div class="columns"><div>
${table(html`<tr><th>Measure, depth ${k}</th><th class="number">Mean</th></tr>`, [
  html`<tr><td>nDCG${range}${chart}</td><td class="number">${means.ndcg.toFixed(3)}</td></tr>`,
  ...(["recall", "precision", "reciprocalRank"] as const).map(
    (name) =>
      html`<tr><td>${name === "reciprocalRank" ? "Reciprocal rank" : capitalized(name)}</td><td class="number">${means[name].toFixed(3)}</td></tr>`,
  ),
])}</div><div>
${
  lowest.length === 0
    ? html`<p class="meta">Every query has the best possible ranking.</p>`
    : table(
        html`<tr><th>Lowest queries</th><th class="number">nDCG</th></tr>`,
        lowest.map(
          ({ text: query, ndcg }) =>
            html`<tr><td>${query}</td><td class="number">${ndcg.toFixed(3)}</td></tr>`,
        ),
      )
}
</div></div>`;
}

function accuracyChart(history: AccuracyPart["history"]): Markup {
  const series = (name: string, style: "series-1" | "series-2", figure: "ndcg" | "recall") => ({
    name,
    style,
    points: history.map((point) => ({ time: point.time, value: point[figure] })),
  });
  return lineChart({
    description: `nDCG and recall of the last ${counted(history.length, "run")}`,
    series: [series("nDCG", "series-1", "ndcg"), series("recall", "series-2", "recall")],
    format: (value) => value.toFixed(3),
    formatTime: timeText,
    isLow: true,
  });
}

export function satisfactionSection(satisfaction: SatisfactionPart): Markup {
  const { days, comments } = satisfaction;
  const points = (vote: "up" | "down") => days.map((day) => ({ time: day.day, value: day[vote] }));
  const list = comments.map(
    ({ vote, comment, question, time }) =>
      html`<li><span class="outcome ${vote === "up" ? "met" : "missed"}">${vote}</span><span class="main">${comment}</span><span class="sub">${question === undefined ? "" : `${question} · `}${timeText(time)}</span></li>`,
  );
  return html`<p>${capitalized(satisfactionText(satisfaction))}.</p>
${barChart({
  description: "Votes by day, up and down",
  isLow: true,
  series: [
    { name: "up", style: "series-1", points: points("up") },
    { name: "down", style: "series-bad", points: points("down") },
  ],
  format: whole,
  formatTime: dayLabel,
})}
${list.length === 0 ? undefined : html`<h3>Newest comments</h3><ul class="list">${list}</ul>`}`;
}

export function costSection({
  plan,
  pricesOf,
  requests,
  dollars: price,
  byKind,
  days,
  budget,
}: CostPart): Markup {
  const rows = Object.entries(byKind).map(
    ([kind, count]) => html`<tr><td>${capitalized(kind)}</td><td class="number">${whole(count)}</td></tr>`,
  );
  return html`<p>${whole(requests)} requests as Upstash bills them: ${dollars(price)} on the plan ${plan}, at prices of ${pricesOf}, without the price of the plan itself, storage and bandwidth.${budget === undefined ? "" : ` ${budget.sentence}`}</p>
<div class="columns wide"><div>${barChart({
    description: "Billed requests by day, queries and updates",
    isLow: true,
    series: [
      {
        name: "queries",
        style: "series-1",
        points: days.map(({ day, queries }) => ({ time: day, value: queries })),
      },
      {
        name: "updates",
        style: "series-2",
        points: days.map(({ day, updates }) => ({ time: day, value: updates })),
      },
    ],
    format: whole,
    formatTime: dayLabel,
  })}</div>
${table(html`<tr><th>Kind</th><th class="number">Requests</th></tr>`, rows)}</div>`;
}

export function incidentsSection({ incidents, alerts }: IncidentsPart): Markup {
  const rows = (kind: string, list: IncidentsPart["incidents"]) =>
    list.map(
      (row) =>
        html`<tr><td class="time">${timeText(row.begin)}</td><td class="time">${lasted(row)}</td><td>${kind}</td><td>${row.title}</td></tr>`,
    );
  const all = [...rows("incident", incidents), ...rows("alert", alerts)];
  if (all.length === 0) return html`<p>There was no incident and no alert.</p>`;
  return stacked(html`<tr><th>Begin</th><th>Lasted</th><th>Kind</th><th>What</th></tr>`, all);
}

export function driftSection(checks: DriftPart): Markup {
  const outcomes = { steady: "met", drifted: "missed", recorded: "unknown" } as const;
  // Of steady checks only the newest says something new.
  const shown = checks.filter(({ outcome }, place) => place === 0 || outcome !== "steady").slice(0, 10);
  const rows = shown.map(
    ({ checkedAt, outcome, sentence }) =>
      html`<tr><td class="time">${timeText(new Date(checkedAt).toISOString())}</td><td><span class="outcome ${outcomes[outcome]}">${outcome}</span></td><td>${sentence}</td></tr>`,
  );
  const steady = checks.filter(({ outcome }) => outcome === "steady").length;
  return html`<p>${counted(checks.length, "check")} of the embeddings of pinned texts, ${whole(steady)} of them steady.</p>
${stacked(html`<tr><th>Checked</th><th>Result</th><th>What</th></tr>`, rows)}`;
}

/** A table whose rows become blocks on a narrow screen. */
function stacked(head: Markup, rows: readonly Markup[]): Markup {
  return html`<div class="table stack">${tableOf(head, rows)}</div>`;
}

function tableOf(head: Markup, rows: readonly Markup[]): Markup {
  return html`<table><thead>${head}</thead><tbody>${rows}</tbody></table>`;
}

function table(head: Markup, rows: readonly Markup[]): Markup {
  return html`<div class="table">${tableOf(head, rows)}</div>`;
}

function stepText(minutes: number): string {
  if (minutes >= 1_440) return "day";
  return minutes >= 60 ? "hour" : `${minutes} minutes`;
}

/** `30 Nov 08:00` */
function timeLabel(time: string): string {
  return `${dayLabel(time)} ${time.slice(11, 16)}`;
}
