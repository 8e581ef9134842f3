import type { CommandDefinition } from "../command.ts";

const similarityFunctions = ["COSINE", "EUCLIDEAN", "DOT_PRODUCT"] as const;

/** The options that describe one index; `--config` describes all of them instead. */
const index = {
  type: { type: "choice", choices: ["DENSE", "SPARSE", "HYBRID"], summary: "the kind of index" },
  dimension: {
    type: "integer",
    minimum: 1,
    maximum: 5_376,
    summary: "dimensions of dense vectors (default: VECTOR_DIMENSION, 1024)",
  },
  similarity: {
    type: "choice",
    choices: similarityFunctions,
    summary: "how dense vectors are compared (default: COSINE)",
  },
  "embedding-model": { type: "text", value: "name", summary: "the model for raw text (default: none)" },
  token: {
    type: "text",
    value: "token",
    summary: "the full token (default: the token of the settings, else a random one)",
  },
  "read-only-token": {
    type: "text",
    value: "token",
    summary: "the read-only token (default: the token of the settings, else a random one)",
  },
  seed: { type: "file", summary: "records to write if the index is empty" },
} as const;

export const emulator = {
  name: "emulator",
  summary: "Serve embedded indexes over HTTP like Upstash Vector, for any of its clients",
  options: {
    port: {
      type: "integer",
      minimum: 0,
      maximum: 65_535,
      default: 8_079,
      summary: "the port to listen on; 0 takes a free one",
    },
    host: { type: "text", value: "address", default: "127.0.0.1", summary: "the address to listen on" },
    data: {
      type: "text",
      value: "directory",
      summary: "the directory of the indexes (default: RAGFOOD_DIR, .ragfood)",
    },
    workers: {
      type: "integer",
      minimum: 1,
      maximum: 64,
      default: 1,
      summary: "processes that serve: each answers requests on its own core, and takes its own memory",
    },
    memory: { type: "flag", summary: "keep the indexes in memory only" },
    config: {
      type: "file",
      summary: "a JSON file that describes several indexes (docs/emulator.md)",
    },
    ...index,
    "allow-origin": {
      type: "text",
      value: "origin",
      many: true,
      summary: "a web origin whose pages may use the indexes, like https://app.example (default: any)",
    },
    log: {
      type: "choice",
      choices: ["text", "json", "off"],
      default: "text",
      summary: "one line on standard error for each request",
    },
    ui: {
      type: "flag",
      summary: "serve the data browser at /data: records, queries, a live log, simulated faults",
    },
    json: { type: "flag", summary: "print addresses and tokens as JSON" },
  },
  examples: [
    ["ragfood emulator --port 8079 --data .ragfood", "the index that ragfood itself uses: raw text, BM25"],
    ["ragfood emulator --type DENSE --dimension 384 --data ./vectors", "an index for your own vectors"],
    ["ragfood emulator --ui", "look into the index in a browser, at http://127.0.0.1:8079/data"],
    [
      "ragfood emulator --config indexes.json --memory",
      "several indexes, each under its path, for a test run",
    ],
  ],
} as const satisfies CommandDefinition;
