import { z } from "zod";
import type { Ledger } from "../ledger/index.ts";
import type { PhaseOutcome } from "./phase.ts";
import { type PhaseName, phaseNames } from "./phase-name.ts";

/** What the ledger keeps of one phase. */
export interface PhaseState {
  /** `skipped`: it does not apply to this migration. `stopped`: Ctrl-C ended it. */
  readonly status: "done" | "failed" | "skipped" | "stopped";
  /** SHA-256 of what it depends on; `""` if it runs every time. */
  readonly inputs: string;
  /** ISO 8601, UTC. */
  readonly begunAt: string;
  readonly milliseconds: number;
  readonly outcome: PhaseOutcome;
}

export type PhaseStates = Readonly<Partial<Record<PhaseName, PhaseState>>>;

const stateSchema = z.object({
  status: z.enum(["done", "failed", "skipped", "stopped"]),
  inputs: z.string(),
  begunAt: z.string(),
  milliseconds: z.number(),
  outcome: z.object({
    summary: z.string(),
    facts: z.unknown().optional(),
    markdown: z.string().optional(),
    gateFailure: z.object({ found: z.string(), advice: z.string() }).optional(),
  }),
});

/** The phases that a ledger keeps. One that this version cannot read counts as not run, so that it runs again. */
export function phasesOf(kept: Readonly<Record<string, unknown>>): PhaseStates {
  const entries = phaseNames.flatMap((name) => {
    const { success, data } = stateSchema.safeParse(kept[name]);
    return success ? [[name, data as PhaseState] as const] : [];
  });
  return Object.fromEntries(entries);
}

/** The phases of a running migration, kept in its ledger. */
export class RunState {
  readonly #ledger: Ledger;
  #phases: PhaseStates;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
    this.#phases = phasesOf(ledger.summary().phases);
  }

  get phases(): PhaseStates {
    return this.#phases;
  }

  /** On disk when this returns. @throws {LedgerError} */
  set(name: PhaseName, state: PhaseState): void {
    this.#ledger.setPhase(name, state);
    this.#phases = { ...this.#phases, [name]: state };
  }

  /** A phase that runs again makes its former result, and those of all later phases, invalid. @throws {LedgerError} */
  forgetFrom(name: PhaseName): void {
    const place = phaseNames.indexOf(name);
    this.#ledger.forgetPhases(phaseNames.slice(place));
    const kept = Object.entries(this.#phases).filter(
      ([other]) => phaseNames.indexOf(other as PhaseName) < place,
    );
    this.#phases = Object.fromEntries(kept);
  }
}
