import { CancelledError, TimeoutError } from "../foundation/errors.ts";

/**
 * When a call has to end: by its caller's signal or at its deadline, whichever is first. `signal` aborts
 * with the error that the caller is to get. One listener and one timer for the whole call, both gone after
 * `dispose`: `AbortSignal.any` and `AbortSignal.timeout` leave theirs behind on a signal that lives long.
 */
export class CallSignal {
  readonly signal: AbortSignal;
  /** The last failure of an attempt: why the call was still going when its time was up. */
  lastFailure: unknown;
  readonly #controller = new AbortController();
  readonly #endsAt: number;
  readonly #timer: NodeJS.Timeout;
  readonly #caller: AbortSignal | undefined;
  readonly #onAbort = () =>
    this.#controller.abort(new CancelledError("Cancelled.", { cause: this.#caller?.reason }));

  constructor(endpoint: string, deadlineMs: number, caller?: AbortSignal) {
    this.signal = this.#controller.signal;
    this.#caller = caller;
    this.#endsAt = performance.now() + deadlineMs;
    // Referenced, so that a process does not end while a call waits for its next attempt.
    this.#timer = setTimeout(
      () => this.#controller.abort(deadlineError(endpoint, deadlineMs, this.lastFailure)),
      deadlineMs,
    );
    if (caller?.aborted) this.#onAbort();
    else caller?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /** Milliseconds until the deadline. */
  get remainingMs(): number {
    return this.#endsAt - performance.now();
  }

  /**
   * The outcome of the work, or at once the reason why the call has to end.
   * @throws {CancelledError} when the caller gave up
   * @throws {TimeoutError} at the deadline
   */
  async race<T>(work: () => Promise<T>): Promise<T> {
    const { signal } = this;
    signal.throwIfAborted();
    let onAbort = () => {};
    const ended = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
    });
    try {
      return await Promise.race([work(), ended]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#caller?.removeEventListener("abort", this.#onAbort);
  }
}

function deadlineError(endpoint: string, deadlineMs: number, cause: unknown): TimeoutError {
  const last = cause instanceof Error ? ` Last failure: ${cause.message}` : "";
  return new TimeoutError(
    "upstash",
    `Upstash Vector gave no answer to /${endpoint} within ${deadlineMs} ms, waiting and retries included.${last}`,
    { endpoint, cause, hint: "Try again later, or raise REQUEST_DEADLINE_MS." },
  );
}
