import type { Interval, RelevanceFigures } from "../../evaluation/index.ts";
import type { DriftRecord } from "../../state/drift.ts";
import type { BudgetStatus } from "../cost/budget.ts";
import type { Satisfaction } from "../feedback/satisfaction.ts";

/** A part of a report: what was measured, or why there is nothing, and the command that would provide it. */
export type Part<T> =
  | { readonly state: "measured"; readonly value: T }
  | { readonly state: "missing"; readonly reason: string; readonly remedy: string };

/** Means of one run of the golden queries. */
export interface AccuracyPoint {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly ndcg: number;
  readonly recall: number;
  readonly reciprocalRank: number;
}

/** How the search ranks the golden queries: as it was measured last. */
export interface AccuracyPart {
  /** ISO 8601, UTC. */
  readonly measuredAt: string;
  readonly store: string;
  readonly k: number;
  readonly queryCount: number;
  readonly means: RelevanceFigures;
  /** 95 % interval of the mean nDCG. */
  readonly interval: Interval | undefined;
  /** nDCG of the run before, with the same queries on the same store; `undefined` without one. */
  readonly previous: number | undefined;
  /** The runs with the same queries on the same store since the begin of the span, oldest first. */
  readonly history: readonly AccuracyPoint[];
  /** The worst first; empty if the run was not made for this report. */
  readonly lowest: readonly { readonly text: string; readonly ndcg: number }[];
}

export type ObjectiveOutcome = "met" | "missed" | "unknown";

export interface ObjectiveRow {
  readonly name: "average" | "p99" | "availability" | "errors";
  readonly title: string;
  readonly unit: "milliseconds" | "ratio";
  readonly comparison: "below" | "at least";
  readonly target: number;
  /** Over the whole span; `undefined` without a counted request. */
  readonly value: number | undefined;
  /** Of the span before, equally long. */
  readonly previous: number | undefined;
  readonly outcome: ObjectiveOutcome;
}

/** A step of a chart; figures are `undefined` if nothing was measured. */
export interface TrafficPoint {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly requests: number | undefined;
  readonly failed: number | undefined;
  /** Milliseconds. */
  readonly average: number | undefined;
  readonly p99: number | undefined;
}

export interface ObjectivesPart {
  readonly requests: number;
  /** Share of the steps in which something was measured. */
  readonly coverage: number;
  readonly stepMinutes: number;
  readonly rows: readonly ObjectiveRow[];
  readonly points: readonly TrafficPoint[];
}

export interface CostPart {
  readonly plan: string;
  readonly pricesOf: string;
  readonly requests: number;
  readonly byKind: Readonly<Record<string, number>>;
  /** US dollars for the requests, without the plan, storage and bandwidth; `undefined` if negotiated. */
  readonly dollars: number | undefined;
  /** Requests of the span before. */
  readonly previousRequests: number;
  /** Every day of the span. */
  readonly days: readonly { readonly day: string; readonly queries: number; readonly updates: number }[];
  /** Of the present month; `undefined` without a budget. */
  readonly budget: BudgetStatus | undefined;
}

export interface SatisfactionPart extends Satisfaction {
  readonly previousShare: number | undefined;
  /** The newest first. */
  readonly comments: readonly {
    readonly vote: "up" | "down";
    readonly time: string;
    readonly question: string | undefined;
    readonly comment: string;
  }[];
}

export interface IncidentRow {
  readonly kind: string;
  readonly title: string;
  readonly begin: string;
  /** `undefined` while it is open. */
  readonly end: string | undefined;
}

export interface IncidentsPart {
  readonly incidents: readonly IncidentRow[];
  readonly alerts: readonly IncidentRow[];
}

export type DriftPart = readonly DriftRecord[];

export type Condition = "good" | "attention" | "unknown";

/** How a service did in a span of time (OPS-5). Plain JSON. */
export interface Report {
  /** ISO 8601, UTC; `to` is not included. */
  readonly from: string;
  readonly to: string;
  readonly generatedAt: string;
  readonly version: string;
  /** The store that answers, with its address. */
  readonly place: string;
  readonly condition: Condition;
  /** The most important first. */
  readonly sentences: readonly string[];
  readonly accuracy: Part<AccuracyPart>;
  readonly objectives: Part<ObjectivesPart>;
  readonly cost: Part<CostPart>;
  readonly satisfaction: Part<SatisfactionPart>;
  readonly incidents: Part<IncidentsPart>;
  readonly drift: Part<DriftPart>;
}
