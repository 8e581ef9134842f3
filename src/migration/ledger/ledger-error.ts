import { RagfoodError, type RagfoodErrorOptions } from "../../foundation/errors.ts";

/**
 * - `identity`: the ledger belongs to a migration with another source, target or setting
 * - `lease`: another process works on the migration, or has taken it over
 * - `damaged`: the file is not a ledger, or its content is not whole
 * - `version`: a later version of ragfood wrote it
 * - `storage`: it cannot be read or written at the moment, as on a full disk
 */
export type LedgerErrorReason = "identity" | "lease" | "damaged" | "version" | "storage";

/** The ledger of a migration cannot be used; nothing was sent. */
export class LedgerError extends RagfoodError {
  static override readonly errorName: string = "LedgerError";
  readonly code = "ledger";
  readonly reason: LedgerErrorReason;
  readonly path: string;

  constructor(reason: LedgerErrorReason, path: string, message: string, options?: RagfoodErrorOptions) {
    super(message, options);
    this.reason = reason;
    this.path = path;
  }
}
