import { table } from "../../foundation/markdown.ts";
import { counted } from "../../foundation/plural.ts";
import { daysPerMonth, titleOf } from "../../pricing/plan-cost.ts";
import { bytesPerGigabyte, type PlanLimits } from "../../pricing/prices.ts";
import type { CostEstimate, LimitForecast, Projection } from "./estimate.ts";
import type { PlanChoice } from "./plan-choice.ts";

/** An estimate for a person. */
export function costMarkdown(estimate: CostEstimate): string {
  const { workload, growth, now, grown } = estimate;
  const requests = daysPerMonth * (workload.queriesPerDay + workload.updatesPerDay);
  return [
    `# Cost on Upstash Vector, at prices of ${estimate.pricesOf}`,
    "",
    `${counted(workload.recordCount, "record")} of ${counted(workload.dimension, "dimension")} and ${counted(workload.contentBytesPerRecord, "byte")} of text and metadata each; ${number(workload.queriesPerDay)} queries and ${counted(workload.updatesPerDay, "update")} a day, ${number(requests)} requests a month.`,
    "",
    "## Now",
    "",
    ...planLines(now),
    "",
    `## After growth by ${number(growth.factor)} in ${counted(growth.months, "month")}`,
    "",
    ...planLines(grown),
    "",
    "## Limits on the way",
    "",
    ...limitLines(estimate.limits, growth.factor),
    "",
    "## Cheapest plan by traffic, with the data of now",
    "",
    ...choiceLines(estimate.choices),
    "",
    "## The same data with a Chroma server",
    "",
    ...table(
      ["", "memory", "disk", "machine", "a month"],
      [chromaRow("now", now), chromaRow("after growth", grown)],
    ),
    "",
    "## Assumptions",
    "",
    ...estimate.assumptions.map((text) => `- ${text}`),
    "",
    `Sources: ${[...new Set(estimate.sources.map(({ url }) => url))].join(", ")}`,
    "",
  ].join("\n");
}

function planLines({ plans, cheapest }: Projection): string[] {
  const rows = plans.map(({ plan, price, breaches }) => [
    plan === cheapest ? `**${plan}** (cheapest)` : plan,
    dollars(price?.requests),
    dollars(price?.storage),
    dollars(price?.bandwidth),
    dollars(price?.total),
    breaches.map(({ limit, value, maximum }) => limitText(limit, value, maximum)).join("; ") || "none",
  ]);
  return table(["plan", "requests", "storage", "bandwidth", "total a month", "limits exceeded"], rows);
}

function limitLines(limits: readonly LimitForecast[], factor: number): string[] {
  if (limits.length === 0) return [`Growth by ${number(factor)} breaks no limit of any plan.`];
  const rows = limits.map(({ plan, limit, value, maximum, factor: reached, months }) => [
    plan,
    limitText(limit, value, maximum),
    value > maximum ? "exceeded now" : `at ${reached.toFixed(1)} times`,
    value > maximum ? "now" : `in ${months.toFixed(1)} months`,
  ]);
  return table(["plan", "limit", "reached", "when"], rows);
}

function choiceLines(choices: readonly PlanChoice[]): string[] {
  return choices.map(({ fromRequestsPerDay, plan }, place) => {
    const next = choices[place + 1];
    const upTo = next ? ` to ${number(next.fromRequestsPerDay)}` : " on";
    return `- from ${number(fromRequestsPerDay)}${upTo} requests a day: ${plan ?? "pro, at a negotiated price"}`;
  });
}

function chromaRow(name: string, { chroma }: Projection): string[] {
  return [
    name,
    gigabytes(chroma.memoryGigabytes),
    gigabytes(chroma.diskGigabytes),
    chroma.machine ?? "more than the largest machine of the list",
    chroma.month === undefined ? "not known" : dollars(chroma.month),
  ];
}

function limitText(limit: keyof PlanLimits, value: number, maximum: number): string {
  return limit === "contentBytes"
    ? `${gigabytes(value / bytesPerGigabyte)} of texts and metadata, of ${gigabytes(maximum / bytesPerGigabyte)}`
    : `${number(value)} ${titleOf(limit)}, of ${number(maximum)}`;
}

export function dollars(amount: number | undefined): string {
  if (amount === undefined) return "on request";
  return `$${amount.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

function gigabytes(value: number): string {
  return `${value.toLocaleString("en", { maximumSignificantDigits: 3 })} GB`;
}

function number(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 0 });
}
