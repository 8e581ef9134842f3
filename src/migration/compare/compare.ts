import { overlap, summarize } from "../../evaluation/index.ts";
import { UsageError } from "../../foundation/errors.ts";
import type { CallOptions } from "../../store/store.ts";
import { absentFrom } from "./absent.ts";
import { agreementOf, bothAnswered } from "./agreement.ts";
import { ask } from "./ask.ts";
import { type Difference, differences, type Evidence, orderDifferences } from "./cause.ts";
import { type Answered, type AskedQuery, exactNeighbours, type SideNeighbours } from "./exact-neighbours.ts";
import { exactRecall, metricInEffect } from "./exact-recall.ts";
import { findingsOf, type Measured } from "./findings.ts";
import { judgedComparison } from "./judged.ts";
import type { Metric } from "./metric.ts";
import type { ComparisonQuery } from "./query.ts";
import type { ComparisonReport, DifferenceCounts, QueryDetail, SideReport } from "./report.ts";
import {
  type ComparedStore,
  describeSide,
  relationOf,
  type Side,
  type SideName,
  type VectorRelation,
} from "./side.ts";
import { type ComparisonThresholds, defaultThresholds } from "./thresholds.ts";
import { verdictOf } from "./verdict.ts";

export interface CompareOptions extends CallOptions {
  readonly source: ComparedStore;
  readonly target: ComparedStore;
  /** As `textQueries`, `judgedQueries` and `leaveOneOutQueries` make them. */
  readonly queries: readonly ComparisonQuery[];
  /** Results that are compared, 1 to 100. Default 10. */
  readonly k?: number;
  /** Whether the target holds the source's vectors. Default: by the descriptions of the two indexes. */
  readonly vectors?: VectorRelation;
  /**
   * `verifyRecords` has shown that both sides hold the same records. If the vectors were carried, those of the source
   * then replace the target's, which are not read again. Default false.
   */
  readonly isVerified?: boolean;
  /** One side may hold records that the other does not have; results that they change are expected. Default false. */
  readonly allowOtherRecords?: boolean;
  readonly thresholds?: Partial<ComparisonThresholds>;
  /** Of the paired test and the bootstrap. Default 1. */
  readonly seed?: number;
  /** Queries that the report lists in full. Default 10. */
  readonly worstCount?: number;
  readonly onProgress?: (progress: ComparisonProgress) => void;
}

interface ComparisonProgress {
  readonly step: "queries" | "records";
  readonly done: number;
  readonly total: number;
}

const maximumDepth = 100;
const messagesKept = 3;

/**
 * Sends both sides the same queries, and attributes each difference of the results to a cause (MIG-8). It judges
 * results only: whether the records are the same is for `verifyRecords` to show.
 *
 * If a side is an index of dense vectors and is queried by vectors, its exact neighbours are computed in double
 * precision under every metric. So a difference is attributed to the search of either side, the metric, the vectors,
 * the records, or a tie. If queries are texts, only states and scores can explain a difference, and the rest stays
 * unexplained.
 *
 * Takes one pass over each store that is queried by vectors, and memory for a page of records.
 *
 * @throws {UsageError} for no queries or a depth out of range
 * @throws {ServiceError | StorageError} if a side cannot be described or read; a query that fails is a finding
 */
export async function compare(options: CompareOptions): Promise<ComparisonReport> {
  const { k = 10, queries, seed = 1, worstCount = 10, signal, onProgress } = options;
  if (!Number.isInteger(k) || k < 1 || k > maximumDepth) {
    throw new UsageError(`The depth k must be from 1 to ${maximumDepth}; it is ${k}.`);
  }
  if (queries.length === 0) {
    throw new UsageError("No query was given to compare the two stores with.", {
      hint: "Sample queries from the records, or name a file of queries.",
    });
  }
  const call = { signal };
  const source = await describeSide("source", options.source, call);
  const target = await describeSide("target", options.target, call);
  const relation = options.vectors ?? relationOf(source.info, target.info);
  const answered: Answered[] = [];
  for (const query of queries) {
    const answers = {
      source: await ask(source, query, k, call),
      target: await ask(target, query, k, call),
    };
    answered.push({ query, answers });
    onProgress?.({ step: "queries", done: answered.length, total: queries.length });
  }
  const isSame = options.isVerified === true && relation === "carried" && hasSameVectors(queries);
  const neighbours = await neighboursOf({ source, target }, answered, k, isSame, call, onProgress);
  const asked = answered.map((query, place) => ({
    ...query,
    exact: {
      source: neighbours.source.rankings[place],
      target: neighbours.target.rankings[place],
    },
  }));
  const sides = { source, target };
  const metrics = {
    source: metricInEffect(source, asked, k),
    target: metricInEffect(target, asked, k),
  };
  const absent = {
    source: await absentFrom(source, answered, call),
    target: await absentFrom(target, answered, call),
  };
  const evidence: Evidence = { sides, metrics, relation, absent };
  const measured: Measured = {
    k,
    relation,
    allowOtherRecords: options.allowOtherRecords ?? false,
    sides: {
      source: sideReport(source, metrics.source, asked, neighbours.source, k),
      target: sideReport(target, metrics.target, asked, neighbours.target, k),
    },
    agreement: agreementOf(asked, k),
    differences: {
      atK: countDifferences(asked, k, evidence),
      order: countDifferences(asked, k, evidence, orderDifferences),
      atTop: countDifferences(asked, 1, evidence),
    },
    judged: judgedComparison(asked, k, seed),
    worst: worstQueries(asked, k, evidence, worstCount),
    thresholds: { ...defaultThresholds, ...options.thresholds },
  };
  const findings = findingsOf(measured);
  return { ...verdictOf(findings, measured), findings, ...measured };
}

/** Whether each query asks both sides by one vector. */
function hasSameVectors(queries: readonly ComparisonQuery[]): boolean {
  return queries.every(({ source, target }) => {
    return "vector" in source && "vector" in target && source.vector === target.vector;
  });
}

async function neighboursOf(
  { source, target }: Record<SideName, Side>,
  answered: readonly Answered[],
  k: number,
  isSame: boolean,
  call: CallOptions,
  onProgress: CompareOptions["onProgress"],
): Promise<Record<SideName, SideNeighbours>> {
  const counts = [source, target].map(({ hasExactNeighbours, ...side }) => {
    return hasExactNeighbours ? recordCountOf(side) : 0;
  });
  const [first = 0, second = 0] = counts;
  const total = first + (isSame ? 0 : second);
  const report = (done: number) => onProgress?.({ step: "records", done, total: Math.max(done, total) });
  const own = await exactNeighbours(source, answered, k, call, report);
  if (isSame && source.hasExactNeighbours && target.hasExactNeighbours) return { source: own, target: own };
  const others = await exactNeighbours(target, answered, k, call, (done) => report(first + done));
  return { source: own, target: others };
}

function sideReport(
  side: Side,
  metric: Metric | undefined,
  asked: readonly AskedQuery[],
  { norms }: SideNeighbours,
  k: number,
): SideReport {
  const errors = asked.flatMap(({ answers }) => answers[side.name].error ?? []);
  const recalls = (depth: number) =>
    metric ? asked.flatMap((query) => exactRecall(query, side.name, metric, depth) ?? []) : [];
  return {
    store: side.store.name,
    namespace: side.namespace,
    info: side.info,
    recordCount: recordCountOf(side),
    metricInEffect: metric,
    norms,
    failures: errors.length,
    failureMessages: [...new Set(errors)].slice(0, messagesKept),
    exactRecall: summarize(recalls(k)),
    exactTop: summarize(recalls(1))?.mean,
  };
}

function recordCountOf({ info, namespace }: Pick<Side, "info" | "namespace">): number {
  return info.namespaces[namespace] ?? 0;
}

function countDifferences(
  asked: readonly AskedQuery[],
  depth: number,
  evidence: Evidence,
  find: typeof differences = differences,
): DifferenceCounts {
  const byCause: Partial<Record<Difference["cause"], number>> = {};
  let places = 0;
  let differing = 0;
  for (const query of bothAnswered(asked)) {
    for (const side of ["source", "target"] as const satisfies SideName[]) {
      places += Math.min(depth, query.answers[side].ids.length);
    }
    for (const { cause } of find(query, depth, evidence)) {
      byCause[cause] = (byCause[cause] ?? 0) + 1;
      differing++;
    }
  }
  return { places, differing, byCause };
}

function worstQueries(
  asked: readonly AskedQuery[],
  k: number,
  evidence: Evidence,
  count: number,
): QueryDetail[] {
  return bothAnswered(asked)
    .map((entry) => ({ entry, overlap: overlap(entry.answers.source.ids, entry.answers.target.ids, k) }))
    .filter((candidate) => candidate.overlap < 1)
    .sort((left, right) => left.overlap - right.overlap)
    .slice(0, count)
    .map(({ entry, overlap: shared }) => ({
      id: entry.query.id,
      label: entry.query.label,
      overlap: shared,
      source: entry.answers.source.ids,
      target: entry.answers.target.ids,
      differences: differences(entry, k, evidence),
    }));
}
