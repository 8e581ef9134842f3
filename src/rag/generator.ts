import type { Source } from "./source.ts";

/** A question and what was answered to it. */
export interface Exchange {
  readonly question: string;
  readonly answer: string;
}

export interface GenerationRequest {
  readonly question: string;
  /** At least one. */
  readonly sources: readonly Source[];
  /** Earlier exchanges, oldest first. */
  readonly history: readonly Exchange[];
  readonly signal?: AbortSignal;
}

/** Writes an answer from sources alone. */
export interface Generator {
  /** As the answer names it: `ollama llama3.2`, `extractive`. */
  readonly name: string;
  /**
   * The answer in pieces, as they are made.
   * @throws {ServiceError} when the model fails; pieces may have come before
   */
  generate(request: GenerationRequest): AsyncGenerator<string>;
}
