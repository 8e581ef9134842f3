import { CancelledError, TimeoutError } from "../foundation/errors.ts";

/**
 * Ends a call at its deadline or with its caller's signal, whichever is first. The abort reason of `signal` is the
 * error that the caller gets. A call has one listener and one timer, which `dispose` removes: `AbortSignal.any` and
 * `AbortSignal.timeout` would leave theirs on a long-lived signal.
 */
export class CallSignal {
  readonly signal: AbortSignal;
  /** The last failed attempt. It explains why the call was still retrying at its deadline. */
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
    // Keeps the process alive while a call waits for its next attempt.
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
   * The result of the work. Rejects at once when the call has to end.
   * @throws {CancelledError} if the caller's signal aborts
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
