import {
  type Breach,
  breachesOf,
  type Holding,
  type MonthlyPrice,
  monthlyPrice,
  type Traffic,
  valuesOf,
} from "../../pricing/plan-cost.ts";
import type { Plan, PlanLimits, PlanName, PriceSource, Prices } from "../../pricing/prices.ts";
import { type ChromaNeeds, chromaNeeds } from "./chroma-needs.ts";
import { cheapestPlan, type PlanChoice, planChoices } from "./plan-choice.ts";
import { grownBy, holdingOf, trafficOf, type Workload } from "./workload.ts";

export interface GrowthPlan {
  /** By which everything grows, 10 for ten times. */
  readonly factor: number;
  /** Months in which it does. */
  readonly months: number;
}

interface PlanProjection {
  readonly plan: PlanName;
  /** US dollars a month; `undefined` if the plan is negotiated. */
  readonly price: MonthlyPrice | undefined;
  readonly breaches: readonly Breach[];
}

/** Cost and limits for one amount of data and traffic. */
export interface Projection {
  readonly holding: Holding;
  readonly traffic: Traffic;
  readonly plans: readonly PlanProjection[];
  /** The cheapest plan with a published price whose limits are kept; `undefined` if no plan has both. */
  readonly cheapest: PlanName | undefined;
  readonly chroma: ChromaNeeds;
}

/** When growth breaks a limit. */
export interface LimitForecast {
  readonly plan: PlanName;
  readonly limit: keyof PlanLimits;
  readonly value: number;
  readonly maximum: number;
  /** Growth at which the limit is reached; below 1 if it is exceeded now. */
  readonly factor: number;
  /** Months until then, with growth by an equal share each month; 0 if it is exceeded now. */
  readonly months: number;
}

/** Cost and capacity, now and after growth (OPS-6, OPS-8). Plain JSON. */
export interface CostEstimate {
  /** The day of the prices. */
  readonly pricesOf: string;
  readonly sources: readonly PriceSource[];
  readonly assumptions: readonly string[];
  readonly workload: Workload;
  readonly growth: GrowthPlan;
  readonly now: Projection;
  readonly grown: Projection;
  /** Limits that break on the way to the growth, the nearest first. */
  readonly limits: readonly LimitForecast[];
  /** The cheapest plan by traffic, with the data as they are now. */
  readonly choices: readonly PlanChoice[];
}

/**
 * Estimates what a workload costs on each plan, which limits it breaks, and the machine that Chroma needs for it.
 *
 * @param assumptions what the caller assumed to make the workload; the estimate adds its own
 */
export function estimateCost(
  prices: Prices,
  workload: Workload,
  growth: GrowthPlan,
  assumptions: readonly string[] = [],
): CostEstimate {
  const { plans } = prices.upstash;
  return {
    pricesOf: prices.date,
    sources: prices.sources,
    assumptions: [...assumptions, ...ownAssumptions(prices)],
    workload,
    growth,
    now: projectionOf(prices, workload),
    grown: projectionOf(prices, grownBy(growth.factor, workload)),
    limits: plans
      .flatMap((plan) => limitsOf(plan, workload, growth))
      .sort((left, right) => left.factor - right.factor),
    choices: planChoices(plans, workload),
  };
}

function projectionOf({ upstash: { plans }, chroma }: Prices, workload: Workload): Projection {
  const holding = holdingOf(workload);
  const traffic = trafficOf(workload);
  return {
    holding,
    traffic,
    plans: plans.map((plan) => ({
      plan: plan.name,
      price: monthlyPrice(plan, holding, traffic),
      breaches: breachesOf(plan, holding, traffic),
    })),
    cheapest: cheapestPlan(plans, workload),
    chroma: chromaNeeds(chroma, holding),
  };
}

/** The dimension and the number of namespaces do not grow with the data. */
const constantLimits: ReadonlySet<keyof PlanLimits> = new Set(["dimension", "namespaces"]);

function limitsOf({ name, limits }: Plan, workload: Workload, growth: GrowthPlan): LimitForecast[] {
  const values = valuesOf(holdingOf(workload), trafficOf(workload));
  return (Object.keys(limits) as (keyof PlanLimits)[]).flatMap((limit) => {
    const [value, maximum] = [values[limit], limits[limit]];
    const factor = maximum / value;
    const isBroken = value > maximum;
    if (constantLimits.has(limit) ? !isBroken : !(factor < growth.factor)) return [];
    const months = isBroken ? 0 : (Math.log(factor) / Math.log(growth.factor)) * growth.months;
    return [{ plan: name, limit, value, maximum, factor, months }];
  });
}

function ownAssumptions({ chroma }: Prices): string[] {
  const perGigabyte = (chroma.componentsPerGigabyte / 1_024).toLocaleString("en", {
    maximumFractionDigits: 0,
  });
  return [
    "A month has 30 days. Prices are without tax. A write of n records counts as n requests.",
    "Queries and updates grow with the records. Growth by an equal share each month.",
    `Chroma: vectors stay in memory, ${perGigabyte} of 1,024 dimensions a gigabyte, and ${chroma.systemGigabytes} GB for the system; the price is that of the machine, without disk, backups and operation.`,
  ];
}
