import { CancelledError } from "../../foundation/errors.ts";
import type { CallOptions, StoreQuery } from "../../store/store.ts";
import { tieTolerance } from "./metric.ts";
import type { ComparisonQuery } from "./query.ts";
import type { Side } from "./side.ts";

/** The answer of one side. */
export interface Answer {
  /** At most `k` ids, best first, each once and without the record that the query leaves out. */
  readonly ids: readonly string[];
  /** The score of each, and of the next one if it exists. */
  readonly scores: readonly number[];
  /** Why it did not answer. */
  readonly error?: string;
}

/** @throws {CancelledError}; any other failure is part of the answer */
export async function ask(
  { store, namespace, name }: Side,
  query: ComparisonQuery,
  k: number,
  call: CallOptions,
): Promise<Answer> {
  const { leaveOut, filter } = query;
  // One more than is compared, to recognise a tie at the border; one more for the record itself.
  const topK = Math.min(k + 1 + (leaveOut === undefined ? 0 : 1), maximumTopK);
  const asked: StoreQuery = { ...query[name], topK, ...(filter && { filter }) };
  try {
    const matches = await store.query(asked, { namespace, ...call });
    const scores = new Map<string, number>();
    for (const { id, score } of matches) if (id !== leaveOut && !scores.has(id)) scores.set(id, score);
    return { ids: [...scores.keys()].slice(0, k), scores: [...scores.values()].slice(0, k + 1) };
  } catch (error) {
    if (error instanceof CancelledError || call.signal?.aborted) throw error;
    return { ids: [], scores: [], error: error instanceof Error ? error.message : String(error) };
  }
}

/** The limit of Upstash. */
export const maximumTopK = 1_000;

/** Whether the scores of a store show a tie between a record and the first one outside the results. */
export function isTiedByScore({ ids, scores }: Answer, id: string, depth: number): boolean {
  const [own, border, next] = [scores[ids.indexOf(id)], scores[depth - 1], scores[depth]];
  if (own === undefined || border === undefined || next === undefined) return false;
  const tolerance = tieTolerance * Math.max(Math.abs(border), Math.abs(own));
  return Math.abs(own - border) <= tolerance && Math.abs(border - next) <= tolerance;
}
