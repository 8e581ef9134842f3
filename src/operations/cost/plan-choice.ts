import { breachesOf, monthlyPrice } from "../../pricing/plan-cost.ts";
import type { Plan, PlanName } from "../../pricing/prices.ts";
import { holdingOf, trafficOf, type Workload } from "./workload.ts";

/** The cheapest plan from a traffic on, with the data as they are. */
export interface PlanChoice {
  /** Requests a day, queries and updates together, from which on the plan is the cheapest. */
  readonly fromRequestsPerDay: number;
  /** `undefined`: no plan with a published price allows so much. */
  readonly plan: PlanName | undefined;
}

/** The cheapest plan with a published price whose limits allow the workload. */
export function cheapestPlan(plans: readonly Plan[], workload: Workload): PlanName | undefined {
  const holding = holdingOf(workload);
  const traffic = trafficOf(workload);
  let [name, lowest]: [PlanName | undefined, number] = [undefined, Number.POSITIVE_INFINITY];
  for (const plan of plans) {
    const price = monthlyPrice(plan, holding, traffic)?.total;
    if (price === undefined || price >= lowest || breachesOf(plan, holding, traffic).length > 0) continue;
    [name, lowest] = [plan.name, price];
  }
  return name;
}

/** The search ends at this many requests a day. */
const mostRequestsPerDay = 1e9;

/**
 * Finds the traffic at which the cheapest plan changes. The data stay as they are, and so does the proportion of queries
 * to updates. Prices are linear in the traffic but for their kinks, so that a plan can only change once between two kinks; a
 * bisection finds the place to the request.
 */
export function planChoices(plans: readonly Plan[], workload: Workload): PlanChoice[] {
  const { queriesPerDay, updatesPerDay } = workload;
  const share = queriesPerDay + updatesPerDay === 0 ? 1 : queriesPerDay / (queriesPerDay + updatesPerDay);
  const planAt = (requests: number) =>
    cheapestPlan(plans, {
      ...workload,
      queriesPerDay: requests * share,
      updatesPerDay: requests * (1 - share),
    });
  const choices: PlanChoice[] = [{ fromRequestsPerDay: 0, plan: planAt(0) }];
  // Steps of 1 % miss no interval in which another plan is the cheapest by more than cents.
  for (let [low, high] = [0, 1_000]; high <= mostRequestsPerDay; [low, high] = [high, high * 1.01]) {
    const before = choices.at(-1)?.plan;
    if (planAt(high) === before) continue;
    let [same, other] = [low, high];
    while (other - same > 1) {
      const middle = Math.floor((same + other) / 2);
      if (planAt(middle) === before) same = middle;
      else other = middle;
    }
    choices.push({ fromRequestsPerDay: Math.ceil(other), plan: planAt(high) });
  }
  return choices;
}
