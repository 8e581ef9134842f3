import { existsSync, statfsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { doctorOptions } from "../application.ts";
import type { Settings } from "../config/settings.ts";
import { counted } from "../counted.ts";
import { RagfoodError } from "../errors.ts";
import type { Check, MigrationSource, TargetDesign } from "../migration/run/index.ts";
import { examine } from "../operations/doctor.ts";

/** What the doctor says that concerns every migration, whatever the sides. */
const common = ["Node.js"];
/** What it says of the index in the cloud. */
const cloud = ["Index", "Read-only token"];

/** Looks at what a migration between these two needs. Changes nothing. */
export async function* examineEndpoints(
  settings: Settings,
  source: MigrationSource,
  target: TargetDesign,
  isDumpEncrypted: boolean,
): AsyncGenerator<Check> {
  const isCloud = /^https?:/.test(target.place) && settings.upstash !== undefined;
  const subjects = [...common, ...(isCloud ? cloud : [])];
  for await (const finding of examine(
    doctorOptions(isCloud ? { ...settings, store: "upstash" } : settings),
  )) {
    if (subjects.includes(finding.subject)) yield finding;
  }
  yield await sourceCheck(source);
  yield targetCheck(target);
  yield await spaceCheck(settings, source);
  if (settings.encryption && !isDumpEncrypted && source.dumpDirectory === undefined) yield plainDump;
}

async function sourceCheck({ records }: MigrationSource): Promise<Check> {
  try {
    const { kind, recordCount, dimension, similarityFunction } = await records.describe();
    const detail = `${records.name} (${kind}): ${counted(recordCount, "record")}, ${dimension} dimensions, ${similarityFunction ?? "no metric"}`;
    return { subject: "Source", status: "pass", detail };
  } catch (error) {
    if (!RagfoodError.is(error)) throw error;
    const { message: detail, hint } = error;
    return { subject: "Source", status: "fail", detail, ...(hint !== undefined && { hint }) };
  }
}

function targetCheck({ place, exists, info, namespace, embedding }: TargetDesign): Check {
  const { type, dimension, similarityFunction } = info;
  const kind = type === "SPARSE" ? type : `${type}, ${dimension} dimensions, ${similarityFunction}`;
  if (embedding === "carried" && type === "SPARSE") {
    return {
      subject: "Target",
      status: "fail",
      detail: `${place} is SPARSE (${info.sparseEmbeddingModel || "no model"}), where dense vectors cannot be carried to`,
      hint: "Name a directory of its own, --to embedded:DIR, where a DENSE index is made; or let the target embed the texts with --embed target.",
    };
  }
  const there = info.namespaces[namespace] ?? 0;
  const stand = exists ? `${counted(there, "record")} in the namespace` : "made by the first write";
  return { subject: "Target", status: "pass", detail: `${place}: ${kind}; ${stand}` };
}

const plainDump: Check = {
  subject: "Encryption",
  status: "warn",
  detail: "the settings encrypt what goes to the target, and the dump on this machine holds it in plain",
  hint: "Encrypt it too: --encrypt --key-file dump.key.",
};

/** Bytes of a record beside its vector, about. */
const recordBytes = 2_000;

/** Backup, dump and an embedded index each hold the records once. */
const copies = 3;

async function spaceCheck({ directory }: Settings, { records }: MigrationSource): Promise<Check> {
  const { recordCount, dimension } = await records.describe();
  const needed = copies * recordCount * (recordBytes + dimension * 4);
  const { bavail, bsize } = statfsSync(nearestDirectory(directory));
  const free = bavail * bsize;
  const detail = `${megabytes(free)} free, about ${megabytes(needed)} needed`;
  if (free > needed) return { subject: "Disk", status: "pass", detail };
  return { subject: "Disk", status: "warn", detail, hint: "Free some space, or name another RAGFOOD_DIR." };
}

function nearestDirectory(path: string): string {
  const absolute = resolve(path);
  return existsSync(absolute) ? absolute : nearestDirectory(dirname(absolute));
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20).toLocaleString("en")} MiB`;
}
