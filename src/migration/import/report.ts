import { RagfoodError } from "../../foundation/errors.ts";
import { counted } from "../../foundation/plural.ts";
import type { Refusal } from "./events.ts";

/**
 * - `complete`: the target has acknowledged every record of the source
 * - `refused`: the same but for the records in `refusals`
 * - `refusals-exceeded`: more were refused than the settings allow; stopped early
 * - `quota`: the target takes no more today
 * - `cancelled`: the caller gave up
 * - `failed`: the source, the target or the ledger did not do what it should
 */
export type ImportOutcome = "complete" | "refused" | "refusals-exceeded" | "quota" | "cancelled" | "failed";

/** What an import did. Whatever the outcome, what was acknowledged stays so and the next run goes on there. */
export interface ImportReport {
  readonly outcome: ImportOutcome;
  /** To be thrown, or shown with its hint; absent where the import is complete. */
  readonly failure?: RagfoodError;
  /** When to go on after `quota`: the next 00:00 UTC, in milliseconds since 1970. */
  readonly resumeAt?: number;
  /** Records read from the source. */
  readonly read: number;
  /** Records that the source said it holds. */
  readonly total: number;
  /** Records of blocks that were acknowledged in an earlier run. */
  readonly skipped: number;
  /** Records that the target acknowledged in this run. */
  readonly acknowledged: number;
  /** Records that went out in this run, each as often as it did. */
  readonly sent: number;
  /** Bytes of the acknowledged records as JSON, about. */
  readonly bytes: number;
  readonly requests: number;
  readonly retries: number;
  readonly milliseconds: number;
  readonly refusals: readonly Refusal[];
}

const refusalsShown = 5;

/** Records that the target does not take; all others are there, unless it was stopped early. */
export class RecordsRefusedError extends RagfoodError {
  static override readonly errorName: string = "RecordsRefusedError";
  readonly code = "records-refused";
  readonly refusals: readonly Refusal[];

  constructor(refusals: readonly Refusal[], stoppedEarly: boolean) {
    const shown = refusals.slice(0, refusalsShown).map(({ id, problem }) => `  ${id}: ${problem}`);
    const rest = refusals.length - shown.length;
    super(
      [
        `${counted(refusals.length, "record")} cannot be imported${stoppedEarly ? "; the import was stopped early" : ""}:`,
        ...shown,
        ...(rest > 0 ? [`  and ${rest} more`] : []),
      ].join("\n"),
      {
        hint: stoppedEarly
          ? "Look for the common cause, then run the import again: it goes on where it stopped."
          : "Correct them in the source and run the import again: it sends their blocks alone. All others are in the target.",
      },
    );
    this.refusals = refusals;
  }
}
