import type { FlagOption, IntegerOption, TextOption } from "../command.ts";

export const json = { type: "flag", summary: "print JSON" } as const satisfies FlagOption;

export const namespace = {
  type: "text",
  value: "name",
  summary: "the namespace of the index (default: NAMESPACE)",
} as const satisfies TextOption;

/** The commands that compare the two stores of a pair. */
export const comparison = {
  sample: {
    type: "integer",
    minimum: 1,
    maximum: 1_000_000_000,
    summary: "records to compare (default: all)",
  },
  repair: {
    type: "flag",
    summary: "have the records that differ copied from the leading store again; up to 1,000",
  },
  json,
} as const satisfies Record<string, FlagOption | IntegerOption>;

/** The commands that look at a running service. */
export const serviceUrl = {
  type: "text",
  value: "URL",
  summary: "the address of the service (default: SERVICE_URL, or http://127.0.0.1:8080)",
} as const satisfies TextOption;

/** The commands that use an index can name another store than the settings do. */
export const store = {
  type: "choice",
  choices: ["upstash", "embedded", "chroma"],
  summary: "the store to use (default: STORE)",
} as const;

const topK = {
  type: "integer",
  short: "k",
  minimum: 1,
  maximum: 1_000,
  summary: "matches to retrieve (default: MAX_RESULTS, 3)",
} as const satisfies IntegerOption;

/** The options of the commands that search. */
export const questionOptions = {
  region: { type: "text", value: "name", summary: "only foods of this region" },
  type: { type: "text", value: "name", summary: "only foods of this type" },
  filter: {
    type: "text",
    value: "expression",
    summary: "only records for which this is true (docs/filters.md)",
  },
  literal: {
    type: "flag",
    summary: "search for the words as they are: no correction, no filter, no named food",
  },
  explain: { type: "flag", summary: "print what the question was understood as" },
  "top-k": topK,
  namespace,
  store,
  json,
} as const;

export const plain = {
  type: "flag",
  summary: "do not encrypt the dump of an index whose records are encrypted (ENCRYPTION_KEYS)",
} as const;

export const keyFile = {
  type: "text",
  value: "file",
  summary: "the key of an encrypted dump: a file with one line, <key id>:<32 bytes in base64>",
} as const satisfies TextOption;

/** Of a list that begins with the newest. */
export const newestLimit = {
  type: "integer",
  minimum: 1,
  maximum: 1_000,
  default: 20,
  summary: "list this many, the newest first",
} as const;
