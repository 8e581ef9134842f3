import type { CommandDefinition } from "../command.ts";
import { comparison } from "./shared.ts";

export const verify = {
  name: "fallback verify",
  summary: "Compare the index with its second copy, record by record; exit code 1 for a difference",
  options: comparison,
  examples: [
    ["ragfood fallback verify", "needs FALLBACK_WRITES=copy; every record that differs, by its id"],
    ["ragfood fallback verify --repair", "the same; running processes copy what differs again"],
  ],
} as const satisfies CommandDefinition;
