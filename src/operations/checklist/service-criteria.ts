import type { LiveCost } from "../cost/live-cost.ts";
import { satisfactionText } from "../feedback/satisfaction.ts";
import { figureText } from "../report/figures.ts";
import type { ObjectivesPart, Part, SatisfactionPart } from "../report/report.ts";
import { type Criterion, type Judgement, sentence, unknown } from "./criterion.ts";

/** What a service has recorded. */
export interface ServiceFacts {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly objectives: Part<ObjectivesPart>;
  readonly satisfaction: Part<SatisfactionPart>;
  readonly cost: LiveCost | undefined;
  /** Share of votes up that counts as satisfied. */
  readonly minimumSatisfaction: number;
}

/** Votes below which satisfaction says nothing. */
const fewestVotes = 10;

/** Whether the service is fast, reliable, affordable and liked. */
export function serviceCriteria(facts: ServiceFacts): Criterion[] {
  return [...objectives(facts), cost(facts), satisfaction(facts)];
}

function objectives({ objectives: part, now }: ServiceFacts): Criterion[] {
  const measuredAt = new Date(now).toISOString();
  if (part.state === "missing") {
    const title = "Objectives of the service: average, p99, availability, errors";
    return [{ id: "objectives", title, command: "ragfood serve", ...unknown(part.reason) }];
  }
  const { rows, requests } = part.value;
  return rows.map((row) => {
    const result = { met: "pass", missed: "fail", unknown: "unknown" } as const;
    return {
      id: `objective-${row.name}`,
      title: `${row.title}: ${row.comparison} ${figureText(row, row.target)}`,
      result: result[row.outcome],
      evidence: `${figureText(row, row.value)} over ${requests.toLocaleString("en")} requests${row.outcome === "unknown" ? ", which are too few" : ""}.`,
      measuredAt,
      // Whether it still goes on, and why.
      command: row.outcome === "missed" ? "ragfood status" : "ragfood serve",
    };
  });
}

function cost({ cost: live, now }: ServiceFacts): Criterion {
  const criterion = {
    id: "cost",
    title: "Cost: a whole month stays within the budget",
    command: "ragfood cost --live",
  };
  return { ...criterion, ...costJudgement(live, now) };
}

function costJudgement(live: LiveCost | undefined, now: number): Judgement {
  if (live === undefined || live.requests === 0) return unknown("No billed request is recorded this month.");
  const { budget, expectedDollars, expectedRequests } = live;
  if (budget === undefined) return unknown("No budget is set: BUDGET_DOLLARS or BUDGET_REQUESTS.");
  const shares: number[] = [];
  if (budget.dollars !== undefined && expectedDollars !== undefined)
    shares.push(expectedDollars / budget.dollars);
  if (budget.requests !== undefined && expectedRequests !== undefined)
    shares.push(expectedRequests / budget.requests);
  if (shares.length === 0) return unknown("The rate of this month is not known yet.");
  const share = Math.max(...shares, budget.share);
  return {
    result: share <= 1 ? "pass" : "fail",
    evidence: `At the rate of this month, ${Math.round(100 * share)} % of the budget; ${Math.floor(100 * budget.share)} % is spent.`,
    measuredAt: new Date(now).toISOString(),
  };
}

function satisfaction({ satisfaction: part, minimumSatisfaction, now }: ServiceFacts): Criterion {
  const criterion = {
    id: "satisfaction",
    title: `Satisfaction: at least ${Math.round(100 * minimumSatisfaction)} % of the votes are up`,
    command: "ragfood feedback list",
  };
  if (part.state === "missing") return { ...criterion, ...unknown(part.reason) };
  const { up, down, share = 0 } = part.value;
  const isEnough = up + down >= fewestVotes;
  const evidence = `${satisfactionText(part.value)}${isEnough ? "" : `; ${fewestVotes} votes are needed`}.`;
  const result = !isEnough ? "unknown" : share >= minimumSatisfaction ? "pass" : "fail";
  return { ...criterion, result, evidence: sentence(evidence), measuredAt: new Date(now).toISOString() };
}
