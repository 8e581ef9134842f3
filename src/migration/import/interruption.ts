import type { RagfoodError } from "../../foundation/errors.ts";
import type { ImportOutcome } from "./events.ts";

/** Why an import ends early. */
export interface StopReason {
  readonly outcome: Exclude<ImportOutcome, "complete" | "refused">;
  readonly failure?: RagfoodError;
}

export interface InterruptionOptions {
  /** Stops the import: requests that were sent may finish. */
  readonly signal?: AbortSignal | undefined;
  /** Stops it and aborts the requests that were sent. */
  readonly abortSignal?: AbortSignal | undefined;
  /** Milliseconds that these requests have to finish. */
  readonly drainMs: number;
}

/** Ends an import early: no new request begins, and those that were sent have a bounded time to finish. */
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

  /** Only the first reason counts. */
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

  /** Aborted when the import stops: ends pauses and the reading of the source. */
  get stopped(): AbortSignal {
    return this.#stopped.signal;
  }

  /** Aborted when requests that were sent have to end at once. */
  get aborted(): AbortSignal {
    return this.#aborted.signal;
  }

  /** Releases the signals and the timer. */
  close(): void {
    for (const end of this.#ends) end();
  }
}
