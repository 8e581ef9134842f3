import type { Answer } from "./ask.ts";
import type { ExactRanking } from "./exact.ts";
import type { Metric } from "./metric.ts";
import type { ComparisonQuery } from "./query.ts";
import type { SideName } from "./side.ts";

/** The exact neighbours on one side, under every metric; `undefined` where they cannot be foretold. */
export type Foretold = Readonly<Record<Metric, ExactRanking>> | undefined;

/** A query, what both sides answered, and what they ought to have answered. */
export interface AskedQuery {
  readonly query: ComparisonQuery;
  readonly answers: Readonly<Record<SideName, Answer>>;
  readonly exact: Readonly<Record<SideName, Foretold>>;
}
