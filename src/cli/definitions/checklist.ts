import type { CommandDefinition } from "../command.ts";
import { spanOptions } from "../span.ts";
import { json } from "./shared.ts";

export const checklist = {
  name: "checklist",
  summary: "Evaluate the success criteria of the migration; exit code 1 unless all pass",
  options: {
    name: { type: "text", value: "name", summary: "one migration (default: all of this project)" },
    ...spanOptions,
    "minimum-satisfaction": {
      type: "number",
      minimum: 0,
      maximum: 1,
      default: 0.8,
      summary: "share of votes up that passes",
    },
    json,
  },
  examples: [
    ["ragfood checklist", "objectives and votes of the last seven days, and every migration"],
    ["ragfood checklist --last 30d --json", "a month, for a program"],
  ],
} as const satisfies CommandDefinition;
