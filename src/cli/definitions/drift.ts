import type { CommandDefinition } from "../command.ts";
import { json } from "./shared.ts";

export const drift = {
  name: "drift",
  summary: "Check whether the embedding model still makes the same vectors; exit code 1 if not",
  options: {
    threshold: {
      type: "number",
      minimum: 0.000001,
      maximum: 2,
      summary: "largest change of a similarity that counts as the same model (default: 0.01)",
    },
    reset: { type: "flag", summary: "make what the model does now the new baseline" },
    json,
  },
  examples: [
    ["ragfood drift", "the first time it records a baseline, then it compares with it"],
    ["ragfood drift --reset", "after a change of the model that is meant"],
  ],
} as const satisfies CommandDefinition;
