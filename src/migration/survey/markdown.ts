import { durationText } from "../../foundation/duration-text.ts";
import { namespaceName } from "../../foundation/namespace-name.ts";
import { counted } from "../../foundation/plural.ts";
import type { CostEstimate, PlannedSizes } from "./cost.ts";
import type { DumpPlan } from "./dump-plan.ts";
import { findingLines, planHeading } from "./findings-markdown.ts";
import type { Plan } from "./plan.ts";

/** A plan for a person; the first lines say whether the migration can run. */
export function planMarkdown(plan: Plan): string {
  const { source, target, sizes, time } = plan;
  return [
    planHeading(plan),
    "",
    `${counted(sizes.recordCount, "record")} from ${source.name} (${source.kind}) into ${namespaceName(target.namespace)} of ${target.store}.`,
    "",
    `- Target: ${describeTarget(target)}`,
    `- Size: ${sizesText(sizes)}`,
    `- Writes: ${counted(plan.batchCount, "request")} of up to ${counted(plan.batchSize, "record")}`,
    `- Time: about ${durationText(Math.ceil(time.seconds) * 1_000)} at ${Math.round(time.recordsPerSecond).toLocaleString("en")} records/s (${time.basis})`,
    ...findingLines(plan),
    ...(target.store === "embedded" ? [] : costLines(plan)),
    "",
  ].join("\n");
}

/** The same for a dump. */
export function dumpPlanMarkdown(plan: DumpPlan): string {
  const { source, sizes } = plan;
  return [
    planHeading(plan),
    "",
    `${counted(sizes.recordCount, "record")} from ${source.name} (${source.kind}) into a dump, ${plan.directory}.`,
    "",
    `- Size: ${sizesText(sizes)}, before compression`,
    ...findingLines(plan),
    "",
  ].join("\n");
}

function describeTarget({ type, dimension, similarityFunction }: Plan["target"]): string {
  return type === "SPARSE" ? type : `${type}, ${counted(dimension, "dimension")}, ${similarityFunction}`;
}

function costLines({ costs, pricesOf }: Plan): string[] {
  return [
    "",
    `## Cost on Upstash Vector (prices of ${pricesOf}, without traffic and later queries)`,
    "",
    "| plan | migration | a month | days | limits exceeded |",
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

function sizesText({ textBytes, metadataBytes, vectorBytes }: PlannedSizes): string {
  return `${sizeText(textBytes)} of texts, ${sizeText(metadataBytes)} of metadata, ${sizeText(vectorBytes)} of vectors`;
}

function sizeText(bytes: number): string {
  return bytes < 1024 ** 2 ? `${Math.ceil(bytes / 1024)} KB` : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}
