import type { CommandDefinition } from "../command.ts";
import { questionOptions } from "./shared.ts";

export const search = {
  name: "search",
  summary: "Show the best matches for a text, without an answer",
  words: [{ name: "text", many: true, summary: "the text to search for, quoted or not" }],
  options: questionOptions,
  examples: [
    ["ragfood search fermented soybeans --top-k 5", "the five best matches"],
    ["ragfood search noodle soup --region Vietnam --json", "as JSON, for a program"],
  ],
} as const satisfies CommandDefinition;
