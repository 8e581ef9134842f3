import type { CommandDefinition } from "../command.ts";
import { keyFile, namespace, plain } from "./shared.ts";
import { filter, sourceOptions } from "./source.ts";

export const format = {
  type: "choice",
  choices: ["jsonl", "parquet"],
  summary: "the format of a dump that is written (default: jsonl)",
} as const;

const json = { type: "flag", summary: "print JSON, one event a line" } as const;

/** The two sides of a migration and how records are carried over: the same for all actions on one migration. */
export const sideOptions = {
  from: {
    type: "text",
    value: "source",
    required: true,
    summary: "the source: chroma_db/, http://HOST:8000, dump:DIR, embedded:DIR or upstash",
  },
  to: {
    type: "text",
    value: "target",
    required: true,
    summary: "the target: upstash, embedded:DIR, dump:DIR, or a Chroma server",
  },
  ...sourceOptions,
  filter,
  namespace,
  "source-namespace": {
    type: "text",
    value: "name",
    summary: "the namespace of a source that is an index (default: that of --namespace)",
  },
  embed: {
    type: "choice",
    choices: ["target"],
    summary: "the target makes the vectors from the texts",
  },
  vectors: { type: "choice", choices: ["keep"], summary: "the vectors of the source are kept" },
  similarity: {
    type: "choice",
    choices: ["COSINE", "EUCLIDEAN", "DOT_PRODUCT"],
    summary: "the metric of an embedded index that is created (default: that of the source)",
  },
  join: { type: "file", summary: "a data file whose fields are joined to the records, by id" },
  layout: {
    type: "choice",
    choices: ["langchain", "llamaindex", "mastra"],
    summary: "put the text into the metadata where the Upstash store of this client reads it",
  },
  "allow-empty": { type: "flag", summary: "accept a source without records" },
  "rename-keys": {
    type: "text",
    value: "auto|file|old=new",
    summary:
      "rename metadata keys: auto (those that no filter can name), a JSON file of old and new names, or pairs",
  },
  "drop-keys": {
    type: "text",
    value: "key,key",
    summary: "leave out these metadata keys of the source, at the first level, and list each field",
  },
  "skip-refused": {
    type: "flag",
    summary: "leave out records that the target cannot hold or refuses, and list each",
  },
  name: {
    type: "text",
    value: "name",
    summary: "the name of the migration (default: made from its two sides)",
  },
  format,
  encrypt: { type: "flag", summary: "encrypt the dump with the key of --key-file" },
  plain,
  "key-file": keyFile,
} as const;

const acceptMetricChange = {
  type: "flag",
  summary: "migrate to an index with another metric than the source, although records rank differently",
} as const;

const overwrite = {
  type: "flag",
  summary: "replace records of the target that have ids of the source, other content, and another writer",
} as const;

const allowExtras = {
  type: "flag",
  summary: "accept records of the target that the source does not have",
} as const;

const allCollections = {
  type: "flag",
  summary: "every collection of a Chroma, to one namespace each, with one backup",
} as const;

const backups = {
  type: "text",
  value: "directory",
  summary: "the directory for backups (default: backups)",
} as const;

/** What the plan's costs and time depend on. */
const planOptions = {
  tier: {
    type: "choice",
    choices: ["free", "pay-as-you-go", "fixed", "pro"],
    summary: "the Upstash plan of the target: limits that it exceeds are problems",
  },
  rate: {
    type: "number",
    minimum: 1,
    maximum: 1_000_000,
    summary: "records a second, for the plan's time (default: an assumption)",
  },
} as const;

/** Known questions that both sides are asked. */
const questionOptions = {
  queries: { type: "file", summary: "known questions, in the format of evaluate" },
  judgements: { type: "file", summary: "graded judgements (qrels) of the questions" },
  "minimum-hits": {
    type: "number",
    minimum: 0,
    maximum: 1,
    summary:
      "share of the questions that have to find an expected record among the first 3 (default: 0.8, or the share of the source)",
  },
} as const;

const dryRun = { type: "flag", summary: "check and plan only; nothing is written" } as const;
const deleteExtras = {
  type: "flag",
  summary: "delete records that this migration wrote and the source no longer has",
} as const;

export const run = {
  name: "migrate run",
  summary: "Run all phases: check, backup, export, import, proof, comparison",
  options: {
    ...sideOptions,
    ...planOptions,
    ...questionOptions,
    backups,
    "accept-metric-change": acceptMetricChange,
    overwrite,
    "allow-extras": allowExtras,
    "all-collections": allCollections,
    "dry-run": dryRun,
    json,
  },
  examples: [
    ["ragfood migrate run --from chroma_db/ --to upstash", "everything, each phase behind its gate"],
    ["ragfood migrate run --from chroma_db/ --to upstash --dry-run", "what it would do; writes nothing"],
    [
      "ragfood migrate run --from chroma_db/ --to embedded:index --vectors keep --join foods.json",
      "the vectors unchanged, with region and type from the data file",
    ],
  ],
} as const satisfies CommandDefinition;

export const plan = {
  name: "migrate plan",
  summary: "Show what a run would do, with time, cost and findings; writes nothing",
  options: {
    ...sideOptions,
    ...planOptions,
    backups,
    "accept-metric-change": acceptMetricChange,
    overwrite,
    "all-collections": allCollections,
    "dry-run": dryRun,
    json,
  },
  examples: [
    ["ragfood migrate plan --from chroma_db/ --to upstash", "exit code 1 if the run is not possible"],
  ],
} as const satisfies CommandDefinition;

export const importRecords = {
  name: "migrate import",
  summary: "Import records from the source to the target, without the other phases",
  options: { ...sideOptions, overwrite, "dry-run": dryRun, json },
  examples: [
    ["ragfood migrate import --from chroma_db/ --to upstash", "records that are already there are skipped"],
  ],
} as const satisfies CommandDefinition;

export const verify = {
  name: "migrate verify",
  summary: "Compare every record of both sides; writes nothing",
  options: { ...sideOptions, "allow-extras": allowExtras, json },
  examples: [["ragfood migrate verify --from chroma_db/ --to upstash", "exit code 1 if anything differs"]],
} as const satisfies CommandDefinition;

export const repair = {
  name: "migrate repair",
  summary: "Write records that differ again, and verify",
  options: { ...sideOptions, "delete-extras": deleteExtras, json },
  examples: [
    ["ragfood migrate repair --from chroma_db/ --to upstash", "exit code 1 if anything still differs"],
  ],
} as const satisfies CommandDefinition;

export const catchUp = {
  name: "migrate catch-up",
  summary: "Bring over what was written to the source meanwhile, round after round",
  options: { ...sideOptions, "delete-extras": deleteExtras, json },
  examples: [
    ["ragfood migrate catch-up --from http://127.0.0.1:8000 --to upstash", "until both sides are identical"],
  ],
} as const satisfies CommandDefinition;

export const compare = {
  name: "migrate compare",
  summary: "Ask both sides the same queries and explain the differences",
  options: { ...sideOptions, ...questionOptions, "allow-extras": allowExtras, json },
  examples: [
    [
      "ragfood migrate compare --from chroma_db/ --to upstash --queries questions.json",
      "exit code 1 for a difference that has no explanation",
    ],
  ],
} as const satisfies CommandDefinition;

export const bench = {
  name: "migrate bench",
  summary: "Measure the latency of both sides with the same queries",
  options: { ...sideOptions, json },
  examples: [
    ["ragfood migrate bench --from chroma_db/ --to upstash", "exit code 1 if the target misses an objective"],
  ],
} as const satisfies CommandDefinition;

export const status = {
  name: "migrate status",
  summary: "Show the state of the migrations of this project",
  options: {
    name: { type: "text", value: "name", summary: "only this migration; exit code 1 unless it is complete" },
    json,
  },
  examples: [["ragfood migrate status", "the phases of each migration"]],
} as const satisfies CommandDefinition;
