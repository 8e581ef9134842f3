/** Aborts if nothing happens for `timeoutMs`. Its signals also abort when the caller's signal does. */
export class IdleTimeout {
  readonly #controller = new AbortController();
  readonly #timeoutMs: number;
  #timer: NodeJS.Timeout | undefined;
  timedOut = false;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.renew();
  }

  /** A signal that aborts on timeout or with the caller's signal. */
  signal(callerSignal?: AbortSignal): AbortSignal {
    return callerSignal ? AbortSignal.any([this.#controller.signal, callerSignal]) : this.#controller.signal;
  }

  /** Restarts the timer after activity. */
  renew(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.timedOut = true;
      this.#controller.abort();
    }, this.#timeoutMs);
  }

  /** Stops the timer while the consumer is busy. `renew` starts it again. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  /** Stops the timer and aborts the request, even if its response is incomplete. */
  end(): void {
    clearTimeout(this.#timer);
    this.#controller.abort();
  }
}
