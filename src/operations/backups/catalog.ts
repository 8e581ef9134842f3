import { readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { attempt } from "../../foundation/attempt.ts";
import { UsageError } from "../../foundation/errors.ts";
import { fileFailure } from "../../foundation/file-failure.ts";
import { shellWord } from "../../foundation/shell-word.ts";
import {
  type BackupKind,
  type BackupReason,
  type BackupRecord,
  readRecord,
  recordPath,
} from "../../migration/backup/index.ts";
import type { BackupPart } from "./part.ts";

/** A backup in a directory of backups. */
export interface BackupEntry {
  /** The archive. */
  readonly path: string;
  readonly kind: BackupKind;
  /** `before-restore` for a safety copy: what a restore wrote over, which may be damaged. */
  readonly reason: BackupReason | undefined;
  readonly source: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** Size of the archive. */
  readonly byteCount: number;
  readonly isEncrypted: boolean;
  readonly verifiedAt: string | undefined;
  readonly drilledAt: string | undefined;
  /** Why it cannot be restored, as far as this can be seen without reading it. */
  readonly problem: string | undefined;
  /** Why the last drill or check could not restore it. */
  readonly fault: string | undefined;
}

const recordPattern = /\.tar\.gz(\.encrypted)?\.json$/;

/**
 * The backups in a directory, the newest first; empty if the directory does not exist.
 * @throws {StorageError} if it cannot be read
 */
export function listBackups(directory: string): BackupEntry[] {
  return namesIn(directory)
    .filter((name) => recordPattern.test(name))
    .map((name) => entryOf(join(directory, name.slice(0, -recordPath("").length))))
    .filter((entry) => entry !== undefined)
    .sort((left, right) => (left.createdAt < right.createdAt ? 1 : -1));
}

/** Whether it is a backup that was asked for. A safety copy is used only if a person names it. */
export function isRegular({ reason }: BackupEntry): boolean {
  return reason === undefined;
}

/** Whether it can be relied on: whole as far as can be seen, read back and compared, and no safety copy. */
export function isGood(entry: BackupEntry): boolean {
  return isRegular(entry) && obstacleOf(entry) === undefined && entry.verifiedAt !== undefined;
}

/** Why it cannot be restored, as far as is known. */
export function obstacleOf({ problem, fault }: BackupEntry): string | undefined {
  return problem ?? fault;
}

/** A backup that cannot be restored, and whose part has no newer one that a drill has proven. */
export function unprovenFault(entries: readonly BackupEntry[]): BackupEntry | undefined {
  return entries.find(
    (entry, place) =>
      isRegular(entry) &&
      entry.fault !== undefined &&
      !entries
        .slice(0, place)
        .some((newer) => isSamePart(newer, entry) && isGood(newer) && newer.drilledAt !== undefined),
  );
}

export function isSamePart(left: BackupEntry, right: BackupEntry): boolean {
  return left.kind === right.kind && (left.kind !== "directory" || left.source === right.source);
}

/**
 * The newest regular backup that is not after a time: of the part itself, or, without one, of the same part elsewhere. So
 * backups can be restored after a move to another machine, path, database or index.
 *
 * @param at default: now
 * @param use a drill tries again what an earlier one could not restore
 * @throws {UsageError} if no such backup exists, or those of several places do
 */
export function chooseBackup(
  directory: string,
  part: Pick<BackupPart, "kind" | "source">,
  at: Date | undefined,
  use: "restore" | "drill" = "restore",
): BackupEntry {
  const all = backupsOf(directory, part);
  const obstacle = (entry: BackupEntry) => (use === "drill" ? entry.problem : obstacleOf(entry));
  const limit = at?.toISOString() ?? "9";
  const chosen = all.find((entry) => entry.createdAt <= limit && obstacle(entry) === undefined);
  if (chosen !== undefined) return chosen;
  if (all.length === 0) requireNoOtherForm(directory, part);
  const [newest, oldest] = [all.find(({ createdAt }) => createdAt <= limit), all.at(-1)];
  throw new UsageError(
    oldest === undefined
      ? `There is no backup of ${part.source} in ${directory}.`
      : newest === undefined
        ? `There is no backup of ${part.source} from ${limit} or before; the oldest is of ${oldest.createdAt}.`
        : `No backup of ${part.source} can be restored. The newest one is ${newest.path}: ${withoutStop(obstacle(newest))}.`,
    {
      hint: `"ragfood backup list" shows them all. "ragfood backup restore --archive" takes any of them by its path.`,
    },
  );
}

/**
 * The records of an index are backed up as its file, or as dumps of a cloud index: after a change of `STORE`, only the
 * other form exists.
 *
 * @throws {UsageError} if it does
 */
function requireNoOtherForm(directory: string, { kind, source }: Pick<BackupPart, "kind" | "source">): void {
  const other = kind === "index" ? "records" : kind === "records" ? "index" : undefined;
  const newest = listBackups(directory).find((entry) => entry.kind === other && isGood(entry));
  if (newest === undefined) return;
  const aside = `ragfood backup restore ${shellWord(newest.path)} from-backup`;
  const load =
    kind === "index"
      ? "ragfood migrate run --from dump:from-backup/namespace-0 --to embedded (one directory for each namespace)"
      : "ragfood migrate run --from embedded:from-backup --to upstash";
  throw new UsageError(
    `There is no backup of ${source} in ${directory}, but one of the records of ${newest.source}: ${newest.path}.`,
    { hint: `To load it into this index: ${aside}, then ${load}.` },
  );
}

/** Newer backups than the chosen one that `chooseBackup` passed over, because they cannot be restored. */
export function passedOver(
  directory: string,
  part: Pick<BackupPart, "kind" | "source">,
  { createdAt }: BackupEntry,
  at: Date | undefined,
): BackupEntry[] {
  const limit = at?.toISOString() ?? "9";
  return backupsOf(directory, part).filter(
    (entry) => obstacleOf(entry) !== undefined && entry.createdAt > createdAt && entry.createdAt <= limit,
  );
}

/**
 * The backup that a person named, of any reason.
 * @throws {DataError} if its record is missing or damaged
 * @throws {UsageError} if it holds something else than the part
 */
export function namedBackup(
  path: string,
  { kind, source }: Pick<BackupPart, "kind" | "source">,
): BackupEntry {
  const entry = toEntry(path, readRecord(path));
  if (entry.kind === kind) return entry;
  throw new UsageError(
    `${path} is a backup of kind "${entry.kind}" and cannot replace ${source} (${kind}).`,
    {
      hint: "ragfood backup list shows the kind of each backup.",
    },
  );
}

function backupsOf(directory: string, { kind, source }: Pick<BackupPart, "kind" | "source">): BackupEntry[] {
  const ofKind = listBackups(directory).filter((entry) => entry.kind === kind && isRegular(entry));
  const own = ofKind.filter((entry) => entry.source === source);
  if (own.length > 0) return own;
  const elsewhere = ofKind.filter(
    (entry) => kind !== "directory" || basename(entry.source) === basename(source),
  );
  const sources = [...new Set(elsewhere.map((entry) => entry.source))];
  if (sources.length <= 1) return elsewhere;
  throw new UsageError(
    `There is no backup of ${source} in ${directory}, but backups of several others: ${sources.join(", ")}.`,
    {
      hint: "Put the archives of one of them, with their .json files, into a directory of their own: --backups.",
    },
  );
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw fileFailure(directory, "cannot be read", error);
  }
}

/** `undefined` for a record that cannot be read: `backup verify` says why. */
function entryOf(path: string): BackupEntry | undefined {
  const record = attempt(() => readRecord(path));
  return record === undefined ? undefined : toEntry(path, record);
}

function toEntry(path: string, record: BackupRecord): BackupEntry {
  return {
    path,
    kind: record.kind ?? "directory",
    reason: record.reason,
    source: record.source,
    createdAt: record.createdAt,
    byteCount: record.byteCount,
    isEncrypted: record.encryption !== undefined,
    verifiedAt: record.verifiedAt,
    drilledAt: record.drilledAt,
    problem: problemOf(path, record),
    fault: record.fault,
  };
}

function withoutStop(text: string | undefined): string {
  return text?.replace(/\.$/, "") ?? "";
}

function problemOf(path: string, { byteCount }: BackupRecord): string | undefined {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) return "its archive is missing";
  return size === byteCount ? undefined : `its archive has ${size} bytes instead of ${byteCount}`;
}
