import { knownDumpKey, ownDumpKey } from "../composition/dump-keys.ts";
import {
  type MigrationRequest,
  type OpenMigration,
  openMigration,
} from "../composition/endpoints/migration.ts";
import { readKeyFile } from "../composition/key-file.ts";
import { readSettings, type Settings } from "../config/settings.ts";
import { UsageError } from "../foundation/errors.ts";
import { parseKeys } from "../migration/omission/index.ts";
import { type Endpoint, parseEndpoint } from "../migration/run/index.ts";
import type { CommandContext, ValuesOf } from "./command.ts";
import type { run } from "./definitions/migrate.ts";
import { OutageNotes } from "./outage-notes.ts";
import { readingOptions } from "./source-options.ts";

type RunValues = ValuesOf<typeof run>;

/** The two sides of a migration, and the options that an action has besides. */
export type MigrationValues = Pick<RunValues, "from" | "to"> & {
  readonly [Name in keyof RunValues]?: RunValues[Name] | undefined;
};

/** Opens a migration for `action` and closes it afterwards in every case. */
export async function withMigration<T>(
  values: MigrationValues,
  { environment, signal, terminal }: Pick<CommandContext, "environment" | "signal" | "terminal">,
  action: (migration: OpenMigration) => Promise<T>,
): Promise<T> {
  const onTransportEvent = new OutageNotes(terminal).observe;
  const migration = await openMigration({
    ...requestOf(values, readSettings(environment)),
    signal,
    onTransportEvent,
  });
  try {
    return await action(migration);
  } finally {
    await migration.close();
  }
}

/** @throws {UsageError} for values that do not go together */
function requestOf(values: MigrationValues, settings: Settings): MigrationRequest {
  const { from, to } = values;
  const source = parseEndpoint(from);
  const embedding = embeddingOf(values);
  const { namespace, join, name } = values;
  const sourceNamespace = values["source-namespace"];
  return {
    settings,
    from: source,
    to: parseEndpoint(to),
    dumpFormat: values.format ?? "jsonl",
    ...keysOf(values, source, settings),
    ...(embedding && { embedding }),
    ...(values.similarity !== undefined && { similarity: values.similarity }),
    ...(values.layout !== undefined && { layout: values.layout }),
    allowExtras: values["allow-extras"] ?? false,
    allowEmpty: values["allow-empty"] ?? false,
    ...readingOptions(values),
    ...(namespace !== undefined && { namespace }),
    ...(sourceNamespace !== undefined && { sourceNamespace }),
    ...(join !== undefined && { join }),
    ...(values["rename-keys"] !== undefined && { renameKeys: values["rename-keys"] }),
    ...(values["drop-keys"] !== undefined && { droppedKeys: parseKeys(values["drop-keys"]) }),
    skipRefused: values["skip-refused"] ?? false,
    ...planningOf(values),
    ...(name !== undefined && { name }),
    ...(values.backups !== undefined && { backupsDirectory: values.backups }),
    ...questionsOf(values),
  };
}

function planningOf(values: MigrationValues): Pick<MigrationRequest, "planning"> {
  const { tier, rate, "accept-metric-change": acceptMetricChange, overwrite } = values;
  return {
    planning: {
      ...(tier !== undefined && { plan: tier }),
      ...(acceptMetricChange !== undefined && { acceptMetricChange }),
      ...(overwrite !== undefined && { overwrite }),
      ...(rate !== undefined && { rate: { recordsPerSecond: rate, basis: "stated" } }),
    },
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
      ...(minimum !== undefined && { minimumHits: minimum }),
    },
  };
}

function embeddingOf({ embed, vectors }: MigrationValues): MigrationRequest["embedding"] {
  if (embed !== undefined && vectors !== undefined) {
    throw new UsageError(
      "--embed and --vectors exclude each other: either the target embeds, or vectors are kept.",
    );
  }
  if (embed !== undefined) return "target";
  return vectors === undefined ? undefined : "carried";
}

/**
 * The keys of the dumps that a command reads and writes. One key file: of the source, or with --encrypt of the dump
 * that is made. Without one, the dump of an index with encrypted records is encrypted with a key of the settings.
 *
 * @throws {UsageError} for options that exclude each other
 */
export function keysOf(
  {
    encrypt = false,
    plain = false,
    "key-file": file,
  }: Pick<MigrationValues, "encrypt" | "plain" | "key-file">,
  source: Endpoint,
  settings: Settings,
): Pick<MigrationRequest, "sourceKey" | "dumpKey"> {
  if (encrypt && plain) throw new UsageError("--encrypt and --plain exclude each other.");
  if (encrypt && file === undefined) {
    throw new UsageError("--encrypt needs --key-file.", {
      hint: `echo "backup-2026:$(openssl rand -base64 32)" > dump.key makes one; keep it apart from the dump.`,
    });
  }
  const key = file === undefined ? undefined : readKeyFile(file);
  const dumpKey = encrypt ? key : plain ? undefined : ownDumpKey(source, settings);
  const known = source.kind === "dump" ? knownDumpKey(source.path, settings) : undefined;
  const sourceKey = (encrypt ? undefined : key) ?? known;
  return { ...(dumpKey && { dumpKey }), ...(sourceKey && { sourceKey }) };
}
