import type { Interval, PairedTest, Summary } from "../../evaluation/index.ts";
import type { Finding } from "../../foundation/finding.ts";
import type { StoreInfo } from "../../store/store.ts";
import type { Norms } from "../norms.ts";
import type { Cause, Difference } from "./cause.ts";
import type { Metric } from "./metric.ts";
import type { SideName, VectorRelation } from "./side.ts";
import type { ComparisonThresholds } from "./thresholds.ts";

/**
 * `same`: no difference but ties. `expected`: every difference has a cause that a migration is expected to have.
 * `unfinished`: the target still indexes; compare again. `undecided`: the evidence allows no verdict.
 * `fault`: something went wrong.
 */
export type Outcome = "same" | "expected" | "unfinished" | "undecided" | "fault";

/** One result of the comparison; its message has the figures, without a full stop. */
export interface ComparisonFinding extends Finding {
  readonly code: Cause | "queries" | "recall" | "quality" | "metric-declared" | "evidence";
  readonly outcome: Exclude<Outcome, "same">;
}

export interface SideReport {
  readonly store: string;
  readonly namespace: string;
  readonly info: StoreInfo;
  /** Of the namespace. */
  readonly recordCount: number;
  /** The metric that its answers follow; it may differ from the declared one. */
  readonly metricInEffect: Metric | undefined;
  /** Lengths of its vectors; `undefined` if they were not read. */
  readonly norms: Norms | undefined;
  /** Number of queries that it did not answer. */
  readonly failures: number;
  /** Messages of the first failures. */
  readonly failureMessages: readonly string[];
  /** Recall@k against its own exact neighbours. */
  readonly exactRecall: Summary | undefined;
  /** Share of queries whose first result is the exact nearest; `undefined` if that is not known. */
  readonly exactTop: number | undefined;
}

/** Agreement of the results over the queries that both sides answered. */
export interface Agreement {
  readonly queries: number;
  readonly overlap: Summary | undefined;
  /** 95 %, of the mean overlap. */
  readonly overlapInterval: Interval | undefined;
  /** Recall@k of the target against the source. */
  readonly recall: Summary | undefined;
  /** Share of queries with the same set of ids. */
  readonly sameSet: number;
  /** Share of queries with the same first id. */
  readonly sameTop: number;
  /** 95 %, of `sameTop`. */
  readonly sameTopInterval: Interval | undefined;
  /** Of the shared ids; queries that share fewer than 3 are left out. */
  readonly spearman: Summary | undefined;
  readonly rankBiasedOverlap: Summary | undefined;
}

/** Places of the results that the two sides fill differently, by cause. */
export interface DifferenceCounts {
  /** Number of places compared, of both sides. */
  readonly places: number;
  readonly differing: number;
  readonly byCause: Readonly<Partial<Record<Cause, number>>>;
}

/** Which side is better, if judgements exist. */
export interface JudgedComparison {
  readonly k: number;
  readonly queries: number;
  /** Mean nDCG@k. */
  readonly source: number;
  readonly target: number;
  /** Target minus source. */
  readonly test: PairedTest;
  /** 95 %, of the mean difference. */
  readonly interval: Interval | undefined;
}

export interface QueryDetail {
  readonly id: string;
  readonly label: string;
  readonly overlap: number;
  readonly source: readonly string[];
  readonly target: readonly string[];
  readonly differences: readonly Difference[];
}

export interface ComparisonReport {
  readonly outcome: Outcome;
  /** The verdict in one sentence. */
  readonly verdict: string;
  readonly findings: readonly ComparisonFinding[];
  readonly k: number;
  readonly relation: VectorRelation;
  /** Whether one side may hold records that the other does not have. */
  readonly allowOtherRecords: boolean;
  readonly sides: Readonly<Record<SideName, SideReport>>;
  readonly agreement: Agreement;
  readonly differences: {
    /** Among the first `k`. */
    readonly atK: DifferenceCounts;
    /** Records that both have among the first `k`, in another order. */
    readonly order: DifferenceCounts;
    /** Only the first place. */
    readonly atTop: DifferenceCounts;
  };
  readonly judged: JudgedComparison | undefined;
  /** The queries whose results agree least. */
  readonly worst: readonly QueryDetail[];
  readonly thresholds: ComparisonThresholds;
}
