import type { CommandDefinition } from "../command.ts";
import { json, namespace, store } from "./shared.ts";

const prefix = { type: "text", value: "text", summary: "only records whose id begins with this" } as const;

const filter = {
  type: "text",
  value: "expression",
  summary: "all records for which this is true (docs/filters.md)",
} as const;

export const get = {
  name: "get",
  summary: "Show records by their ids: text and metadata",
  words: [{ name: "id", required: true, many: true, summary: "the ids of the records" }],
  options: {
    vectors: { type: "flag", summary: "with --json: also print the vectors" },
    namespace,
    store,
    json,
  },
  examples: [
    ["ragfood get aloo-gobi", "one record; exit code 1 if it does not exist"],
    ["ragfood get aloo-gobi vindaloo --json", "several, for a program"],
  ],
} as const satisfies CommandDefinition;

export const list = {
  name: "list",
  summary: "List the records of a namespace: id and the beginning of the text",
  options: {
    prefix,
    filter,
    limit: {
      type: "integer",
      minimum: 1,
      maximum: 1_000_000,
      default: 100,
      summary: "the most records to list",
    },
    namespace,
    store,
    json,
  },
  examples: [
    ["ragfood list --limit 20", "the first 20 records"],
    [`ragfood list --filter "region = 'Peru'"`, "what delete with the same filter would remove"],
    ["ragfood list --prefix usda- --json", "records with text and metadata, one a line, for a program"],
  ],
} as const satisfies CommandDefinition;

export const remove = {
  name: "delete",
  summary: "Delete records by their ids, a prefix or a filter",
  words: [{ name: "id", many: true, summary: "the ids of the records" }],
  options: {
    prefix,
    filter,
    yes: { type: "flag", summary: "do not ask before a prefix or a filter deletes records" },
    namespace,
    store,
    json,
  },
  examples: [
    ["ragfood delete aloo-gobi vindaloo", "two records; exit code 1 if one does not exist"],
    ["ragfood delete --prefix usda- --yes", "all records whose id begins so, without a question"],
    [`ragfood delete --filter "region = 'Peru'"`, "all records that the filter finds; asks first"],
  ],
} as const satisfies CommandDefinition;
