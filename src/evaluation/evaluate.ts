import { UsageError } from "../foundation/errors.ts";
import type { Filter } from "../store/filter.ts";
import type { NamespaceOptions } from "../store/store.ts";
import type { JudgedQuery } from "./judged-query.ts";
import { type Gain, ndcg, precision, recall, reciprocalRank } from "./metrics/relevance.ts";
import { bootstrapMean, type Interval } from "./statistics/intervals.ts";
import { mean } from "./statistics/summary.ts";

/** What is measured: a store, or a path to one that finds more, such as the engine's retrieval. */
export interface Searcher {
  /** As the report names it. */
  readonly name: string;
  /** Records for a text, best first. */
  query(
    query: { readonly text: string; readonly topK: number; readonly filter?: Filter },
    options: NamespaceOptions,
  ): Promise<readonly { readonly id: string }[]>;
}

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

interface QueryEvaluation extends RelevanceFigures {
  readonly id: string;
  readonly text: string;
  /** Ids found, best first. */
  readonly found: readonly string[];
  /** Records judged relevant. */
  readonly relevantCount: number;
}

/** How a store or a search does on golden queries or judgements. */
export interface EvaluationReport {
  readonly store: string;
  readonly namespace: string;
  readonly k: number;
  readonly gain: Gain;
  /** Means over the queries. */
  readonly means: RelevanceFigures;
  /** 95 % interval of the mean nDCG; `undefined` for a single query. */
  readonly ndcgInterval: Interval | undefined;
  /** In the order given. */
  readonly queries: readonly QueryEvaluation[];
  /** Ids of queries for which nothing is judged relevant: no figure exists for them, and no mean counts them. */
  readonly unjudged: readonly string[];
}

/**
 * Asks every query and measures the results against the judgements (OPS-5).
 *
 * @throws {UsageError} if no query has a relevant record
 * @throws {ServiceError | StorageError} of the store, at the first query that fails
 */
export async function evaluate(
  searcher: Searcher,
  queries: readonly JudgedQuery[],
  options: EvaluateOptions = {},
): Promise<EvaluationReport> {
  const { k = 10, gain = "linear", namespace = "", signal, onProgress } = options;
  const evaluated: QueryEvaluation[] = [];
  const unjudged: string[] = [];
  for (const [place, query] of queries.entries()) {
    const { text, filter } = query;
    const matches = await searcher.query({ text, topK: k, ...(filter && { filter }) }, { namespace, signal });
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
    throw new UsageError("No query names a relevant record, so nothing can be measured.", {
      hint: "Give each query at least one relevant record, of a grade above 0.",
    });
  }
  const average = (figure: keyof RelevanceFigures) => mean(evaluated.map((query) => query[figure]));
  return {
    store: searcher.name,
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

/** @returns `undefined` if nothing is judged relevant */
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
