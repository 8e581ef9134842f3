import type { AnswerEvent } from "./answer.ts";
import type { AskOptions, RagEngine } from "./engine.ts";
import type { Exchange } from "./generator.ts";
import { remembered } from "./understanding/personal.ts";
import type { QuestionPlan } from "./understanding/plan.ts";

/** Exchanges that a conversation remembers: about a third of Llama 3.2's default context of 4,096 tokens in Ollama. */
export const exchangesKept = 6;

/** Questions in a row that know what was said before; memory is bounded. */
export class Conversation {
  readonly #engine: RagEngine;
  #history: readonly Exchange[] = [];

  constructor(engine: RagEngine) {
    this.#engine = engine;
  }

  /** As `RagEngine.stream`, with the conversation so far. */
  async *ask(question: string, options: Omit<AskOptions, "history"> = {}): AsyncGenerator<AnswerEvent> {
    let plan: QuestionPlan | undefined;
    for await (const event of this.#engine.stream(question, { ...options, history: this.#history })) {
      if (event.kind === "sources") plan = event.plan;
      if (event.kind === "answer" && (event.answer.sources.length > 0 || hasConditions(plan))) {
        const exchange = { question, answer: event.answer.text, ...(plan && { plan }) };
        this.#history = remembered([...this.#history, exchange], exchangesKept);
      }
      yield event;
    }
  }
}

/** Whether a question that found nothing is one that the next may continue: `and from Korea?` */
function hasConditions(plan: QuestionPlan | undefined): boolean {
  return (
    plan !== undefined && plan.kind !== "outside" && plan.constraints.length + (plan.givenUp ?? []).length > 0
  );
}
