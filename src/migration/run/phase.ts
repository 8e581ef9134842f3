import type { Ledger } from "../ledger/index.ts";
import type { RunEvent } from "./event.ts";
import type { Migration } from "./migration.ts";
import type { GateFailure, PhaseName } from "./phase-name.ts";
import type { Reference } from "./reference.ts";

/** Result of a phase; plain JSON, as the ledger keeps it. */
export interface PhaseOutcome {
  /** One sentence. */
  readonly summary: string;
  readonly facts: unknown;
  /** For the report. */
  readonly markdown?: string;
  /** No later phase runs. */
  readonly gateFailure?: GateFailure;
}

/** What a phase works with. */
export interface PhaseContext {
  readonly signal: AbortSignal;
  readonly migration: Migration;
  readonly ledger: Ledger;
  readonly emit: (event: RunEvent) => void;
  /** Result of an earlier phase of this migration, from this run or an earlier one. */
  outcomeOf(name: PhaseName): PhaseOutcome | undefined;
  /** The source as a store that answers queries; one for all phases. */
  readonly reference: Reference;
}

export interface Phase {
  readonly name: PhaseName;
  /** Why the phase does not apply to this migration; `undefined` if it does. */
  skipped?(context: PhaseContext): string | undefined;
  /**
   * What the outcome depends on, as JSON: a finished phase is skipped unless its inputs changed. Without it, the
   * phase runs every time.
   */
  inputs?(context: PhaseContext): Promise<unknown>;
  /** Whether what an earlier run of the phase produced still exists, unchanged. */
  isInPlace?(outcome: PhaseOutcome): boolean;
  /**
   * @throws {RagfoodError} if it cannot run; a closed gate is an outcome
   * @throws {CancelledError}
   */
  run(context: PhaseContext): Promise<PhaseOutcome>;
}
