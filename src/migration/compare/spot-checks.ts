import { type EvaluateOptions, evaluate, type JudgedQuery } from "../../evaluation/index.ts";
import type { ComparedStore } from "./side.ts";

export interface SpotCheck {
  readonly id: string;
  readonly question: string;
  readonly expected: readonly string[];
  readonly found: readonly string[];
  /** Rank of the first expected record, from 1; `undefined` where none is among the first k. */
  readonly rank: number | undefined;
}

export interface SpotCheckReport {
  readonly store: string;
  readonly k: number;
  readonly checks: readonly SpotCheck[];
  readonly passed: number;
}

/**
 * Known questions with their expected records (MIG-9): a question passes where one of them is among the first
 * `k`, as a user sees them. Default 3, the results that an answer is made of.
 */
export async function spotChecks(
  { store, namespace = "" }: ComparedStore,
  queries: readonly JudgedQuery[],
  options: Pick<EvaluateOptions, "k" | "signal" | "onProgress"> = {},
): Promise<SpotCheckReport> {
  const report = await evaluate(store, queries, { k: 3, ...options, namespace });
  const expected = new Map(queries.map(({ id, judgements }) => [id, judgements]));
  const checks = report.queries.map(({ id, text, found, reciprocalRank }) => ({
    id,
    question: text,
    expected: [...(expected.get(id) ?? [])].filter(([, grade]) => grade > 0).map(([record]) => record),
    found,
    rank: reciprocalRank === 0 ? undefined : Math.round(1 / reciprocalRank),
  }));
  const passed = checks.filter(({ rank }) => rank !== undefined).length;
  return { store: store.name, k: report.k, checks, passed };
}
