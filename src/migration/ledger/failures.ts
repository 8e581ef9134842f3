import { dirname } from "node:path";
import type { DatabaseFile, FailureKind } from "../../sqlite/failures.ts";
import { LedgerError } from "./ledger-error.ts";

const freeSpace = "Free some space and run the command again: the ledger keeps what was done.";
const hints: Partial<Record<FailureKind, string>> = {
  disk: "Check the disk, then run the command again: the ledger keeps what was done.",
  full: freeSpace,
  "disk-full": freeSpace,
};

/** The database of a ledger, as errors describe it. */
export function ledgerDatabase(path: string): DatabaseFile {
  return {
    path,
    toError: ({ kind, problem, hint }, cause) =>
      kind === "damaged" || kind === "not-a-database"
        ? damaged(path, problem, cause)
        : new LedgerError("storage", path, `The ledger ${path} cannot be used: ${problem}.`, {
            cause,
            hint: hints[kind] ?? hint,
          }),
  };
}

/** A ledger that must not be trusted. Without it every record is sent again, which changes no record. */
export function damaged(path: string, problem: string, cause?: unknown): LedgerError {
  return new LedgerError("damaged", path, `The ledger ${path} is damaged: ${problem}.`, {
    ...(cause !== undefined && { cause }),
    hint: `Remove the directory ${dirname(path)} and run the import again: it starts over, and records that the target already holds are replaced by the same content.`,
  });
}
