import type { ProgressEvent } from "../progress-meter.ts";

/** A record that the target refuses. */
export interface Refusal {
  readonly id: string;
  readonly problem: string;
}

/**
 * - `complete`: the target has acknowledged every record of the source, except those that are left out on request
 * - `refused`: all except the records in `refusals`
 * - `refusals-exceeded`: more records were refused than the settings allow; stopped early
 * - `quota`: the daily quota of the target is used up
 * - `cancelled`: the caller stopped the import
 * - `failed`: the source, the target or the ledger failed
 */
export type ImportOutcome = "complete" | "refused" | "refusals-exceeded" | "quota" | "cancelled" | "failed";

/** Events of an import, for a display or a log, without texts and vectors. */
export type ImportEvent =
  /** An earlier run has written this block. */
  | { readonly type: "block-skip"; readonly records: number }
  /** A request was acknowledged. */
  | {
      readonly type: "batch-end";
      readonly records: number;
      readonly milliseconds: number;
      /** Maximum number of records of the next request. */
      readonly batchSize: number;
      /** Maximum number of concurrent requests from now on. */
      readonly concurrency: number;
    }
  /** A request failed and will be sent again, or in two halves. */
  | {
      readonly type: "batch-retry";
      readonly records: number;
      /** The `code` of the error. */
      readonly error: string;
      /** What the target or the connection said. */
      readonly message: string;
      /** Failures since the last success; 0 for a request that is only cut in two. */
      readonly failuresInRow: number;
      /** The import stops after one failure more. */
      readonly maximumFailures: number;
      readonly waitMs: number;
      readonly batchSize: number;
      readonly concurrency: number;
    }
  | ({ readonly type: "record-refused" } & Refusal)
  | ProgressEvent
  | { readonly type: "import-end"; readonly outcome: ImportOutcome };

export type ImportListener = (event: ImportEvent) => void;
