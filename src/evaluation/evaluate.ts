import { UsageError } from "../foundation/errors.ts";
import type { NamespaceOptions, VectorStore } from "../store/store.ts";
import type { JudgedQuery } from "./judged-query.ts";
import { type Gain, ndcg, precision, recall, reciprocalRank } from "./metrics/relevance.ts";
import { bootstrapMean, type Interval } from "./statistics/intervals.ts";
import { mean } from "./statistics/summary.ts";

export interface EvaluateOptions extends NamespaceOptions {
  /** Depth of every figure, 1 to 1,000. Default 10. */
  readonly k?: number;
  /** Default `linear`. */
  readonly gain?: Gain;
  readonly onProgress?: (done: number, total: number) => void;
}

/** How good the results are: each from 0 to 1, more is better. */
export interface RelevanceFigures {
  readonly ndcg: number;
  readonly recall: number;
  readonly precision: number;
  readonly reciprocalRank: number;
}

export interface QueryEvaluation extends RelevanceFigures {
  readonly id: string;
  readonly text: string;
  /** Ids found, best first. */
  readonly found: readonly string[];
  /** Records judged relevant. */
  readonly relevantCount: number;
}

/** What golden queries or judgements say of a store. */
export interface EvaluationReport {
  readonly store: string;
  readonly namespace: string;
  readonly k: number;
  readonly gain: Gain;
  /** Means over the queries. */
  readonly means: RelevanceFigures;
  /** Where the mean nDCG lies, 95 %; `undefined` for a single query. */
  readonly ndcgInterval: Interval | undefined;
  /** In the order given. */
  readonly queries: readonly QueryEvaluation[];
  /** Ids of queries for which nothing is judged relevant: no figure exists for them, and no mean counts them. */
  readonly unjudged: readonly string[];
}

/**
 * Asks a store every query and measures its results against the judgements (OPS-5).
 *
 * @throws {UsageError} where no query has a relevant record
 * @throws {ServiceError | StorageError} of the store, at the first query that fails
 */
export async function evaluate(
  store: VectorStore,
  queries: readonly JudgedQuery[],
  options: EvaluateOptions = {},
): Promise<EvaluationReport> {
  const { k = 10, gain = "linear", namespace = "", signal, onProgress } = options;
  const evaluated: QueryEvaluation[] = [];
  const unjudged: string[] = [];
  for (const [place, query] of queries.entries()) {
    const { text, filter } = query;
    const matches = await store.query(
      { text, topK: k, ...(filter && { filter }) },
      { namespace, ...(signal && { signal }) },
    );
    const evaluation = evaluateRanking(
      query,
      matches.map(({ id }) => id),
      k,
      gain,
    );
    if (evaluation) evaluated.push(evaluation);
    else unjudged.push(query.id);
    onProgress?.(place + 1, queries.length);
  }
  if (evaluated.length === 0) {
    throw new UsageError("No query names a relevant record, so there is nothing to measure.", {
      hint: "Give each query at least one relevant record, of a grade above 0.",
    });
  }
  const average = (figure: keyof RelevanceFigures) => mean(evaluated.map((query) => query[figure]));
  return {
    store: store.name,
    namespace,
    k,
    gain,
    means: {
      ndcg: average("ndcg"),
      recall: average("recall"),
      precision: average("precision"),
      reciprocalRank: average("reciprocalRank"),
    },
    ndcgInterval: bootstrapMean(evaluated.map((query) => query.ndcg)),
    queries: evaluated,
    unjudged,
  };
}

/** @returns `undefined` where nothing is judged relevant */
function evaluateRanking(
  { id, text, judgements }: JudgedQuery,
  found: readonly string[],
  k: number,
  gain: Gain,
): QueryEvaluation | undefined {
  const quality = ndcg(found, judgements, k, gain);
  const completeness = recall(found, judgements, k);
  if (quality === undefined || completeness === undefined) return undefined;
  return {
    id,
    text,
    found,
    relevantCount: [...judgements.values()].filter((grade) => grade > 0).length,
    ndcg: quality,
    recall: completeness,
    precision: precision(found, judgements, k),
    reciprocalRank: reciprocalRank(found, judgements, k),
  };
}
