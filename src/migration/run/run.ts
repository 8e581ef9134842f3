import { CancelledError } from "../../foundation/errors.ts";
import { Ledger } from "../ledger/index.ts";
import type { RunEvent } from "./event.ts";
import { identityOf } from "./identity.ts";
import { inputsHash } from "./inputs.ts";
import type { Migration } from "./migration.ts";
import type { Phase, PhaseContext, PhaseName, Refusal } from "./phase.ts";
import { backupPhase } from "./phases/backup.ts";
import { benchPhase } from "./phases/bench.ts";
import { checkPhase } from "./phases/check.ts";
import { comparePhase } from "./phases/compare.ts";
import { doctorPhase } from "./phases/doctor.ts";
import { exportPhase } from "./phases/export.ts";
import { importPhase } from "./phases/import.ts";
import { planPhase } from "./phases/plan.ts";
import { verifyPhase } from "./phases/verify.ts";
import { Reference } from "./reference.ts";
import { type ReportFiles, writeReport } from "./report.ts";
import { type PhaseState, RunState } from "./state.ts";
import { type TargetUse, useOf } from "./use.ts";

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly onEvent?: (event: RunEvent) => void;
}

/** What a run came to. */
export interface RunResult {
  /** Every phase is done, and no gate is shut. */
  readonly isComplete: boolean;
  /** The phase whose gate is shut, and why. */
  readonly refused?: Refusal & { readonly phase: PhaseName };
  readonly report: ReportFiles;
  /** How the application comes to ask the target, where every gate is passed and the target answers questions. */
  readonly use?: TargetUse;
}

const phases: readonly Phase[] = [
  doctorPhase,
  backupPhase,
  planPhase,
  exportPhase,
  checkPhase,
  importPhase,
  verifyPhase,
  comparePhase,
  benchPhase,
];

/**
 * Migrates from beginning to end: every phase in its order, each behind the gates of those before it. What is
 * done is noted as soon as it is, so that the next run begins where this one ended, in the middle of an import
 * too; phases whose inputs have changed are done again, and all after them.
 *
 * @throws {CancelledError} when the signal fires, saying how to go on
 * @throws {LedgerError} where another process works on the migration, or it is one of something else
 * @throws {RagfoodError} for what makes a phase impossible; what was done before it stays
 */
export async function runMigration(migration: Migration, options: RunOptions): Promise<RunResult> {
  const ledger = openLedger(migration);
  const run = new Run(migration, ledger, options);
  try {
    return await run.all();
  } catch (error) {
    // A call that was given up may end in an error of its own.
    if (error instanceof CancelledError || options.signal.aborted) throw run.cancelled(error);
    throw error;
  } finally {
    await run.close();
    ledger.close();
  }
}

/** @throws {LedgerError} */
export function openLedger(migration: Migration): Ledger {
  const { name, stateDirectory } = migration;
  return Ledger.open({ directory: stateDirectory, name, identity: identityOf(migration) });
}

class Run {
  readonly #context: PhaseContext;
  readonly #state: RunState;
  readonly #migration: Migration;
  readonly #reference: Reference;
  #present: PhaseName = "doctor";

  constructor(migration: Migration, ledger: Ledger, { signal, onEvent = () => {} }: RunOptions) {
    this.#migration = migration;
    this.#state = RunState.read(migration.directory);
    this.#reference = new Reference(migration, signal);
    this.#context = {
      migration,
      ledger,
      signal,
      emit: onEvent,
      outcomeOf: (name) => this.#state.phases[name]?.outcome,
      reference: this.#reference,
    };
  }

  async all(): Promise<RunResult> {
    for (const phase of phases) {
      this.#present = phase.name;
      if (this.#context.signal.aborted) throw new CancelledError();
      const { refusal } = (await this.#phase(phase)).outcome;
      if (refusal) {
        this.#context.emit({ type: "phase-refuse", phase: phase.name, ...refusal });
        return await this.#end({ ...refusal, phase: phase.name });
      }
    }
    return await this.#end(undefined);
  }

  async #phase(phase: Phase): Promise<PhaseState> {
    const { emit } = this.#context;
    const { name } = phase;
    const reason = phase.leftOut?.(this.#context);
    if (reason !== undefined) {
      emit({ type: "phase-leave-out", phase: name, reason });
      const outcome = { summary: reason, facts: {} };
      const state = { status: "left-out", inputs: "", begunAt: nowText(), milliseconds: 0, outcome } as const;
      await this.#state.set(name, state);
      return state;
    }
    const inputs = await phase.inputs(this.#context);
    const hash = inputs === undefined ? "" : inputsHash(inputs);
    const known = this.#state.phases[name];
    if (hash !== "" && known && isStillDone(phase, known, hash)) {
      emit({ type: "phase-skip", phase: name, summary: known.outcome.summary });
      return known;
    }
    return await this.#do(phase, hash);
  }

  async #do(phase: Phase, inputs: string): Promise<PhaseState> {
    const { emit } = this.#context;
    const { name } = phase;
    // What a phase that is done in every run finds, none rests on.
    if (inputs !== "") await this.#state.forgetFrom(name);
    emit({ type: "phase-begin", phase: name });
    const begunAt = nowText();
    const started = performance.now();
    const outcome = await phase.run(this.#context);
    const milliseconds = Math.round(performance.now() - started);
    const status = outcome.refusal ? "refused" : "done";
    const state: PhaseState = { status, inputs, begunAt, milliseconds, outcome };
    await this.#state.set(name, state);
    if (!outcome.refusal) emit({ type: "phase-end", phase: name, summary: outcome.summary, milliseconds });
    return state;
  }

  async #end(refused: RunResult["refused"]): Promise<RunResult> {
    const report = await writeReport(this.#migration, this.#state.phases);
    if (refused) return { isComplete: false, report, refused };
    const use = useOf(this.#migration, this.#state.phases);
    return { isComplete: true, report, ...(use && { use }) };
  }

  /** The same error with the sentence that says how to go on. */
  cancelled(error: unknown): CancelledError {
    const isTold = error instanceof CancelledError && error.message !== "Cancelled.";
    const stand = isTold ? ` ${error.message}` : "";
    return new CancelledError(`Stopped in the phase ${this.#present}.${stand}`, {
      hint: "Run the same command again: it goes on where it stopped.",
      cause: error,
    });
  }

  close(): Promise<void> {
    return this.#reference.close();
  }
}

function isStillDone(phase: Phase, { status, inputs, outcome }: PhaseState, hash: string): boolean {
  return status === "done" && inputs === hash && (phase.isInPlace?.(outcome) ?? true);
}

function nowText(): string {
  return new Date().toISOString();
}
