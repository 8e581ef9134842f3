import { readFileSync } from "node:fs";
import { z } from "zod";
import { replaceFile } from "../../foundation/durable-file.ts";
import { DataError, StorageError } from "../../foundation/errors.ts";

const hash = z.string().regex(/^[0-9a-f]{64}$/, "a hash is 64 hexadecimal digits");

/** One entry of a backup. */
export interface BackedUpFile {
  readonly path: string;
  readonly type: "file" | "directory";
  readonly size: number;
  /** SHA-256 of a file. */
  readonly sha256?: string | undefined;
}

/**
 * - `directory`: the files of a directory, as of a Chroma
 * - `index`: the file of an embedded index
 * - `records`: a dump of each namespace of an index
 * - `settings`: the settings without their secrets
 * - `state`: what a service keeps
 */
const backupKinds = ["directory", "index", "records", "settings", "state"] as const;
export type BackupKind = (typeof backupKinds)[number];

/** Why an archive was made: `before-restore`, of what a restore was about to write over. */
const backupReasons = ["before-restore"] as const;
export type BackupReason = (typeof backupReasons)[number];

/** The description of an archive, in `<archive>.json` beside it. */
export interface BackupRecord {
  readonly format: "ragfood-backup";
  readonly formatVersion: 1;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** Default `directory`. */
  readonly kind?: BackupKind | undefined;
  /** Default: it is a backup that was asked for, by a person or a schedule. */
  readonly reason?: BackupReason | undefined;
  /** What was backed up: the path of a directory, or the name of an index. */
  readonly source: string;
  /** Size of the archive, bytes. */
  readonly byteCount: number;
  /** SHA-256 of the archive. */
  readonly sha256: string;
  readonly files: readonly BackedUpFile[];
  /** `undefined` for an archive that is not encrypted. The files then have no hashes, which would describe them. */
  readonly encryption?: { readonly keyId: string } | undefined;
  /** When the archive was last read back and compared. ISO 8601, UTC. */
  readonly verifiedAt?: string | undefined;
  /** When a drill last restored it aside and compared it record by record. ISO 8601, UTC. */
  readonly drilledAt?: string | undefined;
  /** Why it cannot be restored, as a check or a drill has found; a later one that passes removes it. */
  readonly fault?: string | undefined;
}

const recordSchema: z.ZodType<BackupRecord> = z.strictObject({
  format: z.literal("ragfood-backup"),
  formatVersion: z.literal(1),
  createdAt: z.iso.datetime(),
  kind: z.enum(backupKinds).optional(),
  reason: z.enum(backupReasons).optional(),
  source: z.string(),
  byteCount: z.int().min(0),
  sha256: hash,
  files: z.array(
    z.strictObject({
      path: z.string().refine(isInside, "a path that leads out of the directory"),
      type: z.enum(["file", "directory"]),
      size: z.int().min(0),
      sha256: hash.optional(),
    }),
  ),
  encryption: z.strictObject({ keyId: z.string() }).optional(),
  verifiedAt: z.iso.datetime().optional(),
  drilledAt: z.iso.datetime().optional(),
  fault: z.string().optional(),
});

/** Writes the record of an archive, atomically. @throws {StorageError} */
export function writeRecord(archive: string, record: BackupRecord): void {
  replaceFile(recordPath(archive), `${JSON.stringify(record, null, 2)}\n`);
}

/** Adds to a record what was found out later; does nothing in a directory that cannot be written. */
export function noteInRecord(
  archive: string,
  notes: Pick<BackupRecord, "verifiedAt" | "drilledAt" | "fault">,
): void {
  try {
    writeRecord(archive, { ...readRecord(archive), ...notes });
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
  }
}

export function recordPath(archive: string): string {
  return `${archive}.json`;
}

/** @throws {DataError} if the archive has no record beside it, or the record is damaged */
export function readRecord(archive: string): BackupRecord {
  const path = recordPath(archive);
  try {
    return recordSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    const issue = cause instanceof z.ZodError ? cause.issues[0] : undefined;
    const problem = issue ? `${issue.path.join(".")}: ${issue.message}` : (cause as Error).message;
    throw new DataError(path, `${path} does not describe what the backup ${archive} holds: ${problem}.`, {
      cause,
      hint: "A backup is an archive, .tar.gz, and its record, .tar.gz.json, side by side. Take another one.",
    });
  }
}

function isInside(path: string): boolean {
  const parts = path.split("/");
  return (
    !path.includes("\\") &&
    !path.includes("\0") &&
    parts.every((part) => part !== "" && part !== "." && part !== "..")
  );
}

export interface Backup {
  /** The archive, `<name>-<time>.tar.gz`, with `.encrypted` after it if it is; its record lies beside it as `<archive>.json`. */
  readonly path: string;
  /** SHA-256 of the archive. */
  readonly checksum: string;
  readonly files: readonly BackedUpFile[];
}
