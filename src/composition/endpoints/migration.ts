import { dirname, resolve } from "node:path";
import type { Settings } from "../../config/settings.ts";
import type { SimilarityFunction } from "../../embedded/index.ts";
import { readBeirQueries, readGoldenQueries } from "../../evaluation/index.ts";
import { DataError, UsageError } from "../../foundation/errors.ts";
import { type DumpKey, openDump } from "../../migration/dump/index.ts";
import { filterText } from "../../migration/filtered-source.ts";
import { ledgerFile, readRefusedRecords } from "../../migration/ledger/index.ts";
import { type AcceptedSourceOptions, refusalRule } from "../../migration/omission/index.ts";
import {
  defaultName,
  type Endpoint,
  type KnownQuestions,
  type Migration,
  type MigrationSource,
  type TargetDesign,
} from "../../migration/run/index.ts";
import type { SourceDescription } from "../../migration/source.ts";
import type { Embedding } from "../../migration/target.ts";
import type { Filter } from "../../store/filter.ts";
import { embedderOf } from "../application.ts";
import { type ChangeOptions, recordChanges } from "./changes.ts";
import { examineEndpoints } from "./examine.ts";
import { openReference } from "./reference.ts";
import { openSource, type ReadingOptions, type SourceOptions } from "./source.ts";
import { prepareTarget } from "./target.ts";

export { openSource } from "./source.ts";

/** The sides and the options of a migration. */
export interface MigrationRequest extends ReadingOptions, ChangeOptions {
  readonly settings: Settings;
  readonly from: Endpoint;
  readonly to: Endpoint;
  /** The namespace of the target, and of a source that is an index. Default: that of the settings. */
  readonly namespace?: string;
  readonly sourceNamespace?: string;
  readonly embedding?: Embedding;
  readonly similarity?: SimilarityFunction;
  readonly template?: string;
  /** Leaves out records that the target cannot hold or refuses. Default false. */
  readonly skipRefused?: boolean;
  readonly planning?: Migration["planning"];
  /** Records of the target that the source does not have do not stop the migration. Default false. */
  readonly allowExtras?: boolean;
  /** A source without records is no error. Default false. */
  readonly allowEmpty?: boolean;
  /** Default: made from the two sides. */
  readonly name?: string;
  readonly dumpFormat?: "jsonl" | "parquet";
  /** The key of an encrypted dump that is the source. */
  readonly sourceKey?: DumpKey;
  /** Encrypts the dump that is exported. */
  readonly dumpKey?: DumpKey;
  /** Default `backups`. */
  readonly backupsDirectory?: string;
  /** Known questions for both sides. */
  readonly questions?: QuestionFiles;
}

/** Known questions, as `ragfood evaluate` reads them. */
interface QuestionFiles {
  readonly file: string;
  /** Graded judgements; the file then has BEIR's form. */
  readonly judgements?: string;
  /** Share of them that must be hits, 0 to 1. */
  readonly minimumHits?: number;
}

/** A migration with its source open. */
export interface OpenMigration extends Migration {
  close(): Promise<void>;
}

/**
 * Opens the source and reads the description of the target. Nothing is written or created.
 *
 * @throws {UsageError} for sides or options that cannot be combined
 * @throws {DataError} for a source without records, unless `allowEmpty`
 * @throws {DataError | StorageError | ServiceError} if a side cannot be read
 */
export async function openMigration(given: MigrationRequest): Promise<OpenMigration> {
  const request = withTargetScope(given);
  const source = await openSource(request.from, sourceOptions(request));
  try {
    return await openWithSource(request, source);
  } catch (error) {
    await source.close();
    throw error;
  }
}

/** Tenant and database are those of the side that is a Chroma; of the source, if both are. */
function withTargetScope(request: MigrationRequest): MigrationRequest {
  const { from, to, tenant, database, settings, ...rest } = request;
  if (from.kind.startsWith("chroma-") || to.kind !== "chroma-server") return request;
  const chroma = {
    ...settings.chroma,
    ...(tenant !== undefined && { tenant }),
    ...(database !== undefined && { database }),
  };
  return { ...rest, from, to, settings: { ...settings, chroma } };
}

async function openWithSource(request: MigrationRequest, source: MigrationSource): Promise<OpenMigration> {
  const { settings, template = settings.template, dumpKey } = request;
  const description = await source.records.describe(request.signal ? { signal: request.signal } : {});
  if (!request.allowEmpty) requireRecords(source.records.name, description);
  const questions = request.questions && (await readQuestions(request.questions));
  const target = await prepareTarget(request.to, description, request);
  requireTwo(source, target.design, request.filter);
  if (target.design.embedding === "target") source.records.acceptMissingVectors?.();
  const { dimension } = await source.records.describe(request.signal ? { signal: request.signal } : {});
  const { layout, droppedKeys = [], skipRefused = false } = request;
  const name = request.name ?? defaultName(description.collection, source.place, target.design);
  const acceptance = skipRefused
    ? acceptanceOf(request, target.design, { template, dimension, name })
    : undefined;
  const changes = recordChanges(request, acceptance);
  const { records: wanted, joinReport } = await changes.apply(source.records);
  const directory = dirname(ledgerFile(settings.directory, name));
  const backupsDirectory = request.backupsDirectory ?? "backups";
  return {
    name,
    stateDirectory: settings.directory,
    directory,
    source,
    wanted,
    changesFingerprint: changes.fingerprint,
    joinReport,
    planning: { ...request.planning, ...(droppedKeys.length > 0 && { droppedKeys }) },
    layout,
    skipRefused,
    allowExtras: request.allowExtras ?? false,
    target: target.design,
    template: target.design.embedding === "target" ? template : undefined,
    dimension,
    ...modelOf(settings),
    ...(questions && { questions }),
    storeEmbeds: target.design.info.embeddingModel === "" && settings.embedder !== "index",
    examine: () =>
      examineEndpoints(settings, source, target, { directory, backupsDirectory }, dumpKey !== undefined),
    openTarget: (access) => target.open(access),
    withChanges: async (records) => (await changes.apply(records)).records,
    openReference: (records, signal) => openReference(records, settings, signal),
    dumpFormat: request.dumpFormat ?? "jsonl",
    ...keyOf(request),
    backupsDirectory,
    close: async () => {
      await wanted.close();
      await source.close();
    },
  };
}

/** @throws {DataError} for a source without records */
export function requireRecords(name: string, { recordCount }: Pick<SourceDescription, "recordCount">): void {
  if (recordCount > 0) return;
  throw new DataError(name, `${name}: the source holds no records.`, {
    hint: "Check the name of the source, and --filter if it was given. If the source is meant to be empty, add --allow-empty.",
  });
}

/** How records are recognised that the target cannot hold, or has refused before. */
function acceptanceOf(
  { settings, dumpFormat }: MigrationRequest,
  { kind, info, embedding }: TargetDesign,
  { template, dimension, name }: { template: string | undefined; dimension: number; name: string },
): AcceptedSourceOptions {
  const dumpLimits = { holder: "dump", dimension, ...(dumpFormat && { format: dumpFormat }) } as const;
  const needsVectors = embedding === "carried";
  if (kind === "dump") {
    const transformation = { embedding: "carried" } as const;
    const rule = refusalRule({ transformation, limits: dumpLimits, refused: new Map() });
    return { refused: () => new Map(), ruleFor: () => rule, needsVectors };
  }
  const ledger = ledgerFile(settings.directory, name);
  return {
    needsVectors,
    refused: () => readRefusedRecords(ledger),
    ruleFor: (refused) =>
      refusalRule({
        transformation: { embedding, template },
        limits: { holder: "index", index: info, embedding },
        dumpLimits,
        refused,
      }),
  };
}

/** The model that embeds questions by the settings. */
function modelOf(settings: Settings): Pick<Migration, "model"> {
  const model = embedderOf(settings);
  return model ? { model } : {};
}

/** @throws {DataError} for files that hold no questions */
async function readQuestions({ file, judgements, minimumHits }: QuestionFiles): Promise<KnownQuestions> {
  return {
    queries: await (judgements === undefined ? readGoldenQueries(file) : readBeirQueries(file, judgements)),
    ...(minimumHits !== undefined && { minimumHits }),
  };
}

/** @throws {UsageError} if both sides are the same records */
function requireTwo(
  source: MigrationSource,
  { place, namespace }: TargetDesign,
  filter: Filter | undefined,
): void {
  const part = filter ? filterText(filter) : "";
  const places = [
    source.place.slice(0, source.place.length - part.length),
    ...(source.dumpDirectory === undefined ? [] : [resolve(source.dumpDirectory)]),
  ];
  if (!places.includes(place) && !places.includes(`${place} ${JSON.stringify(namespace)}`)) return;
  throw new UsageError(`Source and target are the same: ${source.place}.`, {
    hint: "Name another target, or another namespace: --source-namespace is that of the source.",
  });
}

function sourceOptions(request: MigrationRequest): SourceOptions {
  const { namespace, sourceNamespace = namespace, sourceKey, dumpKey, from } = request;
  return {
    ...request,
    toleratesChanges: true,
    ...(sourceNamespace !== undefined && { namespace: sourceNamespace }),
    // One key file serves both sides, if both are encrypted.
    ...(dumpKey && isEncryptedDump(from) && { dumpKey }),
    ...(sourceKey && { dumpKey: sourceKey }),
  };
}

function isEncryptedDump(endpoint: Endpoint): boolean {
  return endpoint.kind === "dump" && openDump(endpoint.path).encryption !== null;
}

/** A dump as the source is imported directly with its own key, unless the target is also a dump. */
function keyOf({ from, to, sourceKey, dumpKey }: MigrationRequest) {
  const key = from.kind === "dump" && to.kind !== "dump" ? sourceKey : dumpKey;
  return key ? { dumpKey: key } : {};
}
