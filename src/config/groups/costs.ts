import { z } from "zod";
import { type PlanName, planNames } from "../../pricing/prices.ts";
import { type Group, optional, type Values, whole } from "../variables.ts";

/** What the cloud index may cost. */
export interface CostSettings {
  /** The plan of the cloud index. */
  readonly costPlan: PlanName;
  /** `undefined`: no budget. */
  readonly budget: BudgetSettings | undefined;
}

interface BudgetSettings {
  /** US dollars a calendar month, for the plan and its requests. */
  readonly dollars: number | undefined;
  /** Requests a calendar month, as they are billed. */
  readonly requests: number | undefined;
  /** What happens when it is spent. */
  readonly action: "warn" | "fallback" | "refuse";
}

const dollars: z.ZodType<number> = z.coerce
  .number("has to be an amount of dollars, like 25 or 12.50")
  .min(0, "has to be an amount of dollars, like 25 or 12.50");

const variables = {
  COST_PLAN: optional(z.enum(planNames, "has to be free, pay-as-you-go, fixed or pro")),
  BUDGET_DOLLARS: optional(dollars),
  BUDGET_REQUESTS: optional(whole(1, 1_000_000_000_000)),
  BUDGET_ACTION: optional(z.enum(["warn", "fallback", "refuse"], "has to be warn, fallback or refuse")),
};

type CostValues = Values<typeof variables>;

export const costGroup: Group<CostSettings> = {
  variables,
  read: (values: CostValues) => ({
    costPlan: values.COST_PLAN ?? "pay-as-you-go",
    budget: budgetOf(values),
  }),
  faults: costFaults,
};

function budgetOf(values: CostValues): BudgetSettings | undefined {
  const { BUDGET_DOLLARS: amount, BUDGET_REQUESTS: requests, BUDGET_ACTION: action = "warn" } = values;
  if (amount === undefined && requests === undefined) return undefined;
  return { dollars: amount, requests, action };
}

function costFaults(values: CostValues & { readonly FALLBACK: string | undefined }): string[] {
  const { BUDGET_ACTION: action, COST_PLAN: plan, BUDGET_DOLLARS: amount, FALLBACK: fallback } = values;
  const faults: string[] = [];
  if (action !== undefined && budgetOf(values) === undefined)
    faults.push("BUDGET_DOLLARS or BUDGET_REQUESTS is missing: BUDGET_ACTION is set and needs one");
  if (action === "fallback" && (fallback === undefined || fallback === "none"))
    faults.push("FALLBACK is missing: BUDGET_ACTION=fallback needs a store that answers instead");
  if (plan === "pro" && amount !== undefined)
    faults.push("BUDGET_REQUESTS has to replace BUDGET_DOLLARS: the prices of COST_PLAN=pro are not public");
  return faults;
}
