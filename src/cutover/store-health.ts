export interface StoreHealthOptions {
  /** Failures in a row before reads pause. One may be chance; each more costs a reader the whole timeout. */
  readonly failuresAllowed: number;
  /** Probes at a time. */
  readonly concurrency: number;
  /** Milliseconds between the beginnings of two probes. */
  readonly probeEveryMs: number;
  /** Milliseconds of a clock that is never set back. Default: `performance.now`. */
  readonly now?: () => number;
}

/**
 * Whether a store may answer users. After failures in a row its reads pause: the other store answers, and some of the
 * reads go to this one as probes, off the user's path. So no user waits for a store that hangs, the rules of rollback
 * still see how it does, and the first probe that succeeds ends the pause.
 */
export class StoreHealth {
  readonly #options: StoreHealthOptions;
  readonly #now: () => number;
  readonly #probes = new Set<Promise<void>>();
  #failures = 0;
  #lastFault: Error | undefined;
  #probedAt = Number.NEGATIVE_INFINITY;

  constructor(options: StoreHealthOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** The last fault of a store whose reads are paused; `undefined` if it may answer. */
  get pausedBy(): Error | undefined {
    return this.#failures >= this.#options.failuresAllowed ? this.#lastFault : undefined;
  }

  /** The store has answered, if only by refusing the request. */
  succeeded(): void {
    this.#failures = 0;
  }

  failed(fault: Error): void {
    this.#failures++;
    this.#lastFault = fault;
  }

  /**
   * Runs a probe unless enough are running.
   * @param probe reports its outcome with `succeeded` or `failed`
   * @returns whether it runs
   */
  offerProbe(probe: () => Promise<unknown>): boolean {
    const { concurrency, probeEveryMs } = this.#options;
    const now = this.#now();
    if (this.#probes.size >= concurrency || now - this.#probedAt < probeEveryMs) return false;
    this.#probedAt = now;
    const running: Promise<void> = probe()
      .then(
        () => {},
        () => {},
      )
      .finally(() => this.#probes.delete(running));
    this.#probes.add(running);
    return true;
  }

  /** Waits for the probes that are running. */
  async settled(): Promise<void> {
    await Promise.all(this.#probes);
  }
}
