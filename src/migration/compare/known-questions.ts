import { type EvaluationReport, evaluate, type JudgedQuery } from "../../evaluation/index.ts";
import { batchesOf } from "../../foundation/batches.ts";
import { UsageError } from "../../foundation/errors.ts";
import type { CallOptions } from "../../store/store.ts";
import { judgedPairs } from "./judged.ts";
import type { JudgedComparison } from "./report.ts";
import type { ComparedStore, SideName } from "./side.ts";
import { defaultThresholds } from "./thresholds.ts";

export interface KnownQuestionsOptions extends CallOptions {
  /** Absent if it cannot be asked: then only the target is asked. */
  readonly source?: ComparedStore;
  readonly target: ComparedStore;
  readonly queries: readonly JudgedQuery[];
  /** A question is a hit if an expected record is among the first k. Default 3. */
  readonly k?: number;
  /** Depth of nDCG. Default 10. */
  readonly depth?: number;
  /** Share of questions that must be hits. Default 0.8: `topAgreement` of `ComparisonThresholds`. */
  readonly minimumHits?: number;
  /** Of the paired test. Default 1. */
  readonly seed?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/** The answer of one side to a question. */
export interface SideAnswer {
  /** The first k. */
  readonly found: readonly string[];
  /** Rank of the first expected record, from 1; `undefined` if none is within the depth. */
  readonly rank: number | undefined;
  readonly ndcg: number;
}

interface QuestionCheck {
  readonly id: string;
  readonly question: string;
  readonly expected: readonly string[];
  readonly source: SideAnswer | undefined;
  readonly target: SideAnswer;
}

export interface KnownQuestionsReport {
  readonly k: number;
  readonly depth: number;
  readonly checks: readonly QuestionCheck[];
  /** Questions with an expected record among the first k; `source` is `undefined` if it was not asked. */
  readonly hits: Readonly<{ source: number | undefined; target: number }>;
  /** Mean nDCG of the target. */
  readonly ndcg: number;
  /** Both sides, question by question; `undefined` if the source was not asked. */
  readonly judged: JudgedComparison | undefined;
  /** Questions about other data, which are not asked: the target holds none of their expected records. */
  readonly unanswerable: readonly string[];
  readonly minimumHits: number;
  /** Hits that the target needs: the minimum, or those of the source if these are fewer. */
  readonly requiredHits: number;
  readonly outcome: "passed" | "too-few-hits" | "worse";
}

/**
 * Asks both sides known questions with their expected records (MIG-9), as texts. The target passes if it has the
 * required hits, and its nDCG is not significantly below the source's.
 *
 * @throws {UsageError} if the target holds no expected record of any question
 * @throws {ServiceError | StorageError} of a store
 */
export async function knownQuestions(options: KnownQuestionsOptions): Promise<KnownQuestionsReport> {
  const { source, target, k = 3, depth = 10, seed = 1, signal, onProgress } = options;
  const { minimumHits = defaultThresholds.topAgreement } = options;
  const call = { signal };
  const { queries, unanswerable } = await answerable(target, options.queries, call);
  const sideCount = source ? 2 : 1;
  const total = sideCount * queries.length;
  const measure = (side: ComparedStore, before: number) =>
    evaluate(side.store, queries, {
      k: Math.max(k, depth),
      namespace: side.namespace ?? "",
      ...call,
      onProgress: (done) => onProgress?.(before + done, total),
    });
  const own = await measure(target, 0);
  const former = source && (await measure(source, queries.length));
  const checks = own.queries.map(({ id, text }, place) => ({
    id,
    question: text,
    expected: expectedOf(queries[place] as JudgedQuery),
    source: former && answerOf(former, place, k),
    target: answerOf(own, place, k),
  }));
  const count = (side: SideName) => checks.filter((check) => isHit(check[side], k)).length;
  const hits = { source: former && count("source"), target: count("target") };
  const requiredHits = Math.min(Math.ceil(minimumHits * checks.length - 1e-9), hits.source ?? checks.length);
  const pairs = checks.flatMap((check) =>
    check.source ? [{ source: check.source.ndcg, target: check.target.ndcg }] : [],
  );
  const judged = pairs.length === 0 ? undefined : judgedPairs(pairs, depth, seed);
  return {
    k,
    depth,
    checks,
    hits,
    ndcg: own.means.ndcg,
    judged,
    unanswerable,
    minimumHits,
    requiredHits,
    outcome: hits.target < requiredHits ? "too-few-hits" : isWorse(judged) ? "worse" : "passed",
  };
}

function isWorse(judged: JudgedComparison | undefined): boolean {
  if (!judged) return false;
  const { meanDifference, pValue } = judged.test;
  return meanDifference < 0 && pValue < defaultThresholds.significance;
}

function isHit(answer: SideAnswer | undefined, k: number): boolean {
  return answer?.rank !== undefined && answer.rank <= k;
}

function expectedOf({ judgements }: JudgedQuery): string[] {
  return [...judgements].filter(([, grade]) => grade > 0).map(([record]) => record);
}

function answerOf({ queries }: EvaluationReport, place: number, k: number): SideAnswer {
  const { found, reciprocalRank, ndcg } = queries[place] as EvaluationReport["queries"][number];
  const rank = reciprocalRank === 0 ? undefined : Math.round(1 / reciprocalRank);
  return { found: found.slice(0, k), rank, ndcg };
}

/** @throws {UsageError} if none can be answered */
async function answerable(
  { store, namespace = "" }: ComparedStore,
  queries: readonly JudgedQuery[],
  call: CallOptions,
): Promise<{ queries: JudgedQuery[]; unanswerable: string[] }> {
  const held = new Set<string>();
  for (const ids of batchesOf([...new Set(queries.flatMap(expectedOf))], pageSize)) {
    const records = await store.fetch(ids, { namespace, ...call });
    for (const record of records) if (record) held.add(record.id);
  }
  const isAnswerable = (query: JudgedQuery) => expectedOf(query).some((id) => held.has(id));
  const kept = queries.filter(isAnswerable);
  if (kept.length === 0) {
    throw new UsageError("The target holds none of the records that the known questions expect.", {
      hint: "Name questions on the migrated data; the expected ids must be ids of its records.",
    });
  }
  return { queries: kept, unanswerable: queries.filter((query) => !isAnswerable(query)).map(({ id }) => id) };
}

/** Records in one fetch. */
const pageSize = 500;
