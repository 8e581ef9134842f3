import {
  type MigrationRequest,
  type OpenMigration,
  openMigration,
} from "../composition/endpoints/migration.ts";
import { readSettings, type Settings } from "../config/settings.ts";
import { UsageError } from "../foundation/errors.ts";
import { parseEndpoint } from "../migration/run/index.ts";
import { oneOf, share } from "./arguments.ts";
import type { CommandContext } from "./command.ts";
import { readDumpKey } from "./dump-key.ts";
import { readingOptions, type SourceValues, sourceArguments } from "./source-options.ts";

const sidesArguments = {
  from: {
    type: "string",
    description: "the source: chroma_db/, http://HOST:8000, dump:DIR, embedded:DIR or upstash",
    valueHint: "source",
  },
  to: {
    type: "string",
    description: "the target: upstash, embedded:DIR, dump:DIR, or a Chroma server",
    valueHint: "target",
  },
  namespace: { type: "string", description: "of an index (default: NAMESPACE)", valueHint: "name" },
  "source-namespace": {
    type: "string",
    description: "of a source that is an index (default: that of --namespace)",
    valueHint: "name",
  },
  embed: { type: "string", description: "target: it makes the vectors of the texts", valueHint: "target" },
  vectors: { type: "string", description: "keep: the source's vectors are carried over", valueHint: "keep" },
  similarity: {
    type: "string",
    description: "of an embedded index that is made: COSINE (default), EUCLIDEAN or DOT_PRODUCT",
    valueHint: "name",
  },
  join: {
    type: "string",
    description: "a data file whose fields are joined to the records, by id",
    valueHint: "file",
  },
  queries: {
    type: "string",
    description: "run, compare: known questions, as evaluate takes them, that both sides are asked",
    valueHint: "file",
  },
  judgements: {
    type: "string",
    description: "run, compare: graded judgements (qrels) of the questions",
    valueHint: "file",
  },
  "minimum-hits": {
    type: "string",
    description:
      "run, compare: share of the questions that have to find an expected record among the first 3 (default: 0.8, or as many as the source)",
    valueHint: "0 to 1",
  },
  name: {
    type: "string",
    description: "of the migration (default: made of its two sides)",
    valueHint: "name",
  },
  backups: {
    type: "string",
    description: "where backups are kept (default: backups)",
    valueHint: "directory",
  },
  format: { type: "string", description: "of the dump: jsonl (default) or parquet", valueHint: "name" },
  encrypt: { type: "boolean", description: "encrypt the dump with the key of --key-file" },
  "key-file": {
    type: "string",
    description: "the key of an encrypted dump: a file with one line, <key id>:<32 bytes in base64>",
    valueHint: "file",
  },
} as const;

/** The arguments that name the two sides of a migration, and how it is done. */
export const migrationArguments: typeof sourceArguments & typeof sidesArguments = {
  ...sidesArguments,
  ...sourceArguments,
};

/** The values of `migrationArguments`. */
export type MigrationValues = SourceValues & {
  readonly [Name in keyof typeof sidesArguments]?: (Name extends "encrypt" ? boolean : string) | undefined;
};

/** Hands an open migration to `action` and closes it after, whatever happens. */
export async function withMigration<T>(
  values: MigrationValues,
  { environment }: Pick<CommandContext, "environment">,
  action: (migration: OpenMigration) => Promise<T>,
): Promise<T> {
  const migration = await openMigration(requestOf(values, readSettings(environment)));
  try {
    return await action(migration);
  } finally {
    await migration.close();
  }
}

/** @throws {UsageError} for values that do not go together */
function requestOf(values: MigrationValues, settings: Settings): MigrationRequest {
  const { from, to } = values;
  if (from === undefined || to === undefined) {
    throw new UsageError(`--${from === undefined ? "from" : "to"} is missing.`, {
      hint: "Like: ragfood migrate plan --from chroma_db/ --to upstash",
    });
  }
  const source = parseEndpoint(from);
  const embedding = embeddingOf(values);
  const { namespace, join, name } = values;
  const sourceNamespace = values["source-namespace"];
  return {
    settings,
    from: source,
    to: parseEndpoint(to),
    dumpFormat: formatOf(values.format),
    ...keysOf(values),
    ...(embedding && { embedding }),
    ...(values.similarity !== undefined && {
      similarity: oneOf("similarity", values.similarity, ["COSINE", "EUCLIDEAN", "DOT_PRODUCT"]),
    }),
    ...readingOptions(values),
    ...(namespace !== undefined && { namespace }),
    ...(sourceNamespace !== undefined && { sourceNamespace }),
    ...(join !== undefined && { join }),
    ...(name !== undefined && { name }),
    ...(values.backups !== undefined && { backupsDirectory: values.backups }),
    ...questionsOf(values),
  };
}

/** @throws {UsageError} for what belongs to questions, without any */
function questionsOf(values: MigrationValues): Pick<MigrationRequest, "questions"> {
  const { queries: file, judgements, "minimum-hits": minimum } = values;
  if (file === undefined) {
    if (judgements === undefined && minimum === undefined) return {};
    throw new UsageError(`--${judgements === undefined ? "minimum-hits" : "judgements"} needs --queries.`);
  }
  return {
    questions: {
      file,
      ...(judgements !== undefined && { judgements }),
      ...(minimum !== undefined && { minimumHits: share("minimum-hits", minimum) }),
    },
  };
}

function embeddingOf({ embed, vectors }: MigrationValues): MigrationRequest["embedding"] {
  if (embed !== undefined && vectors !== undefined) {
    throw new UsageError(
      "--embed and --vectors exclude each other: either the target embeds, or vectors are kept.",
    );
  }
  if (embed !== undefined) {
    if (embed !== "target") throw new UsageError(`--embed has to be target; it is "${embed}".`);
    return "target";
  }
  if (vectors === undefined) return undefined;
  if (vectors !== "keep") throw new UsageError(`--vectors has to be keep; it is "${vectors}".`);
  return "carried";
}

/** @throws {UsageError} */
export function formatOf(format = "jsonl"): "jsonl" | "parquet" {
  if (format === "jsonl" || format === "parquet") return format;
  throw new UsageError(`--format has to be jsonl or parquet; it is "${format}".`);
}

/** One key file: of the source, or with --encrypt of the dump that is made. */
export function keysOf({
  encrypt,
  "key-file": file,
}: Pick<MigrationValues, "encrypt" | "key-file">): Pick<MigrationRequest, "sourceKey" | "dumpKey"> {
  if (file === undefined) {
    if (encrypt !== true) return {};
    throw new UsageError("--encrypt needs --key-file.", {
      hint: `echo "backup-2026:$(openssl rand -base64 32)" > dump.key makes one; keep it apart from the dump.`,
    });
  }
  const key = readDumpKey(file);
  return encrypt === true ? { dumpKey: key } : { sourceKey: key };
}
