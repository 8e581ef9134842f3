import type { ImportOutcome } from "./report.ts";

/** A record that the target cannot or would not take. */
export interface Refusal {
  readonly id: string;
  readonly problem: string;
}

/** What happens during an import, for a display or a log. Texts and vectors are not in it. */
export type ImportEvent =
  /** A block that the target has acknowledged before. */
  | { readonly type: "block-skip"; readonly records: number }
  /** A request was acknowledged. */
  | {
      readonly type: "batch-end";
      readonly records: number;
      readonly milliseconds: number;
      /** Records that the next request may have. */
      readonly batchSize: number;
      /** Requests that may run at once from here on. */
      readonly concurrency: number;
    }
  /** A request failed and is to be sent again, or in two halves. */
  | {
      readonly type: "batch-retry";
      readonly records: number;
      /** The `code` of the error. */
      readonly error: string;
      readonly waitMs: number;
      readonly batchSize: number;
      readonly concurrency: number;
    }
  | ({ readonly type: "record-refused" } & Refusal)
  /** At most ten times a second, and once at the end. */
  | {
      readonly type: "progress";
      /** Records that are in the target: acknowledged now or before. */
      readonly done: number;
      /** Records that the source said it holds. */
      readonly total: number;
      /** Records sent, over the last 20 seconds. */
      readonly recordsPerSecond: number;
      /** Absent until there is a rate. */
      readonly secondsLeft?: number;
    }
  | { readonly type: "import-end"; readonly outcome: ImportOutcome };

export type ImportListener = (event: ImportEvent) => void;
