/** At most `count` requests in any `intervalMs` milliseconds. */
export interface RateLimit {
  readonly count: number;
  readonly intervalMs: number;
}

interface Waiting {
  readonly go: () => void;
}

/**
 * Gives permits in the order of requests, at most `count` in any `intervalMs` (a sliding window). The clock is
 * monotonic, so changes of the system time have no effect.
 */
export class Rate {
  readonly #limit: RateLimit;
  /** Times of the latest permits, at most `count`, oldest first. */
  readonly #given: number[] = [];
  readonly #waiting = new Set<Waiting>();
  #timer: NodeJS.Timeout | undefined;

  constructor(limit: RateLimit) {
    this.#limit = limit;
  }

  /**
   * Resolves when the request may be sent. A cancelled wait uses no permit.
   * @param onWait called if the permit is not available at once
   * @throws the abort reason of the signal
   */
  async take(signal: AbortSignal, onWait: () => void): Promise<void> {
    signal.throwIfAborted();
    if (this.#waiting.size === 0 && this.#msUntilFree() <= 0) return this.#give();
    onWait();
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => {
        this.#waiting.delete(entry);
        if (this.#waiting.size === 0) this.#stop();
        reject(signal.reason);
      };
      const entry = {
        go: () => {
          signal.removeEventListener("abort", onAbort);
          resolve();
        },
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiting.add(entry);
      this.#schedule();
    });
  }

  #give(): void {
    this.#given.push(performance.now());
    if (this.#given.length > this.#limit.count) this.#given.shift();
  }

  #msUntilFree(): number {
    const [oldest] = this.#given;
    if (oldest === undefined || this.#given.length < this.#limit.count) return 0;
    return oldest + this.#limit.intervalMs - performance.now();
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      for (const entry of this.#waiting) {
        if (this.#msUntilFree() > 0) break;
        this.#waiting.delete(entry);
        this.#give();
        entry.go();
      }
      if (this.#waiting.size > 0) this.#schedule();
    }, Math.ceil(this.#msUntilFree()));
  }
}
