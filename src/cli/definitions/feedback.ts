import type { CommandDefinition } from "../command.ts";
import { spanOptions } from "../span.ts";
import { json } from "./shared.ts";

export const list = {
  name: "feedback list",
  summary: "List votes and comments on answers, the newest first, and the satisfaction by day",
  options: {
    ...spanOptions,
    vote: { type: "choice", choices: ["up", "down"], summary: "only these votes" },
    limit: { type: "integer", minimum: 1, maximum: 1_000, default: 50, summary: "votes to list" },
    json,
  },
  examples: [
    ["ragfood feedback list", "the votes of the last seven days"],
    ["ragfood feedback list --last 4w --vote down", "what users disliked within four weeks"],
    ["ragfood feedback list --from 2026-11-01 --to 2026-12-01 --json", "a month, for a program"],
  ],
} as const satisfies CommandDefinition;
