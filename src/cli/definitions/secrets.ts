import type { CommandDefinition } from "../command.ts";
import { json } from "./shared.ts";

export const scan = {
  name: "secrets scan",
  summary: "Look for tokens and keys in files and in the git history; exit code 1 if any are found",
  words: [{ name: "path", summary: "a directory or a file (default: the current directory)" }],
  options: {
    history: { type: "flag", default: true, summary: "do not scan the git history" },
    json,
  },
  examples: [
    ["ragfood secrets scan", "the repository of this directory, with its whole history"],
    ["ragfood secrets scan src --no-history --json", "the files of one directory, for a program"],
  ],
} as const satisfies CommandDefinition;
