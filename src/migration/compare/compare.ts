import { overlap, summarize } from "../../evaluation/index.ts";
import { UsageError } from "../../foundation/errors.ts";
import type { CallOptions } from "../../store/store.ts";
import { agreementOf, bothAnswered } from "./agreement.ts";
import { ask } from "./ask.ts";
import type { AskedQuery } from "./asked-query.ts";
import { type Difference, differences, type Evidence, orderDifferences } from "./cause.ts";
import { exactRecall, metricInEffect } from "./exact-recall.ts";
import { findingsOf, type Measured } from "./findings.ts";
import type { Inventory } from "./inventory.ts";
import { judgedComparison } from "./judged.ts";
import type { Metric } from "./metric.ts";
import type { ComparisonQuery } from "./query.ts";
import type {
  ComparisonReport,
  DifferenceCounts,
  QueryDetail,
  RecordDifferences,
  SideReport,
} from "./report.ts";
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
import { type Answered, type Walk, walk } from "./walk.ts";

export interface CompareOptions extends CallOptions {
  readonly source: ComparedStore;
  readonly target: ComparedStore;
  /** As `textQueries`, `judgedQueries` and `leaveOneOutQueries` make them. */
  readonly queries: readonly ComparisonQuery[];
  /** Results that are compared, 1 to 100. Default 10. */
  readonly k?: number;
  /** Whether the target holds the source's vectors. Default: what the two indexes tell of themselves. */
  readonly vectors?: VectorRelation;
  readonly thresholds?: Partial<ComparisonThresholds>;
  /** Of the paired test and the bootstrap. Default 1. */
  readonly seed?: number;
  /** Queries told in full. Default 10. */
  readonly worstCount?: number;
  readonly onProgress?: (progress: ComparisonProgress) => void;
}

export interface ComparisonProgress {
  readonly step: "queries" | "records";
  readonly done: number;
  readonly total: number;
}

const maximumDepth = 100;
const examplesKept = 10;
const messagesKept = 3;

/**
 * Asks both sides the same queries, reads every record of both, and tells faults of the target from differences
 * that have another cause (MIG-8).
 *
 * Where a side is an index of dense vectors and is asked by vectors, its exact neighbours are computed in double
 * precision under every metric, so that a difference is laid to who caused it: the search of either side, the
 * metric, the vectors, the records, or a tie. Where queries are texts, only records, states and scores can
 * explain, and the rest stays unexplained.
 *
 * Takes a pass over both stores, and memory for a page of records and all ids.
 *
 * @throws {UsageError} for no queries or a depth out of range
 * @throws {ServiceError | StorageError} where a side cannot be described or read; a query that fails is a finding
 */
export async function compare(options: CompareOptions): Promise<ComparisonReport> {
  const { k = 10, queries, seed = 1, worstCount = 10, signal, onProgress } = options;
  if (!Number.isInteger(k) || k < 1 || k > maximumDepth) {
    throw new UsageError(`Results can be compared to a depth from 1 to ${maximumDepth}; it is ${k}.`);
  }
  if (queries.length === 0) {
    throw new UsageError("There is no query to compare the two stores by.", {
      hint: "Sample some from the records, or name a file of queries.",
    });
  }
  const call = signal ? { signal } : {};
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
  const total = recordCountOf(source) + recordCountOf(target);
  const walked = await walk(source, target, relation, answered, k, call, (done) =>
    onProgress?.({ step: "records", done, total: Math.max(done, total) }),
  );
  const sides = { source, target };
  const metrics = {
    source: metricInEffect(source, walked.asked, k),
    target: metricInEffect(target, walked.asked, k),
  };
  const evidence: Evidence = { sides, metrics, relation, inventory: walked.inventory };
  const measured: Measured = {
    k,
    relation,
    sides: {
      source: sideReport(source, metrics.source, walked, k),
      target: sideReport(target, metrics.target, walked, k),
    },
    records: recordDifferences(walked.inventory),
    agreement: agreementOf(walked.asked, k),
    differences: {
      atK: countDifferences(walked.asked, k, evidence),
      order: countDifferences(walked.asked, k, evidence, orderDifferences),
      atTop: countDifferences(walked.asked, 1, evidence),
    },
    judged: judgedComparison(walked.asked, k, seed),
    worst: worstQueries(walked.asked, k, evidence, worstCount),
    thresholds: { ...defaultThresholds, ...options.thresholds },
  };
  const findings = findingsOf(measured);
  return { ...verdictOf(findings, measured), findings, ...measured };
}

function sideReport(side: Side, metric: Metric | undefined, { asked, norms }: Walk, k: number): SideReport {
  const errors = asked.flatMap(({ answers }) => answers[side.name].error ?? []);
  const recalls = (depth: number) =>
    metric ? asked.flatMap((query) => exactRecall(query, side.name, metric, depth) ?? []) : [];
  return {
    store: side.store.name,
    namespace: side.namespace,
    info: side.info,
    recordCount: recordCountOf(side),
    metricInEffect: metric,
    norms: norms[side.name],
    failures: errors.length,
    failureMessages: [...new Set(errors)].slice(0, messagesKept),
    exactRecall: summarize(recalls(k)),
    exactTop: summarize(recalls(1))?.mean,
  };
}

function recordCountOf({ info, namespace }: Side): number {
  return info.namespaces[namespace] ?? 0;
}

function recordDifferences({ missing, extra, altered, rescaled }: Inventory): RecordDifferences {
  const idsOf = (part: "text" | "metadata" | "vector") => altered.get(part) ?? new Set<string>();
  const first = (ids: ReadonlySet<string>) => [...ids].slice(0, examplesKept);
  return {
    missing: missing.size,
    extra: extra.size,
    altered: {
      text: idsOf("text").size,
      metadata: idsOf("metadata").size,
      vector: idsOf("vector").size,
    },
    rescaled: rescaled.size,
    examples: {
      missing: first(missing),
      extra: first(extra),
      text: first(idsOf("text")),
      metadata: first(idsOf("metadata")),
      vector: first(idsOf("vector")),
    },
  };
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
