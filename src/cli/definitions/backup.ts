import type { CommandDefinition } from "../command.ts";
import { json } from "./shared.ts";

const archive = { name: "archive", required: true, summary: "the backup, a .tar.gz file" } as const;

export const create = {
  name: "backup create",
  summary: "Back a directory up into an archive, and read the archive back to compare",
  words: [
    { name: "directory", required: true, summary: "the directory to back up" },
    { name: "into", summary: "the directory for backups (default: backups)" },
  ],
  options: {
    "include-journals": {
      type: "flag",
      summary: "accept a database that was left in the middle of a transaction, with its journal",
    },
    json,
  },
  examples: [["ragfood backup create chroma_db", "backups/chroma_db-<time>.tar.gz, read back and compared"]],
} as const satisfies CommandDefinition;

export const verify = {
  name: "backup verify",
  summary: "Compare every file of a backup with its hash",
  words: [archive],
  options: { json },
  examples: [
    ["ragfood backup verify backups/chroma_db-20260101T090000.000Z.tar.gz", "exit code 1 if it is damaged"],
  ],
} as const satisfies CommandDefinition;

export const restore = {
  name: "backup restore",
  summary: "Restore a backup into a new directory",
  words: [archive, { name: "into", required: true, summary: "the directory to create" }],
  options: { json },
  examples: [
    [
      "ragfood backup restore backups/chroma_db-20260101T090000.000Z.tar.gz chroma_restored",
      "into a directory that does not exist yet",
    ],
  ],
} as const satisfies CommandDefinition;
