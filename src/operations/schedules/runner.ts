import { setTimeout as wait } from "node:timers/promises";
import { describeFailure } from "../../foundation/describe-failure.ts";
import { safeListener } from "../../foundation/safe-listener.ts";
import { redactor } from "../../security/redactor.ts";
import type { StateDatabase } from "../../state/database.ts";
import {
  type Schedule,
  type ScheduleClaim,
  type ScheduleOutcome,
  ScheduleRepository,
} from "../../state/schedules.ts";
import { cronTimes } from "./cron.ts";
import type { Job, JobContext } from "./job.ts";

export type ScheduleEvent =
  | { readonly type: "job-start"; readonly name: string; readonly attempt: number }
  | {
      readonly type: "job-end";
      readonly name: string;
      /** `interrupted`: by a stop, or another replica has taken it over. */
      readonly outcome: ScheduleOutcome["outcome"] | "interrupted";
      readonly summary: string;
      readonly durationMs: number;
    }
  /** The state did not answer; it is asked again. */
  | { readonly type: "state-error"; readonly error: Error };

export interface ScheduleRunnerOptions {
  readonly onEvent?: (event: ScheduleEvent) => void;
  /** Milliseconds after which another replica may take over a run whose replica gives no sign. Default 60,000. */
  readonly leaseMs?: number;
  /** Milliseconds between two looks at what is due at most: another replica may have stopped. Default 30,000. */
  readonly pollMs?: number;
}

/** Within half a lease. */
const finishAttempts = 10;

/**
 * Runs jobs at their times: each on one replica at a time, one after the other in this process. A time that was
 * missed while no replica ran is made up for once, at the next start.
 */
export class ScheduleRunner {
  readonly #repository: ScheduleRepository;
  readonly #jobs: ReadonlyMap<string, Job & Schedule>;
  readonly #onEvent: (event: ScheduleEvent) => void;
  readonly #leaseMs: number;
  readonly #pollMs: number;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;

  /** @throws {UsageError} for an expression that cannot be read */
  constructor(state: StateDatabase, jobs: readonly Job[], options: ScheduleRunnerOptions = {}) {
    this.#repository = new ScheduleRepository(state);
    this.#jobs = new Map(
      jobs.map((job) => [
        job.name,
        { ...job, run: job.run.bind(job), next: cronTimes(job.expression, job.setting) },
      ]),
    );
    this.#onEvent = safeListener(options.onEvent);
    this.#leaseMs = options.leaseMs ?? 60_000;
    this.#pollMs = options.pollMs ?? 30_000;
  }

  start(): void {
    this.#running ??= this.#loop();
  }

  /** Interrupts a run, which is due again at the next start, and waits until it has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #loop(): Promise<void> {
    const schedules = [...this.#jobs.values()];
    let isRegistered = false;
    while (!this.#stopping.signal.aborted) {
      let pauseMs = this.#pollMs;
      try {
        if (!isRegistered) await this.#repository.register(schedules);
        isRegistered = true;
        const result = await this.#repository.claim(schedules, this.#leaseMs);
        if (result.status === "claimed") {
          await this.#run(result.claim);
          continue;
        }
        pauseMs = Math.min(pauseMs, result.forMs);
      } catch (error) {
        this.#onEvent({ type: "state-error", error: error as Error });
      }
      await wait(pauseMs, undefined, { signal: this.#stopping.signal }).catch(() => {});
    }
  }

  async #run(claim: ScheduleClaim): Promise<void> {
    const job = this.#jobs.get(claim.name) as Job & Schedule;
    const lost = new AbortController();
    const signal = AbortSignal.any([this.#stopping.signal, lost.signal]);
    const renewal = setInterval(() => this.#renew(claim, lost), this.#leaseMs / 3);
    this.#onEvent({ type: "job-start", name: job.name, attempt: claim.attempt });
    const begun = performance.now();
    const result = await outcomeOf(job, { signal, lastDetails: claim.lastDetails });
    clearInterval(renewal);
    const isInterrupted = signal.aborted && result.outcome === "failed";
    const isRecorded = isInterrupted
      ? await this.#repository.release(claim).then(() => false)
      : await this.#finish(claim, job, result);
    this.#onEvent({
      type: "job-end",
      name: job.name,
      outcome: isRecorded ? result.outcome : "interrupted",
      summary: result.summary,
      durationMs: Math.round(performance.now() - begun),
    });
  }

  /** A run that is not recorded would run again: the state may be away for a moment. */
  async #finish(claim: ScheduleClaim, job: Schedule, result: ScheduleOutcome): Promise<boolean> {
    for (let count = 1; ; count++) {
      try {
        return await this.#repository.finish(claim, job, result);
      } catch (error) {
        if (count === finishAttempts) throw error;
        this.#onEvent({ type: "state-error", error: error as Error });
      }
      await wait(this.#leaseMs / finishAttempts / 2);
    }
  }

  #renew(claim: ScheduleClaim, lost: AbortController): void {
    this.#repository.renew(claim, this.#leaseMs).then(
      (isHeld) => {
        if (!isHeld) lost.abort();
      },
      // The state is away. If it stays so, another replica takes over, and the next renewal finds that.
      (error) => this.#onEvent({ type: "state-error", error }),
    );
  }
}

async function outcomeOf(job: Job, context: JobContext): Promise<ScheduleOutcome> {
  try {
    const { summary, details, isBad = false } = await job.run(context);
    return {
      outcome: isBad ? "failed" : "succeeded",
      summary,
      ...(details !== undefined && { details }),
      isFinal: isBad,
    };
  } catch (error) {
    return { outcome: "failed", summary: redactor.text(describeFailure(error)) };
  }
}
