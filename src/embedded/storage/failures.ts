import { StorageError } from "../../foundation/errors.ts";

interface Failure {
  /** SQLite's own words for it, where the driver passes on nothing else. */
  readonly words: string;
  readonly message: string;
  readonly hint: string;
}

/** SQLite's primary result codes (sqlite.org/rescode.html) that a person can act on. */
const failures: Readonly<Record<number, Failure>> = {
  5: {
    words: "database is locked",
    message: "another process is writing to it",
    hint: "Wait until that process is done, then run the command again.",
  },
  8: {
    words: "attempt to write a readonly database",
    message: "it is read-only",
    hint: "Give this user the right to write to it.",
  },
  10: {
    words: "disk I/O error",
    message: "the disk could not be read or written",
    hint: "Check the disk; the last batch was not stored.",
  },
  11: {
    words: "database disk image is malformed",
    message: "the file is damaged",
    hint: "Restore a backup, or remove the directory and ingest again.",
  },
  13: {
    words: "database or disk is full",
    message: "the disk is full",
    hint: "Free some space and run the command again; what was stored is kept.",
  },
  14: {
    words: "unable to open database file",
    message: "it cannot be opened",
    hint: "Check that the directory exists and may be written.",
  },
  26: {
    words: "file is not a database",
    message: "the file is not an index",
    hint: "Name another directory, or remove the file if nothing else needs it.",
  },
};

/** What a write to an index that was opened to be read comes to. */
export function readOnlyFailure(path: string): StorageError {
  return new StorageError(path, `The index at ${path}: it is read-only.`, {
    hint: "Give this user the right to write to it and to its directory.",
  });
}

/** What the driver throws: `all` and `iterate` leave out the number of the result. */
interface DriverError extends Error {
  readonly code?: unknown;
  readonly errcode?: unknown;
}

function failureOf(error: DriverError): Failure | undefined {
  // A whole number past 2^53: nothing that an index holds.
  if (error.code === "ERR_OUT_OF_RANGE") return failures[11];
  if (typeof error.errcode === "number") return failures[error.errcode & 0xff];
  return Object.values(failures).find(({ words }) => error.message.startsWith(words));
}

/** A failure of SQLite as a StorageError that names the file; any other error as it is. */
export function translateFailure(path: string, error: unknown): unknown {
  const { code } = error as DriverError;
  if (code !== "ERR_SQLITE_ERROR" && code !== "ERR_OUT_OF_RANGE") return error;
  const failure = failureOf(error as DriverError);
  return new StorageError(path, `The index at ${path}: ${failure?.message ?? (error as Error).message}.`, {
    cause: error,
    ...(failure && { hint: failure.hint }),
  });
}

/** Runs `action`; what SQLite throws becomes a StorageError that names the file. */
export function guard<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw translateFailure(path, error);
  }
}
