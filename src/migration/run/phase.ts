import type { CallOptions } from "../../store/store.ts";
import type { Ledger } from "../ledger/index.ts";
import type { RunEvent } from "./event.ts";
import type { Migration } from "./migration.ts";
import type { Reference } from "./reference.ts";

/** The phases of a migration, in their order. */
export const phaseNames = [
  "doctor",
  "backup",
  "plan",
  "export",
  "check",
  "import",
  "verify",
  "compare",
  "bench",
  "report",
] as const;

export type PhaseName = (typeof phaseNames)[number];

/** Why a phase holds a migration up. */
export interface Refusal {
  /** What was found. */
  readonly found: string;
  /** What to do, and how to go on. */
  readonly advice: string;
}

/** What a phase came to; plain JSON, as it is kept. */
export interface PhaseOutcome {
  /** One sentence. */
  readonly summary: string;
  readonly facts: unknown;
  /** For the report. */
  readonly markdown?: string;
  /** The gate of the phase is shut: nothing after it runs. */
  readonly refusal?: Refusal;
}

/** What a phase works with. */
export interface PhaseContext extends Required<CallOptions> {
  readonly migration: Migration;
  readonly ledger: Ledger;
  readonly emit: (event: RunEvent) => void;
  /** What an earlier phase of this migration came to, in this run or before. */
  outcomeOf(name: PhaseName): PhaseOutcome | undefined;
  /** Where the source answers queries; one for all phases. */
  readonly reference: Reference;
}

export interface Phase {
  readonly name: PhaseName;
  /** Why the phase has nothing to do in this migration; `undefined` where it has. */
  leftOut?(context: PhaseContext): string | undefined;
  /**
   * What the outcome rests on, as JSON: as long as it stays the same, a phase that is done is not done again.
   * `undefined`: it is done in every run.
   */
  inputs(context: PhaseContext): Promise<unknown>;
  /** Whether what the phase has made is where it was put. */
  isInPlace?(outcome: PhaseOutcome): boolean;
  /**
   * @throws {RagfoodError} for what makes it impossible; a gate that is shut is an outcome
   * @throws {CancelledError}
   */
  run(context: PhaseContext): Promise<PhaseOutcome>;
}
