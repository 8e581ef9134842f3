import { daysPerMonth } from "../../pricing/plan-cost.ts";
import type { Plan, PlanName } from "../../pricing/prices.ts";
import type { CostCount } from "../../state/cost-counters.ts";
import { type Budget, type BudgetStatus, budgetStatus, spentDollars, totalOf } from "./budget.ts";

/** What was billed in the calendar month so far, in UTC. Plain JSON. */
export interface LiveCost {
  /** `YYYY-MM` */
  readonly month: string;
  readonly plan: PlanName;
  /** The day of the prices. */
  readonly pricesOf: string;
  readonly requests: number;
  readonly byKind: Readonly<Record<string, number>>;
  readonly byStore: Readonly<Record<string, number>>;
  /** Days with requests, oldest first. */
  readonly days: readonly { readonly day: string; readonly queries: number; readonly updates: number }[];
  readonly today: DailyUse;
  /** US dollars for the plan and the requests so far; `undefined` if the plan is negotiated. */
  readonly dollars: number | undefined;
  /** The same for a whole month of 30 days at the mean rate of this month; `undefined` on its first day. */
  readonly expectedDollars: number | undefined;
  /** Requests of a whole month at that rate. */
  readonly expectedRequests: number | undefined;
  /** `undefined` without a budget. */
  readonly budget: BudgetStatus | undefined;
}

/** Requests since 00:00 UTC, and what the plan allows in a day; `undefined` if unlimited. */
export interface DailyUse {
  readonly queries: number;
  readonly updates: number;
  readonly queryLimit: number | undefined;
  readonly updateLimit: number | undefined;
}

const queryKinds: ReadonlySet<string> = new Set(["query", "fetch", "range"]);
const dayMs = 86_400_000;

/** The first day of the month of a time, and the day of that time, as `YYYY-MM-DD` in UTC. */
export function monthSpan(time: number): { from: string; to: string } {
  const to = new Date(time).toISOString().slice(0, 10);
  return { from: `${to.slice(0, 7)}-01`, to };
}

/**
 * Sums up the counters of a month.
 *
 * @param counts of the span that `monthSpan(time)` gives
 * @param time milliseconds since 1970
 */
export function liveCost(
  counts: readonly CostCount[],
  plan: Plan,
  pricesOf: string,
  budget: Budget | undefined,
  time: number,
): LiveCost {
  const { from, to } = monthSpan(time);
  const requests = totalOf(counts);
  const elapsedDays = (time - Date.parse(from)) / dayMs;
  const expectedRequests = elapsedDays < 1 ? undefined : (requests / elapsedDays) * daysPerMonth;
  const { dailyQueries, dailyUpdates } = plan.limits;
  const today = useOf(counts.filter(({ day }) => day === to));
  return {
    month: to.slice(0, 7),
    plan: plan.name,
    pricesOf,
    requests,
    byKind: sumBy(counts, "kind"),
    byStore: sumBy(counts, "store"),
    days: [...new Set(counts.map(({ day }) => day))].sort().map((day) => ({
      day,
      ...useOf(counts.filter((count) => count.day === day)),
    })),
    today: { ...today, queryLimit: finite(dailyQueries), updateLimit: finite(dailyUpdates) },
    dollars: spentDollars(plan, requests),
    expectedDollars: expectedRequests === undefined ? undefined : spentDollars(plan, expectedRequests),
    expectedRequests,
    budget: budget && budgetStatus(budget, plan, requests),
  };
}

export function useOf(counts: readonly CostCount[]): { queries: number; updates: number } {
  const queries = totalOf(counts.filter(({ kind }) => queryKinds.has(kind)));
  return { queries, updates: totalOf(counts) - queries };
}

export function sumBy(counts: readonly CostCount[], field: "kind" | "store"): Record<string, number> {
  const sums = new Map<string, number>();
  for (const count of counts) sums.set(count[field], (sums.get(count[field]) ?? 0) + count.requests);
  return Object.fromEntries([...sums].sort(([left], [right]) => (left < right ? -1 : 1)));
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
