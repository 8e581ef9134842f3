import type { CommandDefinition } from "../command.ts";
import { json, namespace } from "./shared.ts";

export const ranking = {
  name: "evaluate ranking",
  summary: "Measure the ranking of search results against golden queries or judgements",
  options: {
    queries: {
      type: "file",
      summary:
        "golden queries; with --judgements, queries.jsonl of BEIR (default: those of the shipped foods)",
    },
    judgements: {
      type: "file",
      summary: "graded judgements (qrels): query, record and grade on each line",
    },
    "top-k": {
      type: "integer",
      short: "k",
      minimum: 1,
      maximum: 1_000,
      default: 10,
      summary: "depth of all figures",
    },
    gain: {
      type: "choice",
      choices: ["linear", "exponential"],
      default: "linear",
      summary: "how a grade counts; BEIR uses linear",
    },
    namespace,
    minimum: {
      type: "number",
      minimum: 0,
      maximum: 1,
      summary: "exit with code 1 if the mean nDCG is lower",
    },
    json,
  },
  examples: [
    ["ragfood evaluate", "nDCG@10, recall and one line per query, for the shipped golden queries"],
    ["ragfood evaluate --minimum 0.7", "for CI: exit code 1 if the results have become worse"],
    [
      "ragfood evaluate --queries queries.jsonl --judgements qrels.tsv --json",
      "a collection in BEIR's format",
    ],
  ],
} as const satisfies CommandDefinition;

export const answers = {
  name: "evaluate answers",
  summary: "Ask golden questions and judge the whole answers, as a user gets them",
  options: {
    queries: {
      type: "file",
      summary: "golden questions (default: those of the shipped foods)",
    },
    split: { type: "text", value: "name", summary: "ask only this part of the file" },
    kind: { type: "text", value: "name", summary: "ask only questions of this kind" },
    against: { type: "file", summary: "compare with an earlier run, saved with --json" },
    namespace,
    minimum: {
      type: "number",
      minimum: 0,
      maximum: 1,
      summary: "exit with code 1 if the share answered well is lower",
    },
    json,
  },
  examples: [
    ["ragfood evaluate answers --split tune", "answers of the tune split, judged one by one and by kind"],
    ["ragfood evaluate answers --json > after.json", "a run to compare with later: --against after.json"],
  ],
} as const satisfies CommandDefinition;
