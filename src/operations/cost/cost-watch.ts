import type { StatusSection } from "../status/status.ts";
import type { Check } from "../watch/checks.ts";
import type { BudgetStatus } from "./budget.ts";
import type { CostControl } from "./cost-control.ts";
import { dollars } from "./cost-markdown.ts";

/** Milliseconds between two looks at the size of the index. */
const sizeIntervalMs = 60 * 60_000;

/**
 * Makes the section of the status about the cost of the present month.
 *
 * @param readSize makes the cloud index report its size; called once an hour
 */
export function costWatch(
  costs: CostControl,
  readSize?: () => Promise<unknown>,
): () => Promise<StatusSection> {
  let readAt = Number.NEGATIVE_INFINITY;
  return async () => {
    if (readSize !== undefined && performance.now() - readAt >= sizeIntervalMs) {
      readAt = performance.now();
      // An index that does not answer is what other parts of the status are about.
      readSize().catch(() => {});
    }
    return await costSection(costs);
  };
}

async function costSection(costs: CostControl): Promise<StatusSection> {
  const live = await costs.live();
  const { requests, dollars: price, budget } = live;
  const spent = `${requests.toLocaleString("en")} billed requests this month, ${dollars(price)} with plan, storage and bandwidth`;
  return {
    condition: budget === undefined ? "good" : conditions[budget.level],
    sentence: budget === undefined || budget.level === "within" ? spent : withoutStop(budget.sentence),
    time: new Date().toISOString(),
    isStale: false,
    details: live,
  };
}

const conditions = { within: "good", warning: "warning", spent: "bad" } as const;

/** Raises an alert from 80 % of the budget on, and a more severe one when it is spent. */
export function budgetCheck(costs: CostControl): Check {
  return {
    key: "budget",
    run: async () => {
      const { budget } = await costs.live();
      return budget === undefined || budget.level === "within" ? "good" : alertOf(budget);
    },
  };
}

function alertOf({ level, sentence, share, action }: BudgetStatus) {
  return {
    key: "budget",
    severity: level === "spent" ? "page" : "ticket",
    sentence: level === "spent" ? `${sentence} ${effects[action]}` : sentence,
    evidence: { share, action },
  } as const;
}

const effects = {
  warn: "Requests go on.",
  fallback: "The fallback store answers until the next month.",
  refuse: "Requests to the cloud index are refused until the next month.",
} as const;

function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, "");
}
