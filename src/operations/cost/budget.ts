import type { CostCount } from "../../state/cost-counters.ts";

type BudgetAction = "warn" | "fallback" | "refuse";

/** What may be spent in a calendar month, in UTC. */
export interface Budget {
  /** US dollars for the plan, its requests, storage and bandwidth. */
  readonly dollars: number | undefined;
  /** Requests as they are billed. */
  readonly requests: number | undefined;
  /** What happens when it is spent. */
  readonly action: BudgetAction;
}

type BudgetLevel = "within" | "warning" | "spent";

export interface BudgetStatus extends Budget {
  readonly level: BudgetLevel;
  /** Spent share of the tighter of both limits; 1 is all of it. */
  readonly share: number;
  /** For people: what is spent of what. */
  readonly sentence: string;
}

/** Share of a budget from which on it warns. */
const warningShare = 0.8;

export function totalOf(counts: readonly CostCount[]): number {
  return counts.reduce((sum, { requests }) => sum + requests, 0);
}

/**
 * How much of a budget is spent; `undefined` without a budget.
 *
 * @param spent US dollars of this month so far; `undefined` if the plan is negotiated
 */
export function budgetStatus(
  budget: Budget,
  requests: number,
  spent: number | undefined,
): BudgetStatus | undefined {
  const parts = [
    ...(budget.requests === undefined
      ? []
      : [{ share: share(requests, budget.requests), text: requestsText(requests, budget.requests) }]),
    ...(budget.dollars === undefined || spent === undefined
      ? []
      : [{ share: share(spent, budget.dollars), text: dollarsText(spent, budget.dollars) }]),
  ];
  const [tightest] = parts.sort((left, right) => right.share - left.share);
  if (tightest === undefined) return undefined;
  return {
    ...budget,
    level: tightest.share >= 1 ? "spent" : tightest.share >= warningShare ? "warning" : "within",
    share: tightest.share,
    sentence: `${Math.floor(100 * tightest.share)} % of the budget of this month is spent: ${tightest.text}.`,
  };
}

function share(spent: number, allowed: number): number {
  return allowed === 0 ? Number.POSITIVE_INFINITY : spent / allowed;
}

function requestsText(spent: number, allowed: number): string {
  return `${spent.toLocaleString("en")} of ${allowed.toLocaleString("en")} requests`;
}

function dollarsText(spent: number, allowed: number): string {
  return `$${spent.toFixed(2)} of $${allowed.toFixed(2)} for the plan and its use`;
}
