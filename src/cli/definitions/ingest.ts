import type { CommandDefinition } from "../command.ts";
import { json, namespace, store } from "./shared.ts";

export const ingest = {
  name: "ingest",
  summary: "Write the new and changed records of a data file to the index",
  words: [
    {
      name: "file",
      summary: "JSON or JSON Lines, gzipped or not; - reads standard input (default: JSON_FILE)",
    },
  ],
  options: {
    namespace,
    store,
    prune: { type: "flag", summary: "delete records that the file does not have" },
    json,
  },
  examples: [
    ["ragfood ingest", "the data file of the settings, by default the foods that come with ragfood"],
    ["ragfood ingest my-foods.json --prune", "make the index hold just this file"],
    ["curl -s https://example.com/foods.jsonl | ragfood ingest -", "the output of another program"],
    ["ragfood ingest usda.jsonl.gz --namespace usda", "a second data set beside the first"],
  ],
} as const satisfies CommandDefinition;
