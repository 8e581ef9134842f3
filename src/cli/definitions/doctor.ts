import type { CommandDefinition } from "../command.ts";
import { json, store } from "./shared.ts";

export const doctor = {
  name: "doctor",
  summary: "Check settings, data, index, tokens, Ollama and Chroma; changes nothing",
  options: { store, json },
  examples: [
    ["ragfood doctor", "one line per check, with what to do next; exit code 1 if any check fails"],
    ["ragfood doctor --json", "the same for a program"],
  ],
} as const satisfies CommandDefinition;
