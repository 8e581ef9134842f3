import { bootstrapMean, mean, ndcg, pairedTest } from "../../evaluation/index.ts";
import { bothAnswered } from "./agreement.ts";
import type { Answered } from "./exact-neighbours.ts";
import type { JudgedComparison } from "./report.ts";
import type { SideName } from "./side.ts";

/** @returns `undefined` if no query that both answered has a relevant record */
export function judgedComparison(
  asked: readonly Answered[],
  k: number,
  seed: number,
): JudgedComparison | undefined {
  const pairs = bothAnswered(asked).flatMap(({ query: { judgements = new Map() }, answers }) => {
    const source = ndcg(answers.source.ids, judgements, k);
    const target = ndcg(answers.target.ids, judgements, k);
    return source === undefined || target === undefined ? [] : [{ source, target }];
  });
  return pairs.length === 0 ? undefined : judgedPairs(pairs, k, seed);
}

/** @param pairs the nDCG@k of each query on both sides; one at least */
export function judgedPairs(
  pairs: readonly Readonly<Record<SideName, number>>[],
  k: number,
  seed: number,
): JudgedComparison {
  const gains = pairs.map(({ source, target }) => target - source);
  return {
    k,
    queries: pairs.length,
    source: mean(pairs.map(({ source }) => source)),
    target: mean(pairs.map(({ target }) => target)),
    test: pairedTest(gains, { seed }),
    interval: bootstrapMean(gains, { seed }),
  };
}
