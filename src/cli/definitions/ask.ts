import type { CommandDefinition } from "../command.ts";
import { questionOptions } from "./shared.ts";

export const ask = {
  name: "ask",
  summary: "Answer one question from the data, with its sources",
  words: [{ name: "question", many: true, summary: "the question, quoted or not" }],
  options: questionOptions,
  examples: [
    ['ragfood ask "Which spicy dishes come from India?"', "the three best sources, and an answer from them"],
    ['ragfood ask "What is good for breakfast?" --region Japan --top-k 5', "five sources, all Japanese"],
    [
      `ragfood ask "A light dinner" --filter "diet CONTAINS 'vegan' AND type IN ('Soup', 'Salad')"`,
      "any field can be filtered on",
    ],
  ],
} as const satisfies CommandDefinition;
