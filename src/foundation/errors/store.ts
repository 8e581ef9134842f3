import { RagfoodError, type RagfoodErrorOptions } from "./ragfood-error.ts";

/** The index on disk cannot be opened, read or written. */
export class StorageError extends RagfoodError {
  static override readonly errorName: string = "StorageError";
  readonly code = "storage";
  readonly path: string;
  /** Why, without any path, if it is known: "the disk is full". */
  readonly problem: string | undefined;

  constructor(path: string, message: string, options?: RagfoodErrorOptions & { readonly problem?: string }) {
    super(message, options);
    this.path = path;
    this.problem = options?.problem;
  }
}

/** The source of a migration changed while it was read. */
export class SourceChangedError extends RagfoodError {
  static override readonly errorName: string = "SourceChangedError";
  readonly code = "source-changed";
  /** Ids that existed at the beginning and not at the end. */
  readonly vanished: readonly string[];
  /** Ids that existed at the end and were not read. */
  readonly appeared: readonly string[];

  constructor(
    message: string,
    changes: Pick<SourceChangedError, "vanished" | "appeared">,
    options?: RagfoodErrorOptions,
  ) {
    super(message, options);
    this.vanished = changes.vanished;
    this.appeared = changes.appeared;
  }
}

/** The index and the settings disagree: dimension, kind of index, embedding model. */
export class IndexMismatchError extends RagfoodError {
  static override readonly errorName: string = "IndexMismatchError";
  readonly code = "index-mismatch";
}

/** Neither the primary nor the secondary store answered. `cause` is the primary's error. */
export class FallbackError extends RagfoodError {
  static override readonly errorName: string = "FallbackError";
  readonly code = "fallback";
  readonly primary: Error;
  readonly secondary: Error;

  constructor(
    message: string,
    failures: { primary: Error; secondary: Error },
    options?: RagfoodErrorOptions,
  ) {
    super(message, { cause: failures.primary, ...options });
    this.primary = failures.primary;
    this.secondary = failures.secondary;
  }
}

/** A write may be applied or not: its store did not confirm it in time. */
export class OutcomeUnknownError extends RagfoodError {
  static override readonly errorName: string = "OutcomeUnknownError";
  readonly code = "outcome-unknown";

  constructor(store: string, options?: RagfoodErrorOptions, message?: string) {
    super(message ?? `${store} did not confirm the write: it may be applied, or may still be.`, {
      hint: "Write it again, or read the record after some minutes.",
      ...options,
    });
  }
}

/** The queue of writes that wait for a store is full; the write was not stored. */
export class QueueFullError extends RagfoodError {
  static override readonly errorName: string = "QueueFullError";
  readonly code = "queue-full";
}

/** The write queue is busy: another process drains it, or older writes must be sent first. */
export class QueueBusyError extends RagfoodError {
  static override readonly errorName: string = "QueueBusyError";
  readonly code = "queue-busy";
}

/** The budget of the month is spent, and the settings refuse requests from then on. */
export class BudgetError extends RagfoodError {
  static override readonly errorName: string = "BudgetError";
  readonly code = "budget";
}
