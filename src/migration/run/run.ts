import { CancelledError, RagfoodError } from "../../foundation/errors.ts";
import { type Ledger, openLedger } from "../ledger/index.ts";
import type { RunEvent } from "./event.ts";
import { identityOf } from "./identity.ts";
import { inputsHash } from "./inputs.ts";
import type { Migration } from "./migration.ts";
import type { Phase, PhaseContext } from "./phase.ts";
import { type GateFailure, type PhaseName, phaseNames } from "./phase-name.ts";
import { phasesFor } from "./phases/index.ts";
import { Reference } from "./reference.ts";
import { completeness, isComplete, type ReportFiles, writeReport } from "./report.ts";
import { type PhaseState, RunState } from "./state.ts";
import { type Proof, proofOf } from "./summary.ts";
import { type TargetUse, useOf } from "./use.ts";

export interface RunOptions {
  readonly signal: AbortSignal;
  readonly onEvent?: (event: RunEvent) => void;
}

/** Result of a run. */
export interface RunResult {
  /** Every phase that applies is done, and no gate is closed. */
  readonly isComplete: boolean;
  /** The phase that stopped the run, and why. */
  readonly refused?: GateFailure & { readonly phase: PhaseName };
  /** What that phase threw. */
  readonly error?: unknown;
  /** Absent only if it could not be written either. */
  readonly report?: ReportFiles;
  /** Known facts about records, results and speed. */
  readonly proof: Proof;
  /** `complete`, `not complete`, or what was left out on request. */
  readonly completeness: string;
  /** The settings by which the application uses the target. */
  readonly use?: TargetUse;
}

/**
 * Runs all phases of a migration in their order, each behind the gates of those before it. The ledger keeps each
 * result, so that the next run continues where this one ended, also in the middle of an import. A finished phase is
 * skipped unless its inputs changed; the verification and the comparison run every time.
 *
 * A phase that fails or is cancelled is part of the result, and a report is written in every case.
 *
 * @throws {LedgerError} if another process works on the migration, or the ledger belongs to another one
 */
export async function runMigration(migration: Migration, options: RunOptions): Promise<RunResult> {
  const ledger = await openMigrationLedger(migration, options.signal);
  const run = new Run(migration, ledger, options);
  try {
    return await run.all();
  } finally {
    await run.close();
    ledger.close();
  }
}

/** @throws {LedgerError} */
export async function openMigrationLedger(migration: Migration, signal: AbortSignal): Promise<Ledger> {
  const { name, stateDirectory } = migration;
  return await openLedger({ directory: stateDirectory, name, identity: identityOf(migration), signal });
}

class Run {
  readonly #context: PhaseContext;
  readonly #state: RunState;
  readonly #migration: Migration;
  readonly #reference: Reference;

  constructor(migration: Migration, ledger: Ledger, { signal, onEvent = () => {} }: RunOptions) {
    this.#migration = migration;
    this.#state = new RunState(ledger);
    const outcomeOf = (name: PhaseName) => this.#state.phases[name]?.outcome;
    this.#reference = new Reference(migration, signal, () => outcomeOf("check")?.facts);
    this.#context = { migration, ledger, signal, emit: onEvent, outcomeOf, reference: this.#reference };
  }

  async all(): Promise<RunResult> {
    for (const phase of phasesFor(this.#migration)) {
      const { name } = phase;
      try {
        if (this.#context.signal.aborted) throw new CancelledError();
        const { gateFailure } = (await this.#phase(phase)).outcome;
        if (!gateFailure) continue;
        this.#context.emit({ type: "phase-refuse", phase: name, ...gateFailure });
        return await this.#result({ refused: { ...gateFailure, phase: name } });
      } catch (thrown) {
        return await this.#result(this.#failed(name, thrown));
      }
    }
    return await this.#result({});
  }

  async #phase(phase: Phase): Promise<PhaseState> {
    const { emit } = this.#context;
    const { name } = phase;
    const reason = phase.skipped?.(this.#context);
    if (reason !== undefined) {
      emit({ type: "phase-leave-out", phase: name, reason });
      return this.#skip(name, reason);
    }
    const hash = phase.inputs ? inputsHash(await phase.inputs(this.#context)) : "";
    const known = this.#state.phases[name];
    if (hash !== "" && known && isStillDone(phase, known, hash)) {
      const finishedAt = new Date(Date.parse(known.begunAt) + known.milliseconds).toISOString();
      const { summary } = known.outcome;
      emit({ type: "phase-skip", phase: name, summary, finishedAt });
      return known;
    }
    return await this.#do(phase, hash);
  }

  async #do(phase: Phase, inputs: string): Promise<PhaseState> {
    const { emit } = this.#context;
    const { name } = phase;
    // A phase that runs every time decides only when it has failed whether later results still hold.
    if (inputs !== "") this.#state.forgetFrom(name);
    emit({ type: "phase-begin", phase: name });
    const begunAt = nowText();
    const started = performance.now();
    const outcome = await phase.run(this.#context);
    const milliseconds = Math.round(performance.now() - started);
    const status = outcome.gateFailure ? "failed" : "done";
    if (status === "failed" && name === "verify") this.#state.forgetFrom(name);
    if (status === "done") emit({ type: "phase-end", phase: name, summary: outcome.summary, milliseconds });
    return this.#keep(name, { status, inputs, begunAt, milliseconds, outcome });
  }

  #skip(name: PhaseName, reason: string): PhaseState {
    const outcome = { summary: reason, facts: {} };
    return this.#keep(name, { status: "skipped", inputs: "", begunAt: nowText(), milliseconds: 0, outcome });
  }

  #keep(name: PhaseName, state: PhaseState): PhaseState {
    this.#state.set(name, state);
    return state;
  }

  #failed(phase: PhaseName, thrown: unknown): Pick<RunResult, "refused" | "error"> {
    // A cancelled call may end with a different error.
    const isCancelled = thrown instanceof CancelledError || this.#context.signal.aborted;
    const error = isCancelled ? cancelledIn(phase, thrown) : thrown;
    const found = error instanceof Error ? error.message : String(error);
    const hint = error instanceof RagfoodError ? error.hint : undefined;
    const gateFailure = { found, advice: hint ?? "Run the same command again once the cause is removed." };
    try {
      const summary = isCancelled ? "the same command continues it" : found;
      const outcome = { summary, facts: {}, gateFailure };
      this.#keep(phase, {
        status: isCancelled ? "stopped" : "failed",
        inputs: "",
        begunAt: nowText(),
        milliseconds: 0,
        outcome,
      });
    } catch {
      // The ledger may be what failed.
    }
    return { error, refused: { ...gateFailure, phase } };
  }

  async #result(end: Pick<RunResult, "refused" | "error">): Promise<RunResult> {
    this.#skipOthers();
    const { phases } = this.#state;
    const report = await this.#report(end.error);
    const proof = proofOf(phases);
    if (end.refused) return { isComplete: false, completeness: "not complete", ...end, ...report, proof };
    const use = useOf(this.#migration, phases);
    return {
      isComplete: isComplete(phases),
      completeness: completeness(phases),
      ...report,
      proof,
      ...(use && { use }),
    };
  }

  /** Phases that a migration to this kind of target does not have. */
  #skipOthers(): void {
    const names = phasesFor(this.#migration).map(({ name }) => name);
    for (const name of phaseNames) {
      const reason = name === "import" ? "the export has written the dump" : "a dump answers no queries";
      if (!names.includes(name)) this.#skip(name, reason);
    }
  }

  /** @throws {StorageError} unless the run has failed already */
  async #report(error: unknown): Promise<Pick<RunResult, "report">> {
    try {
      return { report: await writeReport(this.#migration, this.#state.phases) };
    } catch (failure) {
      if (error === undefined) throw failure;
      return {};
    }
  }

  close(): Promise<void> {
    return this.#reference.close();
  }
}

/** The same error with the sentence that says how to continue. */
function cancelledIn(phase: PhaseName, error: unknown): CancelledError {
  const isSpecific = error instanceof CancelledError && error.message !== "Cancelled.";
  return new CancelledError(`Stopped in the phase ${phase}.${isSpecific ? ` ${error.message}` : ""}`, {
    hint: "Run the same command again: it continues where it stopped.",
    cause: error,
  });
}

function isStillDone(phase: Phase, { status, inputs, outcome }: PhaseState, hash: string): boolean {
  return status === "done" && inputs === hash && (phase.isInPlace?.(outcome) ?? true);
}

function nowText(): string {
  return new Date().toISOString();
}
