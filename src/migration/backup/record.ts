import { readFileSync } from "node:fs";
import { z } from "zod";
import { DataError } from "../../foundation/errors.ts";

const hash = z.string().regex(/^[0-9a-f]{64}$/, "a hash is 64 hexadecimal digits");

/** One entry of a backup. */
export interface BackedUpFile {
  readonly path: string;
  readonly type: "file" | "directory";
  readonly size: number;
  /** SHA-256 of a file. */
  readonly sha256?: string | undefined;
}

/** The description of an archive, in `<archive>.json` beside it. */
export interface BackupRecord {
  readonly format: "ragfood-backup";
  readonly formatVersion: 1;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** The directory that was backed up. */
  readonly source: string;
  /** Size of the archive, bytes. */
  readonly byteCount: number;
  /** SHA-256 of the archive. */
  readonly sha256: string;
  readonly files: readonly BackedUpFile[];
}

const recordSchema: z.ZodType<BackupRecord> = z.strictObject({
  format: z.literal("ragfood-backup"),
  formatVersion: z.literal(1),
  createdAt: z.iso.datetime(),
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
});

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
  /** The archive, `<name>-<time>.tar.gz`; its record lies beside it as `<archive>.json`. */
  readonly path: string;
  /** SHA-256 of the archive. */
  readonly checksum: string;
  readonly files: readonly BackedUpFile[];
}
