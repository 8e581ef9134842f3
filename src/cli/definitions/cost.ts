import type { CommandDefinition } from "../command.ts";
import { json, store } from "./shared.ts";

export const cost = {
  name: "cost",
  summary: "Estimate the cost of Upstash Vector by plan, now and after growth, or show the live counts",
  options: {
    from: {
      type: "text",
      value: "source",
      summary: "measure a source, as migrate names it, instead of the index: the cost before a migration",
    },
    records: {
      type: "integer",
      minimum: 0,
      maximum: 1_000_000_000_000,
      summary: "number of records (default: read from the index, with the sizes below)",
    },
    dimension: {
      type: "integer",
      minimum: 0,
      maximum: 5_376,
      summary: "dimension of the vectors (default: of the index, or VECTOR_DIMENSION)",
    },
    "record-bytes": {
      type: "integer",
      minimum: 0,
      maximum: 1_100_000,
      summary: "bytes of text and metadata of one record (default: of the index, or 1000)",
    },
    namespaces: {
      type: "integer",
      minimum: 1,
      maximum: 1_000_000,
      summary: "number of namespaces (default: of the index, or 1)",
    },
    queries: {
      type: "integer",
      minimum: 0,
      maximum: 1_000_000_000,
      default: 1_000,
      summary: "queries a day",
    },
    upserts: {
      type: "integer",
      minimum: 0,
      maximum: 1_000_000_000,
      default: 0,
      summary: "records written or deleted a day",
    },
    growth: {
      type: "number",
      minimum: 1.01,
      maximum: 1_000_000,
      default: 10,
      summary: "how many times as much data and traffic to plan for",
    },
    months: { type: "integer", minimum: 1, maximum: 600, default: 12, summary: "months until then" },
    live: {
      type: "flag",
      summary: "show what was billed this month so far, by all processes that share the state",
    },
    prices: { type: "file", summary: "a newer copy of data/prices.json" },
    store,
    json,
  },
  examples: [
    ["ragfood cost", "the index of the settings at 1,000 queries a day"],
    [
      "ragfood cost --records 1000000 --dimension 1024 --queries 20000 --upserts 5000",
      "an index that does not exist yet",
    ],
    ["ragfood cost --live", "billed requests of this month, and what is left of the budget"],
    ["ragfood cost --growth 10 --months 24 --json", "cost and limits after growth, for a program"],
  ],
} as const satisfies CommandDefinition;
