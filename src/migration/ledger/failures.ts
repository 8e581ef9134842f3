import { dirname } from "node:path";
import { LedgerError } from "./ledger-error.ts";

/** SQLite's primary result codes (sqlite.org/rescode.html). */
const corrupt = 11;
const notADatabase = 26;
const hints: Readonly<Record<number, string>> = {
  5: "Wait until the other process is done, then run the command again.",
  8: "Give this user the right to write to it.",
  10: "Check the disk, then run the command again: it goes on where the ledger stands.",
  13: "Free some space and run the command again: it goes on where the ledger stands.",
  14: "Check that its directory exists and may be written.",
};

/** What the driver throws; some calls leave out the number of the result. */
interface DriverError extends Error {
  readonly code?: unknown;
  readonly errcode?: unknown;
}

/** Runs `action`; what SQLite throws becomes a LedgerError that names the file. */
export function guard<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw translate(path, error as DriverError);
  }
}

function translate(path: string, error: DriverError): unknown {
  if (error.code !== "ERR_SQLITE_ERROR") return error;
  const result = typeof error.errcode === "number" ? error.errcode & 0xff : undefined;
  if (result === corrupt || result === notADatabase || /malformed|not a database/.test(error.message)) {
    return damaged(path, error.message, error);
  }
  return new LedgerError("storage", path, `The ledger ${path} cannot be used: ${error.message}.`, {
    cause: error,
    hint: (result !== undefined && hints[result]) || "Check the disk and the rights to the file.",
  });
}

/** A ledger that must not be trusted. Without one every record is sent once more, which changes none. */
export function damaged(path: string, problem: string, cause?: unknown): LedgerError {
  return new LedgerError("damaged", path, `The ledger ${path} is damaged: ${problem}.`, {
    ...(cause !== undefined && { cause }),
    hint: `Remove the directory ${dirname(path)} and run the import again: it starts over, and a record that is in the target already is replaced by itself.`,
  });
}
