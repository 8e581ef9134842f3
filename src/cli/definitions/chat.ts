import type { CommandDefinition } from "../command.ts";
import { questionOptions } from "./shared.ts";

export const chat = {
  name: "chat",
  summary: "Answer question after question, until exit",
  options: {
    ...questionOptions,
    json: { type: "flag", summary: "print one line of JSON for each question: the answer, or the error" },
  },
  examples: [
    ["ragfood chat", "ask; continue with “and which of them are vegan?”; leave with exit"],
    ["ragfood chat --region Italy < questions.txt", "one question a line"],
    [
      "ragfood chat --json < questions.txt > answers.jsonl",
      'one line for each: {"question", "text", "sources", …} as ask --json prints it, or {"question", "error"}',
    ],
  ],
} as const satisfies CommandDefinition;
