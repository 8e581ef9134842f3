import type { MatchCount } from "./retrieval/retriever.ts";
import type { Source } from "./source.ts";
import type { QuestionPlan } from "./understanding/plan.ts";

/** Tokens of a language model, as its server counts them. */
export interface TokenCounts {
  readonly prompt: number;
  readonly completion: number;
}

/** A question and its answer. */
export interface Exchange {
  readonly question: string;
  readonly answer: string;
  /** What the question was understood as. Default: it is understood again. */
  readonly plan?: QuestionPlan;
  /** Understood parts that were ignored, by their keys; follow-ups do without them too. */
  readonly ignore?: readonly string[] | undefined;
}

/** One of the questions that a question consists of. */
export interface RequestPart {
  readonly plan: QuestionPlan;
  /** Numbered as in the whole request. Without any, `declined` is the answer. */
  readonly sources: readonly Source[];
  /** Records that meet the conditions, of which `sources` are the best. */
  readonly matchCount: MatchCount;
  readonly declined?: string;
}

export interface GenerationRequest {
  readonly question: string;
  /** At least one. */
  readonly sources: readonly Source[];
  /** Earlier exchanges, oldest first. */
  readonly history: readonly Exchange[];
  /** What the question was understood as. */
  readonly plan?: QuestionPlan;
  /** Of a question that consists of several: each with its own sources. Default: `plan` with all sources. */
  readonly parts?: readonly RequestPart[];
  /** Called with what a person has to know about the answer: cut sources, an answer that was cut off. */
  readonly onNotice?: (notice: string) => void;
  /** Called if the model's server reports what the answer took. */
  readonly onTokens?: (tokens: TokenCounts) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Generates an answer only from sources. */
export interface Generator {
  /** As the answer names it: `ollama llama3.2`, `extractive`. */
  readonly name: string;
  /** Whether its text needs to be checked against the sources: a model may write what they do not say. */
  readonly isModel?: boolean;
  /**
   * The answer in pieces, as they are made.
   * @throws {ServiceError} when the model fails; pieces may have come before
   */
  generate(request: GenerationRequest): AsyncGenerator<string>;
}
