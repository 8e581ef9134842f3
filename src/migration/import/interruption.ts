import type { RagfoodError } from "../../foundation/errors.ts";
import type { ImportOutcome } from "./report.ts";

/** Why an import ends before its source does. */
export interface StopReason {
  readonly outcome: Exclude<ImportOutcome, "complete" | "refused">;
  readonly failure?: RagfoodError;
}

export interface InterruptionOptions {
  /** Stops the import: requests under way may end. */
  readonly signal?: AbortSignal | undefined;
  /** Stops it and aborts the requests under way. */
  readonly abortSignal?: AbortSignal | undefined;
  /** Milliseconds that requests under way have to end. */
  readonly drainMs: number;
}

/** Brings an import to its end early: no new request begins, and those under way have a bounded time. */
export class Interruption {
  readonly #drainMs: number;
  readonly #stopped = new AbortController();
  readonly #aborted = new AbortController();
  readonly #ends: (() => void)[] = [];
  #reason: StopReason | undefined;

  constructor({ signal, abortSignal, drainMs }: InterruptionOptions) {
    this.#drainMs = drainMs;
    this.#on(abortSignal, () => {
      this.stop({ outcome: "cancelled" });
      this.#aborted.abort();
    });
    this.#on(signal, () => this.stop({ outcome: "cancelled" }));
  }

  #on(signal: AbortSignal | undefined, action: () => void): void {
    if (signal === undefined) return;
    if (signal.aborted) {
      action();
      return;
    }
    signal.addEventListener("abort", action, { once: true });
    this.#ends.push(() => signal.removeEventListener("abort", action));
  }

  /** The first reason counts. */
  stop(reason: StopReason): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#stopped.abort();
    const timer = setTimeout(() => this.#aborted.abort(), this.#drainMs);
    this.#ends.push(() => clearTimeout(timer));
  }

  get reason(): StopReason | undefined {
    return this.#reason;
  }

  get isStopped(): boolean {
    return this.#reason !== undefined;
  }

  /** Aborted when nothing new is to begin: ends pauses and the reading of the source. */
  get stopped(): AbortSignal {
    return this.#stopped.signal;
  }

  /** Aborted when requests under way are to end at once. */
  get aborted(): AbortSignal {
    return this.#aborted.signal;
  }

  /** Lets go of the signals and the timer. */
  close(): void {
    for (const end of this.#ends) end();
  }
}
