import type { RequestPart } from "../generator.ts";
import type { Source } from "../source.ts";
import type { QuestionPlan } from "../understanding/plan.ts";
import type { Retrieval } from "./retriever.ts";

/**
 * The sources of all questions that a question consists of, numbered as one list, and each question with its own.
 *
 * @param decline what to say to a question without sources
 */
export function joinRetrievals(
  plans: readonly QuestionPlan[],
  retrievals: readonly Retrieval[],
  decline: (plan: QuestionPlan) => string,
): { sources: readonly Source[]; parts: readonly RequestPart[] } {
  const joined = new Map<string, Source>();
  const parts = retrievals.map(({ sources, matchCount }, place): RequestPart => {
    const whole = plans[place] as QuestionPlan;
    const dropped = whole.constraints.filter(({ isDropped }) => isDropped);
    const plan = {
      ...whole,
      constraints: whole.constraints.filter(({ isDropped }) => !isDropped),
      ...(dropped.length > 0 && { dropped }),
    };
    const own = sources.map((source): Source => {
      const known = joined.get(source.id) ?? { ...source, number: joined.size + 1 };
      joined.set(source.id, known);
      return { ...source, number: known.number };
    });
    const declined = plans.length > 1 && own.length === 0;
    return {
      plan,
      sources: own,
      matchCount,
      ...(declined && { declined: `“${plan.question.replace(/[?\s]+$/, "")}”: ${decline(plan)}` }),
    };
  });
  return { sources: [...joined.values()], parts };
}
