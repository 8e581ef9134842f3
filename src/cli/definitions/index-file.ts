import type { CommandDefinition } from "../command.ts";
import { json } from "./shared.ts";

const directory = {
  name: "directory",
  summary: "the directory of the index (default: RAGFOOD_DIR)",
} as const;

export const verify = {
  name: "index verify",
  summary: "Compare every record of the embedded index with its checksum",
  words: [directory],
  options: { json },
  examples: [["ragfood index verify", "exit code 1 if anything is damaged"]],
} as const satisfies CommandDefinition;

export const backup = {
  name: "index backup",
  summary: "Copy the embedded index into one file, while other processes use it",
  words: [{ name: "file", required: true, summary: "the file to write" }, directory],
  options: { overwrite: { type: "flag", summary: "replace an existing file" }, json },
  examples: [["ragfood index backup monday.sqlite", "also while ragfood emulator serves the index"]],
} as const satisfies CommandDefinition;

export const restore = {
  name: "index restore",
  summary: "Make a backup of an embedded index the index",
  words: [{ name: "file", type: "file", required: true, summary: "the backup" }, directory],
  options: { overwrite: { type: "flag", summary: "replace an existing index" }, json },
  examples: [
    ["ragfood index restore monday.sqlite --overwrite", "verified first, then put in place at once"],
  ],
} as const satisfies CommandDefinition;

export const repair = {
  name: "index repair",
  summary: "Copy all whole records of a damaged embedded index into a new one",
  words: [directory],
  options: { json },
  examples: [
    ["ragfood index repair", "the damaged file is kept beside it; exit code 1 if records are or may be lost"],
  ],
} as const satisfies CommandDefinition;
