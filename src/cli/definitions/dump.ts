import type { CommandDefinition } from "../command.ts";
import { format, sideOptions } from "./migrate.ts";
import { json, keyFile, namespace, plain } from "./shared.ts";
import { filter, sourceOptions } from "./source.ts";

const directory = { name: "directory", required: true, summary: "the directory of the dump" } as const;

export const exportDump = {
  name: "dump export",
  summary: "Write every record of a source into a dump",
  words: [
    { name: "source", required: true, summary: "a source, as migrate names it" },
    { name: "directory", required: true, summary: "the directory to create" },
  ],
  options: {
    ...sourceOptions,
    filter,
    namespace,
    format,
    encrypt: { type: "flag", summary: "encrypt with the key of --key-file" },
    plain,
    "key-file": keyFile,
    "allow-empty": sideOptions["allow-empty"],
    json,
  },
  examples: [
    ["ragfood dump export chroma_db/ foods-dump", "ids, texts, vectors and metadata, with hashes"],
    ["ragfood dump export upstash foods-dump --format parquet", "the index of the settings"],
  ],
} as const satisfies CommandDefinition;

export const check = {
  name: "dump check",
  summary: "Check a dump offline; exit code 1 if it is damaged",
  words: [directory],
  options: { "key-file": keyFile, json },
  examples: [
    ["ragfood dump check foods-dump", "every file against its hash, every record against its own"],
    ["ragfood dump check foods-dump --key-file dump.key", "the records of an encrypted dump too"],
  ],
} as const satisfies CommandDefinition;

export const importDump = {
  name: "dump import",
  summary: "Write the records of a dump to a target",
  words: [directory],
  options: {
    to: { type: "text", value: "target", default: "embedded", summary: "the target, as migrate names it" },
    namespace,
    filter,
    embed: sideOptions.embed,
    vectors: sideOptions.vectors,
    similarity: sideOptions.similarity,
    layout: sideOptions.layout,
    "rename-keys": sideOptions["rename-keys"],
    "drop-keys": sideOptions["drop-keys"],
    "skip-refused": sideOptions["skip-refused"],
    "allow-empty": sideOptions["allow-empty"],
    name: sideOptions.name,
    "key-file": keyFile,
    json,
  },
  examples: [
    ["ragfood dump import foods-dump --to upstash", "the same as migrate import --from dump:foods-dump"],
  ],
} as const satisfies CommandDefinition;
