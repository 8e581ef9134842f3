import { RagfoodError } from "../../foundation/errors.ts";
import { counted } from "../../foundation/plural.ts";
import { faultText } from "../../foundation/quoted.ts";
import type { ImportOutcome, Refusal } from "./events.ts";

/** Result of an import. Acknowledged records stay, and the next run continues after them. */
export interface ImportReport {
  readonly outcome: ImportOutcome;
  /** To be thrown, or shown with its hint; absent if the import is complete. */
  readonly failure?: RagfoodError;
  /** When to continue after `quota`: the next 00:00 UTC, in milliseconds since 1970. */
  readonly resumeAt?: number;
  /** Records read from the source. */
  readonly read: number;
  /** Number of records that the source counts. */
  readonly total: number;
  /** Number of records that an earlier run has written. */
  readonly skipped: number;
  /** Number of records that the target acknowledged in this run. */
  readonly acknowledged: number;
  /** Number of records that were sent in this run; a record that was sent twice counts twice. */
  readonly sent: number;
  /** Approximate bytes of the acknowledged records as JSON. */
  readonly bytes: number;
  readonly requests: number;
  readonly retries: number;
  /** Whole records, and fields of others, that are left out on request; the ledger lists them. */
  readonly omittedRecords: number;
  readonly omittedFields: number;
  readonly milliseconds: number;
  readonly refusals: readonly Refusal[];
}

const maximumListed = 5;

/** Records that the target refuses; all others are there, unless the import was stopped early. */
export class RecordsRefusedError extends RagfoodError {
  static override readonly errorName: string = "RecordsRefusedError";
  readonly code = "records-refused";
  readonly refusals: readonly Refusal[];

  constructor(refusals: readonly Refusal[], stoppedEarly: boolean) {
    const shown = refusals.slice(0, maximumListed).map((refusal) => `  ${faultText(refusal)}`);
    const rest = refusals.length - shown.length;
    super(
      [
        `${counted(refusals.length, "record")} cannot be imported${stoppedEarly ? "; the import was stopped early" : ""}:`,
        ...shown,
        ...(rest > 0 ? [`  and ${rest} more`] : []),
      ].join("\n"),
      {
        hint: stoppedEarly
          ? "Find the common cause, then run the import again: it continues where it stopped."
          : "All other records are in the target. Correct these in the source and run the same command again, or leave them out with --skip-refused.",
      },
    );
    this.refusals = refusals;
  }
}
