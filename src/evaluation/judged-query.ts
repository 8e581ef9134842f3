import type { Filter } from "../store/filter.ts";
import type { Judgements } from "./metrics/relevance.ts";

/** A question with what a right answer contains. */
export interface JudgedQuery {
  readonly id: string;
  readonly text: string;
  readonly filter?: Filter;
  readonly judgements: Judgements;
}
