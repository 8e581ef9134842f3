import { table } from "../../foundation/markdown.ts";
import type { MonthlyPrice } from "../../pricing/plan-cost.ts";
import { dollars } from "./cost-markdown.ts";
import type { DailyUse, LiveCost } from "./live-cost.ts";

/** The live counts of a month, for a person. */
export function liveCostMarkdown(live: LiveCost): string {
  const rows = Object.entries(live.byKind).map(([kind, requests]) => [kind, number(requests)]);
  return [
    `# Billed requests of ${live.month} (UTC), plan ${live.plan}, prices of ${live.pricesOf}`,
    "",
    `${number(live.requests)} requests so far: ${dollars(live.dollars)} in all; ${live.expectedDollars === undefined ? "a month is not known yet" : `${dollars(live.expectedDollars)} for a whole month at this rate`}.`,
    "",
    ...(rows.length === 0 ? [] : [...table(["kind", "requests"], rows), ""]),
    ...(live.price === undefined ? [] : [...table(["of the price", "so far"], priceRows(live.price)), ""]),
    `Stored: ${live.storedBytes === undefined ? "not known yet" : megabytes(live.storedBytes)}. Moved: ${megabytes(live.movedBytes)}.`,
    "",
    `Today: ${todayText(live.today)}.`,
    live.budget === undefined
      ? "No budget is set (BUDGET_DOLLARS, BUDGET_REQUESTS)."
      : `${live.budget.sentence} When it is spent: ${live.budget.action}.`,
    "",
  ].join("\n");
}

function priceRows({ plan, requests, storage, bandwidth }: MonthlyPrice): string[][] {
  return Object.entries({ plan, requests, storage, bandwidth }).map(([part, price]) => [
    part,
    dollars(price),
  ]);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_048_576).toLocaleString("en", { maximumFractionDigits: 1 })} MiB`;
}

function todayText({ queries, updates, queryLimit, updateLimit }: DailyUse): string {
  const of = (limit: number | undefined) => (limit === undefined ? "" : ` of ${number(limit)}`);
  return `${number(queries)}${of(queryLimit)} queries, ${number(updates)}${of(updateLimit)} updates`;
}

function number(value: number): string {
  return value.toLocaleString("en");
}
