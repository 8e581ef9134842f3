import { RagfoodError, type RagfoodErrorOptions } from "../foundation/errors.ts";

/**
 * - `unavailable`: the store cannot be reached, or did not answer in time; later it may
 * - `conflict`: other transactions changed the same rows at each attempt
 * - `version`: a later version of ragfood made the tables, or another program
 * - `storage`: the store cannot be read or written until a person acts, as on a full disk
 * - `closed`: it was closed in this process
 */
export type StateErrorReason = "unavailable" | "conflict" | "version" | "storage" | "closed";

export interface StateErrorOptions extends RagfoodErrorOptions {
  /** The commit was sent and its answer was lost. Default false: nothing was changed. */
  readonly mayHaveCommitted?: boolean;
  /** Why, without any path: "the disk is full". */
  readonly problem?: string;
}

/** The state store could not do what was asked. Unless `mayHaveCommitted`, nothing was changed. */
export class StateError extends RagfoodError {
  static override readonly errorName: string = "StateError";
  readonly code = "state";
  readonly reason: StateErrorReason;
  readonly mayHaveCommitted: boolean;
  readonly problem: string | undefined;

  constructor(reason: StateErrorReason, message: string, options: StateErrorOptions = {}) {
    super(message, options);
    this.reason = reason;
    this.mayHaveCommitted = options.mayHaveCommitted ?? false;
    this.problem = options.problem;
  }

  /** Whether the same transaction may succeed later. */
  get isRetryable(): boolean {
    return (this.reason === "unavailable" || this.reason === "conflict") && !this.mayHaveCommitted;
  }
}

export function closedError(location: string): StateError {
  return new StateError("closed", `The state in ${location} was closed.`);
}

export function laterVersion(location: string, found: number, known: number): StateError {
  return new StateError(
    "version",
    `The state in ${location} has version ${found}; this ragfood knows ${known}.`,
    {
      hint: "A later ragfood has upgraded it. Run that version or a newer one on every replica, or restore a backup made before the upgrade: docs/backup.md.",
    },
  );
}
