/** Aborts when nothing has happened for a while, or when the caller gives up. */
export class Patience {
  readonly #controller = new AbortController();
  readonly #timeoutMs: number;
  #timer: NodeJS.Timeout | undefined;
  timedOut = false;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.renew();
  }

  /** Fires on time-out, or with the caller's own signal. */
  signal(callerSignal?: AbortSignal): AbortSignal {
    return callerSignal ? AbortSignal.any([this.#controller.signal, callerSignal]) : this.#controller.signal;
  }

  /** Something happened: wait as long again. */
  renew(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.timedOut = true;
      this.#controller.abort();
    }, this.#timeoutMs);
  }

  /** The one who waits is busy: time does not count until the next `renew`. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  /** Nobody waits any more, also where the answer is not at its end: what is under way is broken off. */
  end(): void {
    clearTimeout(this.#timer);
    this.#controller.abort();
  }
}
