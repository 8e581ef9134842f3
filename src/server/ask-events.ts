import { randomUUID } from "node:crypto";
import type { AnswerEvent } from "../rag/answer.ts";
import { factsOf, nameOf } from "../rag/record/facts.ts";
import type { Source } from "../rag/source.ts";
import { summarizePlan } from "../rag/understanding/describe.ts";
import type { Caller } from "./caller.ts";
import type { ServerParts } from "./parts.ts";
import type { AskEvents, FoodFacts } from "./schemas/ask.ts";

/** One event on the way to an answer, in the form of the API. */
export type AskEvent = {
  [Name in keyof AskEvents]: { readonly event: Name; readonly data: AskEvents[Name] };
}[keyof AskEvents];

/** The engine's events in the form of the API. The answer is remembered for votes, and reported. */
export async function* askEvents(
  events: AsyncIterable<AnswerEvent>,
  { recentAnswers, onAnswer }: Pick<ServerParts, "recentAnswers" | "onAnswer">,
  { keyId }: Caller,
): AsyncGenerator<AskEvent> {
  const fallbacks: AskEvent[] = [];
  let facts: readonly FoodFacts[] = [];
  for await (const event of events) {
    if (event.kind === "fallback") {
      // What was understood comes first.
      fallbacks.push({ event: "notice", data: { kind: "fallback", text: event.notice } });
    } else if (event.kind === "sources") {
      const { plan, understood, sources } = event;
      facts = factsAbout(sources, new Set(plan.foods.flatMap(({ ids }) => ids)));
      yield { event: "understanding", data: { plan: summarizePlan(plan), understood } };
      yield { event: "sources", data: sources };
      yield { event: "facts", data: facts };
      yield* fallbacks;
    } else if (event.kind === "text") {
      yield { event: "text", data: { text: event.text } };
    } else if (event.kind === "notice") {
      yield { event: "notice", data: { kind: "restart", text: event.notice } };
    } else if (event.kind === "advice") {
      yield { event: "notice", data: { kind: "advice", text: event.advice } };
    } else if (event.kind === "answer") {
      const answer = { id: randomUUID(), facts, ...event.answer };
      recentAnswers.add(answer);
      onAnswer?.(answer, keyId);
      yield { event: "answer", data: answer };
    }
  }
}

/** What the records of named foods say. */
function factsAbout(sources: readonly Source[], named: ReadonlySet<string>): FoodFacts[] {
  return sources
    .filter(({ id }) => named.has(id))
    .map((source) => ({
      id: source.id,
      source: source.number,
      name: nameOf(source),
      facts: factsOf(source),
    }));
}
