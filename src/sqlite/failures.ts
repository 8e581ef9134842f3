import { closeSync, openSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { StorageError } from "../foundation/errors.ts";
import { systemFailure } from "../foundation/file-failure.ts";

export type FailureKind =
  | "busy"
  | "read-only"
  | "disk"
  | "damaged"
  | "full"
  /** The disk is full, and SQLite reports an I/O error: unlike `full`, the last write may have been kept. */
  | "disk-full"
  | "cannot-open"
  | "not-a-database"
  | "number"
  | "replaced"
  | "other";

/** What SQLite or the file system reports about a database file. */
export interface Failure {
  readonly kind: FailureKind;
  /** A sentence for a person, without its full stop. */
  readonly problem: string;
  readonly hint: string;
}

/** A database file as errors describe it. */
export interface DatabaseFile {
  readonly path: string;
  readonly toError: (failure: Failure, cause: unknown) => Error;
}

/** Path names that SQLite opens on Unix, in bytes, with the suffix of a journal (MAX_PATHNAME in os_unix.c). */
const maximumPathBytes = 512 - "-journal".length;

interface KnownFailure extends Failure {
  /** SQLite's own words, for calls whose errors lack the result code. */
  readonly words: string;
}

/** SQLite's primary result codes (sqlite.org/rescode.html) that a person can act on. */
const failures: Readonly<Record<number, KnownFailure>> = {
  5: {
    kind: "busy",
    words: "database is locked",
    problem: "another process is writing to it",
    hint: "Wait until that process is done, then run the command again.",
  },
  8: {
    kind: "read-only",
    words: "attempt to write a readonly database",
    problem: "it is read-only",
    hint: "Give this user the right to write to it.",
  },
  10: {
    kind: "disk",
    words: "disk I/O error",
    problem: "the disk could not be read or written",
    hint: "Check the disk; the last batch was not stored.",
  },
  11: {
    kind: "damaged",
    words: "database disk image is malformed",
    problem: "the file is damaged",
    hint: "Restore a backup, and check the disk.",
  },
  13: {
    kind: "full",
    words: "database or disk is full",
    problem: "the disk is full",
    hint: "Free some space and run the command again; what was stored is kept.",
  },
  14: {
    kind: "cannot-open",
    words: "unable to open database file",
    problem: "it cannot be opened",
    hint: "Check that the directory exists and may be written.",
  },
  26: {
    kind: "not-a-database",
    words: "file is not a database",
    problem: "the file is not a database",
    hint: "Name another directory, or remove the file if nothing else needs it.",
  },
};

/** What the driver throws: `all` and `iterate` leave out the result code. */
interface DriverError extends Error {
  readonly code?: unknown;
  readonly errcode?: unknown;
}

/** Whether an error, or its cause, means that another process writes. */
export function isBusy(path: string, error: unknown): boolean {
  const { cause = error } = error as Error;
  return failureOf(path, cause)?.kind === "busy";
}

/** Whether an error, or its cause, comes of a full disk: files that SQLite maps into memory fail as I/O errors. */
export function mayBeFullDisk(path: string, error: unknown): boolean {
  const { cause = error } = error as Error;
  const kind = failureOf(path, cause)?.kind;
  return (
    kind === "full" ||
    kind === "disk-full" ||
    kind === "disk" ||
    (cause as NodeJS.ErrnoException).code === "ENOSPC"
  );
}

/** SQLITE_IOERR_WRITE (sqlite.org/rescode.html): bytes could not be written. */
const failedWrite = 778;

/** Whether a write failed: unlike one that was not made durable, it is certainly not part of the file. */
export function isFailedWrite(error: unknown): boolean {
  return (error as DriverError | undefined)?.errcode === failedWrite;
}

/** `undefined` for an error of another kind. */
export function failureOf(path: string, error: unknown): Failure | undefined {
  const { code, errcode, message } = error as DriverError;
  if (code === "ERR_OUT_OF_RANGE") {
    return { kind: "number", problem: "it holds a number past 2^53", hint: failures[11]?.hint as string };
  }
  if (code !== "ERR_SQLITE_ERROR") {
    const failure = systemFailure(error);
    return failure && { kind: "other", ...failure };
  }
  const known =
    typeof errcode === "number"
      ? failures[errcode & 0xff]
      : Object.values(failures).find(({ words }) => message.startsWith(words));
  if (known === undefined)
    return { kind: "other", problem: message, hint: "Check the disk and the rights to the file." };
  const { words: _, ...failure } = known;
  if (failure.kind === "disk" && isDiskFull(path)) {
    const { problem, hint } = failures[13] as KnownFailure;
    return { kind: "disk-full", problem, hint };
  }
  return failure.kind === "cannot-open" ? { ...failure, ...whyNotOpened(path) } : failure;
}

/** Free bytes with which SQLite cannot go on: less than the file that it maps into memory beside a log. */
const leastFreeBytes = 32 * 1_024;

/** SQLite reports a write as an I/O error if the disk is full while it extends a log or a mapped file. */
function isDiskFull(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize < leastFreeBytes;
  } catch {
    return false;
  }
}

/** A path that is too long for SQLite, before directories are made for it. */
export function pathFailure(path: string): Failure | undefined {
  const length = Buffer.byteLength(path);
  if (length <= maximumPathBytes || process.platform === "win32") return undefined;
  return {
    kind: "cannot-open",
    problem: `its path has ${length} bytes, and SQLite opens paths of up to ${maximumPathBytes}`,
    hint: "Name a shorter path.",
  };
}

/** SQLite says only that a file cannot be opened; the system says why. */
function whyNotOpened(path: string): { problem: string; hint: string } | undefined {
  try {
    closeSync(openSync(dirname(path), "r"));
    closeSync(openSync(path, "r"));
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? undefined : systemFailure(error);
  }
}

/**
 * Runs `action`. A failure of SQLite or of the file system becomes the error that its room has for it.
 */
export function guard<T>(file: DatabaseFile, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw translateFailure(file, error);
  }
}

export function translateFailure(file: DatabaseFile, error: unknown): unknown {
  const failure = failureOf(file.path, error);
  return failure ? file.toError(failure, error) : error;
}

/**
 * A database file that throws StorageErrors.
 *
 * @param description what the message begins with, as "The index at data/index.sqlite"
 * @param words replace the general wording
 */
export function storageFile(
  path: string,
  description: string,
  words: Partial<Record<FailureKind, Partial<Pick<Failure, "problem" | "hint">>>> = {},
): DatabaseFile {
  return {
    path,
    toError: (failure, cause) => {
      const { problem, hint } = { ...failure, ...words[failure.kind] };
      return new StorageError(path, `${description}: ${problem}.`, { cause, hint, problem });
    },
  };
}
