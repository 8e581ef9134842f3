import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import type { Settings } from "../../config/settings.ts";
import { CancelledError, RagfoodError } from "../../foundation/errors.ts";
import type { Finding } from "../../foundation/finding.ts";
import { counted } from "../../foundation/plural.ts";
import { faultText } from "../../foundation/quoted.ts";
import { isWritable } from "../../foundation/temporary-directory.ts";
import type { MigrationSource, TargetDesign } from "../../migration/run/index.ts";
import type { RecordSource, SkippedRecords, SourceDescription } from "../../migration/source.ts";
import { type SampledSize, sampledSize } from "../../migration/survey/index.ts";
import { examine } from "../../operations/doctor.ts";
import { examined, failure } from "../../operations/finding.ts";
import { doctorOptions } from "../application.ts";
import { spaceFindings } from "./disk-space.ts";
import type { PreparedTarget } from "./target.ts";

/** Checks of the doctor that concern every migration. */
const common = ["node-js"];
/** Checks that concern the index in the cloud. */
const cloud = ["index", "token", "read-only-token"];

/** Where a migration writes on this machine. */
export interface MigrationPlaces {
  /** The migration's directory, which contains the dump. */
  readonly directory: string;
  readonly backupsDirectory: string;
}

/** Checks the prerequisites of a migration between these two. Changes nothing. */
export async function* examineEndpoints(
  settings: Settings,
  source: MigrationSource,
  { design: target, requireOutsideCutover }: PreparedTarget,
  places: MigrationPlaces,
  isDumpEncrypted: boolean,
): AsyncGenerator<Finding> {
  const isCloud = /^https?:/.test(target.place) && settings.upstash !== undefined;
  const codes = [...common, ...(isCloud ? cloud : [])];
  const {
    verifyIndexFile: _,
    content: __,
    ...options
  } = doctorOptions(isCloud ? { ...settings, store: "upstash" } : settings);
  for await (const finding of examine(options)) {
    if (codes.includes(finding.code)) yield finding;
  }
  yield await sourceCheck(source);
  yield targetCheck(target, await source.records.describe());
  if (requireOutsideCutover) yield* await cutoverFindings(requireOutsideCutover);
  yield* await diskFindings(source, target, places);
  yield temporaryCheck(settings.directory);
  const isDumped = source.dumpDirectory === undefined || target.kind === "dump";
  if (settings.encryption && !isDumpEncrypted && isDumped) yield plainDump;
}

async function sourceCheck({ records }: MigrationSource): Promise<Finding> {
  try {
    const { kind, recordCount, dimension, similarityFunction, skipped } = await records.describe();
    const detail = `${records.name} (${kind}): ${counted(recordCount, "record")}, ${dimension} dimensions, ${similarityFunction ?? "no metric"}`;
    if (skipped && skipped.count > 0) return skippedCheck(detail, skipped);
    return examined("Source", "fact", detail);
  } catch (error) {
    if (!(error instanceof RagfoodError)) throw error;
    return failure("Source", error);
  }
}

/** While a cutover of the target is under way, nothing else writes it. */
async function cutoverFindings(requireOutsideCutover: () => Promise<void>): Promise<Finding[]> {
  try {
    await requireOutsideCutover();
    return [];
  } catch (error) {
    if (!(error instanceof RagfoodError)) throw error;
    return [failure("Cutover", error)];
  }
}

/** Ids that a line of the doctor names. */
const maximumListed = 20;

function skippedCheck(detail: string, { count, faults }: SkippedRecords): Finding {
  const listed = faults.slice(0, maximumListed).map(faultText);
  const further = count > listed.length ? ["…"] : [];
  return examined(
    "Source",
    "warning",
    `${detail}; ${counted(count, "record")} cannot be read and will be missing (${[...listed, ...further].join("; ")})`,
    "--salvage skips them. Add them again after the migration.",
  );
}

function targetCheck(target: TargetDesign, source: SourceDescription): Finding {
  const { place, exists, info, namespace, embedding } = target;
  if (target.kind === "dump") return dumpCheck(target.directory, exists);
  const { type, dimension, similarityFunction } = info;
  const kind = type === "SPARSE" ? type : `${type}, ${dimension} dimensions, ${similarityFunction}`;
  if (embedding === "carried" && type === "SPARSE" && source.recordCount > 0) {
    const hint = "Let the target embed the texts with --embed target.";
    if (source.dimension === 0) {
      return examined("Target", "problem", "the source has no dense vectors to keep", hint);
    }
    return examined(
      "Target",
      "problem",
      `${place} is SPARSE (${info.sparseEmbeddingModel || "no model"}), which takes no dense vectors`,
      `Name another directory with --to embedded:DIR, where a DENSE index is created. Or: ${hint}`,
    );
  }
  const there = info.namespaces[namespace] ?? 0;
  const stand = exists ? `${counted(there, "record")} in the namespace` : "created by the first write";
  return examined("Target", "fact", `${place}: ${kind}; ${stand}`);
}

function dumpCheck(directory: string, exists: boolean): Finding {
  const subject = "Target";
  if (!exists) return examined(subject, "fact", `${directory}: a dump, created whole or not at all`);
  if (existsSync(join(directory, "manifest.json"))) {
    const detail = `${directory}: a dump that exists is never overwritten: it is compared with the source`;
    return examined(subject, "fact", detail);
  }
  const detail = `${directory} exists and is not a dump: nothing is overwritten`;
  return examined(subject, "problem", detail, "Name a directory that does not exist yet.");
}

const plainDump: Finding = examined(
  "Encryption",
  "warning",
  "the settings encrypt records in an index, and the dump on this machine holds them unencrypted",
  "Encrypt it too: --encrypt --key-file dump.key.",
);

/** Measured from the source: the texts of a collection may be a hundred times as large as those of another. */
async function diskFindings(
  { records, directory: sourceDirectory, dumpDirectory }: MigrationSource,
  target: TargetDesign,
  { directory, backupsDirectory }: MigrationPlaces,
): Promise<Finding[]> {
  const dump =
    target.kind === "dump"
      ? { directory: dirname(resolve(target.directory)), name: basename(target.directory) }
      : { directory, name: "dump-" };
  return spaceFindings({
    size: await readableSize(records),
    sourceDirectory,
    backupsDirectory,
    ledgerDirectory: directory,
    ...((dumpDirectory === undefined || target.kind === "dump") && { dump }),
    ...(target.kind !== "dump" && !/^https?:/.test(target.place) && { indexFile: target.place }),
  });
}

/** A source that cannot be read stops the plan, which says why: only its files are counted here. */
async function readableSize(records: RecordSource): Promise<SampledSize> {
  try {
    return await sampledSize(records);
  } catch (error) {
    if (error instanceof CancelledError || !(error instanceof RagfoodError)) throw error;
    return { recordCount: 0, contentBytes: 0, vectorBytes: 0 };
  }
}

/** The comparison builds an exact index in it. */
function temporaryCheck(fallback: string): Finding {
  const subject = "Temporary directory";
  const directory = tmpdir();
  if (isWritable(directory)) return examined(subject, "fact", directory);
  return examined(
    subject,
    "warning",
    `${directory} cannot be written; ${fallback} is used instead`,
    "Set TMPDIR to a directory that exists and is writable.",
  );
}
