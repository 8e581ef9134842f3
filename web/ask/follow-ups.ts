import { nameOf } from "./record.ts";
import type { Turn } from "./turn.ts";

/** Questions that may come next, of what the answer was about. */
export function followUps(turn: Turn): string[] {
  return nextQuestions(turn).filter((question) => question !== turn.question);
}

function nextQuestions({ plan, sources = [], answer }: Turn): string[] {
  const [first, second] = sources.map(nameOf);
  if (plan === undefined || answer === undefined || first === undefined) return [];
  if (plan.noun !== undefined) return second === undefined ? [] : [`Compare ${first} and ${second}`];
  switch (plan.kind) {
    case "fact":
      return [`What is ${first} made of?`, `What goes well with ${first}?`];
    case "compare":
      return ["Which of them has less energy?", "Are they vegan?"];
    case "superlative":
    case "list":
      return [
        "Which of them are gluten-free?",
        second === undefined ? `What is ${first} made of?` : `Compare ${first} and ${second}`,
      ];
    default:
      return [`What is ${first} made of?`, `Is ${first} vegan?`];
  }
}
