import type { CommandDefinition } from "../command.ts";
import { json, store } from "./shared.ts";

export const info = {
  name: "info",
  summary: "Show what the index holds and how it embeds; creates nothing",
  options: { store, json },
  examples: [
    ["ragfood info", "kind of index, models, records by namespace"],
    ["ragfood info --json", "the same for a program"],
  ],
} as const satisfies CommandDefinition;
