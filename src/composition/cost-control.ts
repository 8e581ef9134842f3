import type { Settings } from "../config/settings.ts";
import type { BudgetStatus } from "../operations/cost/budget.ts";
import { CostControl, type CountStore } from "../operations/cost/cost-control.ts";
import { type Plan, readPrices } from "../pricing/prices.ts";
import { CostCounterRepository } from "../state/cost-counters.ts";
import type { StateDatabase } from "../state/database.ts";

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
    counts: state ? new CostCounterRepository(state) : new OwnCounts(settings),
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

/** Counts in a state that is opened when it is first needed: a command without a billed request does not open it. */
class OwnCounts implements CountStore {
  readonly #settings: Settings;
  #opened: Promise<StateDatabase> | undefined;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  async add(counts: Parameters<CountStore["add"]>[0]): Promise<void> {
    await (await this.#repository()).add(counts);
  }

  async list(span: Parameters<CountStore["list"]>[0]): ReturnType<CountStore["list"]> {
    return await (await this.#repository()).list(span);
  }

  async close(): Promise<void> {
    await (await this.#opened)?.close();
  }

  async #repository(): Promise<CostCounterRepository> {
    this.#opened ??= open(this.#settings);
    try {
      return new CostCounterRepository(await this.#opened);
    } catch (error) {
      // The next attempt opens it again.
      this.#opened = undefined;
      throw error;
    }
  }
}

async function open(settings: Settings): Promise<StateDatabase> {
  const { openState } = await import("../state/open.ts");
  return await openState(settings);
}
