import { createHash } from "node:crypto";
import type { EvaluationReport, JudgedQuery } from "../evaluation/index.ts";
import { AccuracyRepository } from "../state/accuracy.ts";
import type { StateDatabase } from "../state/database.ts";

/** Keeps the result of a run of golden queries. @throws {StateError} */
export async function keepAccuracy(
  state: StateDatabase,
  queries: readonly JudgedQuery[],
  report: EvaluationReport,
): Promise<void> {
  const { store, k, means, ndcgInterval: interval } = report;
  await new AccuracyRepository(state).add({
    store,
    k,
    queriesHash: hashOf(queries, report),
    queryCount: report.queries.length,
    figures: { ...means, ...(interval && { interval: { low: interval.low, high: interval.high } }) },
    measuredAt: Date.now(),
  });
}

/** Of all that a figure depends on beside the index and the search. */
function hashOf(queries: readonly JudgedQuery[], { namespace, gain }: EvaluationReport): string {
  const judged = queries.map(({ text, filter, judgements }) => [text, filter ?? null, [...judgements]]);
  return createHash("sha256")
    .update(JSON.stringify([namespace, gain, judged]))
    .digest("hex");
}
