import type { CommandDefinition } from "../command.ts";
import { json, namespace, store } from "./shared.ts";

export const ingest = {
  name: "ingest",
  summary: "Write the new and changed records of a data file to the index",
  words: [
    {
      name: "file",
      type: "file",
      summary: "JSON or JSON Lines, gzipped or not; - reads standard input (default: JSON_FILE)",
    },
  ],
  options: {
    namespace,
    store,
    "text-field": {
      type: "text",
      value: "name",
      many: true,
      summary:
        "a field that holds the text of a record (default: text); give it several times to join fields",
    },
    prune: { type: "flag", summary: "delete records that the file does not have; asks first" },
    yes: { type: "flag", summary: "do not ask before records are deleted" },
    force: { type: "flag", summary: "allow to delete more than half of the records" },
    "dry-run": { type: "flag", summary: "only show what would be written and deleted" },
    json,
  },
  examples: [
    ["ragfood ingest", "the data file of the settings, by default the foods that come with ragfood"],
    ["ragfood ingest my-foods.json --prune", "make the index hold just this file"],
    [
      "ragfood ingest menu.json --text-field name --text-field description --dry-run",
      "show what a file of another shape would add",
    ],
    ["curl -s https://example.com/foods.jsonl | ragfood ingest -", "the output of another program"],
    ["ragfood ingest usda.jsonl.gz --namespace usda", "a second data set beside the first"],
  ],
} as const satisfies CommandDefinition;
