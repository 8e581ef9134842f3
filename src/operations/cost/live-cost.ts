import { daysPerMonth, type MonthlyPrice, priceOfUse } from "../../pricing/plan-cost.ts";
import type { Plan, PlanName } from "../../pricing/prices.ts";
import { type CostCount, storageKind, trafficKind } from "../../state/cost-counters.ts";
import { type Budget, type BudgetStatus, budgetStatus, totalOf } from "./budget.ts";

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
  /** Bytes of all indexes at last; `undefined` if no index has reported its size this month. */
  readonly storedBytes: number | undefined;
  /** Bytes of requests and answers, without compression. */
  readonly movedBytes: number;
  /** US dollars so far: the plan, requests, storage and bandwidth; `undefined` if the plan is negotiated. */
  readonly price: MonthlyPrice | undefined;
  /** The total of `price`. */
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
  const { storedBytes, storedByteDays } = storageOf(counts, time);
  const movedBytes = bytesOf(counts, trafficKind);
  const price = priceOfUse(plan, { requests, storedByteDays, movedBytes });
  const expected =
    expectedRequests === undefined
      ? undefined
      : priceOfUse(plan, {
          requests: expectedRequests,
          storedByteDays: storedBytes * daysPerMonth,
          movedBytes: (movedBytes / elapsedDays) * daysPerMonth,
        });
  const billed = counts.filter((count) => count.requests > 0);
  const { dailyQueries, dailyUpdates } = plan.limits;
  const today = useOf(counts.filter(({ day }) => day === to));
  return {
    month: to.slice(0, 7),
    plan: plan.name,
    pricesOf,
    requests,
    byKind: sumBy(billed, "kind"),
    byStore: sumBy(billed, "store"),
    days: [...new Set(billed.map(({ day }) => day))].sort().map((day) => ({
      day,
      ...useOf(billed.filter((count) => count.day === day)),
    })),
    today: { ...today, queryLimit: finite(dailyQueries), updateLimit: finite(dailyUpdates) },
    storedBytes: counts.some(({ kind }) => kind === storageKind) ? storedBytes : undefined,
    movedBytes,
    price,
    dollars: price?.total,
    expectedDollars: expected?.total,
    expectedRequests,
    budget: budget && budgetStatus(budget, requests, price?.total),
  };
}

function bytesOf(counts: readonly CostCount[], wanted: string): number {
  return counts.reduce((sum, { kind, bytes = 0 }) => sum + (kind === wanted ? bytes : 0), 0);
}

/**
 * What was stored, as a daily average is billed: from the first day on which an index reported its size, each day has
 * the last size that was reported until then.
 */
function storageOf(
  counts: readonly CostCount[],
  time: number,
): { storedBytes: number; storedByteDays: number } {
  const sizes = counts.filter(({ kind }) => kind === storageKind);
  let [storedBytes, storedByteDays] = [0, 0];
  for (const store of new Set(sizes.map((size) => size.store))) {
    const own = sizes
      .filter((size) => size.store === store)
      .sort((left, right) => (left.day < right.day ? -1 : 1));
    for (const [place, { day, bytes = 0 }] of own.entries()) {
      const next = own[place + 1];
      const end = next === undefined ? time : Date.parse(next.day);
      storedByteDays += (bytes * Math.max(0, end - Date.parse(day))) / dayMs;
    }
    storedBytes += own.at(-1)?.bytes ?? 0;
  }
  return { storedBytes, storedByteDays };
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
