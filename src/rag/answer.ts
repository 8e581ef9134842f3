import type { TokenCounts } from "./generator.ts";
import type { Source } from "./source.ts";
import type { PlanSummary } from "./understanding/describe.ts";
import type { QuestionPlan } from "./understanding/plan.ts";

/** Milliseconds. */
interface Timings {
  readonly understanding: number;
  readonly retrieval: number;
  /** From the first request to the generator to its last piece; 0 without a generator. */
  readonly generation: number;
  readonly total: number;
}

/** Result of a question (RAG-4). */
export interface Answer {
  readonly question: string;
  readonly text: string;
  readonly sources: readonly Source[];
  /** What the question was understood as (RAG-12). */
  readonly plan: PlanSummary;
  /** The same in words: what was applied, corrected, given up or not checked. */
  readonly understood: readonly string[];
  /** The store that answered: `upstash`, `embedded`. A notice explains a secondary store. */
  readonly store: string;
  /** What the sources say in their own words, if the checks of a model's answer failed badly (RAG-14). */
  readonly alternative?: string;
  /** `ollama llama3.2`, `extractive`; `none` if nothing relevant was found. */
  readonly generator: string;
  /** Failures, why nothing was found, conditions that the search ignored; a sentence or two each. */
  readonly notices: readonly string[];
  readonly timings: Timings;
  /** Absent unless a model answered and its server reported them. */
  readonly tokens?: TokenCounts;
}

/** What happens on the way to an answer, in order: a fallback if one happened, sources, pieces of text, the answer. */
export type AnswerEvent =
  /** Another store than the first has found the sources. */
  | { readonly kind: "fallback"; readonly store: string; readonly notice: string }
  | {
      readonly kind: "sources";
      readonly sources: readonly Source[];
      readonly plan: QuestionPlan;
      /** What was applied, corrected, given up or not checked. */
      readonly understood: readonly string[];
    }
  | { readonly kind: "generator"; readonly name: string }
  | { readonly kind: "text"; readonly text: string }
  /** A generator failed; what it has written so far is void. */
  | { readonly kind: "notice"; readonly notice: string }
  /** Why nothing was found, or conditions that the search ignored. */
  | { readonly kind: "advice"; readonly advice: string }
  /** Quotes from the sources, shown with an answer that makes unsupported statements. */
  | { readonly kind: "alternative"; readonly text: string }
  | { readonly kind: "answer"; readonly answer: Answer };
