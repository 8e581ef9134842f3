import type { AnswerResponse } from "./schemas/ask.ts";

/** What a vote keeps of its answer. */
export interface AnswerSummary {
  readonly question: string;
  readonly store: string;
  readonly generator: string;
}

/** Answers that are remembered: those of the last minutes, on which most votes are given. */
const mostAnswers = 2_000;

/** The last answers of this process by id, so that a vote says what it is about. The oldest go first. */
export class RecentAnswers {
  readonly #answers = new Map<string, AnswerSummary>();

  add({ id, question, store, generator }: AnswerResponse): void {
    this.#answers.set(id, { question, store, generator });
    if (this.#answers.size <= mostAnswers) return;
    for (const oldest of this.#answers.keys()) {
      this.#answers.delete(oldest);
      break;
    }
  }

  get(id: string): AnswerSummary | undefined {
    return this.#answers.get(id);
  }
}
