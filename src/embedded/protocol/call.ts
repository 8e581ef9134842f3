import type { AnswerBudget } from "../index/answer-budget.ts";
import type { VectorIndex } from "../index/vector-index.ts";
import type { IndexLimits } from "../settings.ts";
import type { AnswerForm } from "./answer.ts";
import type { Faults } from "./faults.ts";

/** One call of a command. */
export interface Call {
  readonly index: VectorIndex;
  readonly namespace: string;
  /** The parsed body; `undefined` if it is empty. */
  readonly body: unknown;
  /** Whether the body was parsed for this call: then nothing else changes its vectors, and they are finite. */
  readonly ownsBody: boolean;
  readonly limits: IndexLimits;
  readonly faults: Faults;
  readonly form: AnswerForm;
  /** The room that is left in the answer. */
  readonly budget: AnswerBudget;
  /** The query string of the path, as in `reset?all`. */
  readonly query: URLSearchParams;
}
