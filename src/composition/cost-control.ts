import type { Settings } from "../config/settings.ts";
import type { BudgetStatus } from "../operations/cost/budget.ts";
import { CostControl, type CountStore } from "../operations/cost/cost-control.ts";
import { type Plan, readPrices } from "../pricing/prices.ts";
import { CostCounterRepository } from "../state/cost-counters.ts";
import type { StateDatabase } from "../state/database.ts";
import { stateOnDemand } from "./own-state.ts";

export interface CostControlOptions {
  /** The state that the caller has open. Default: that of the settings, opened when first needed. */
  readonly state?: StateDatabase;
  readonly onBudget?: (status: BudgetStatus) => void;
  readonly onCostFault?: (error: unknown) => void;
}

/** Counts billed requests into the state, and enforces the budget of the settings. */
export function openCostControl(
  settings: Settings,
  { state, onBudget, onCostFault }: CostControlOptions,
): CostControl {
  let prices: { plan: Plan; date: string } | undefined;
  return new CostControl({
    counts: state ? new CostCounterRepository(state) : countsOnDemand(settings),
    prices: () => {
      prices ??= pricesOf(settings);
      return prices;
    },
    budget: settings.budget,
    ...(onBudget && { onBudget }),
    ...(onCostFault && { onFault: onCostFault }),
  });
}

/** The plan of the settings, and the day of its price. */
export function pricesOf({ costPlan }: Settings): { plan: Plan; date: string } {
  const { date, upstash } = readPrices();
  return { plan: upstash.plans.find(({ name }) => name === costPlan) as Plan, date };
}

/** A command without a billed request does not open the state. */
function countsOnDemand(settings: Settings): CountStore {
  const state = stateOnDemand(settings);
  const repository = async () => new CostCounterRepository(await state.open());
  return {
    add: async (counts) => await (await repository()).add(counts),
    list: async (span) => await (await repository()).list(span),
    close: state.close,
  };
}
