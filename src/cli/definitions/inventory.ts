import type { CommandDefinition } from "../command.ts";
import { json } from "./shared.ts";
import { sourceOptions } from "./source.ts";

export const inventory = {
  name: "inventory",
  summary: "List what a Chroma holds and what a migration should know about it; changes nothing",
  words: [
    {
      name: "location",
      required: true,
      summary: "the directory of Chroma's files, or the URL of its server",
    },
  ],
  options: {
    ...sourceOptions,
    collection: { ...sourceOptions.collection, summary: "only the collections of this name" },
    json,
  },
  examples: [
    [
      "ragfood inventory chroma_db",
      "every collection: records, vectors, metadata, findings; exit code 1 if data is damaged",
    ],
    ["ragfood inventory chroma_db --collection foods --json", "one collection, for a program"],
    [
      "ragfood inventory http://127.0.0.1:8000",
      "a running server, in the tenant and database of the settings",
    ],
  ],
} as const satisfies CommandDefinition;
