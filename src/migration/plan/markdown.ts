import { counted } from "../../foundation/plural.ts";
import type { CostEstimate } from "./cost.ts";
import type { Finding } from "./finding.ts";
import type { Plan } from "./plan.ts";

/** A plan for a person: whether it works in the first lines. */
export function planMarkdown(plan: Plan): string {
  const { source, target, sizes, time } = plan;
  return [
    planHeading(plan.problems),
    "",
    `${counted(sizes.recordCount, "record")} from ${source.name} (${source.kind}) into ${target.store}, namespace ${JSON.stringify(target.namespace)}. Nothing was written.`,
    "",
    `- Target: ${describeTarget(target)}`,
    `- Size: ${sizeText(sizes.textBytes)} of texts, ${sizeText(sizes.metadataBytes)} of metadata, ${sizeText(sizes.vectorBytes)} of vectors`,
    `- Writes: ${counted(plan.batchCount, "request")} of up to ${counted(plan.batchSize, "record")}`,
    `- Time: about ${duration(time.seconds)} at ${Math.round(time.recordsPerSecond).toLocaleString("en")} records/s (${time.basis})`,
    ...findingLines(plan),
    ...(target.store === "embedded" ? [] : costLines(plan)),
    "",
  ].join("\n");
}

export function planHeading(problems: Plan["problems"]): string {
  return problems.length === 0
    ? "# Plan: the migration can run"
    : `# Plan: the migration cannot run, ${counted(problems.length, "problem")}`;
}

function describeTarget({ type, dimension, similarityFunction }: Plan["target"]): string {
  return type === "SPARSE" ? type : `${type}, ${counted(dimension, "dimension")}, ${similarityFunction}`;
}

/** What is found, by how much it matters. */
export function findingLines({
  problems,
  warnings,
  facts,
}: Pick<Plan, "problems" | "warnings" | "facts">): string[] {
  return [...section("Problems", problems), ...section("Warnings", warnings), ...section("Facts", facts)];
}

function section(title: string, findings: readonly Finding[]): string[] {
  return findings.length === 0 ? [] : ["", `## ${title}`, "", ...findings.map(lineOf)];
}

function lineOf({ message, hint, recordCount, ids = [] }: Finding): string {
  const more = recordCount !== undefined && recordCount > ids.length ? ", …" : "";
  const named = ids.length === 0 ? "" : `: ${ids.map((id) => JSON.stringify(id)).join(", ")}${more}`;
  const records =
    recordCount === undefined || recordCount === 0 ? "" : ` (${counted(recordCount, "record")}${named})`;
  return `- ${message}${records}${hint === undefined ? "" : ` ${hint}`}`;
}

function costLines({ costs, pricesOf }: Plan): string[] {
  return [
    "",
    `## Cost on Upstash Vector (prices of ${pricesOf}, without traffic and later queries)`,
    "",
    "| plan | migration | a month | days | limits broken |",
    "| --- | ---: | ---: | ---: | --- |",
    ...costs.map(costLine),
  ];
}

function costLine({ plan, migrationPrice, monthlyPrice, days, breaches }: CostEstimate): string {
  return `| ${plan} | ${dollars(migrationPrice)} | ${dollars(monthlyPrice)} | ${days} | ${breaches.join("; ") || "none"} |`;
}

function dollars(price: number | undefined): string {
  return price === undefined ? "on request" : `$${price.toFixed(2)}`;
}

export function sizeText(bytes: number): string {
  return bytes < 1024 ** 2 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}

function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
