export interface CoolDownOptions {
  /** Failures in a row before calls pause. One may be chance; each more costs a caller the whole deadline. */
  readonly failuresAllowed: number;
  /** Milliseconds of the first pause; doubles with each failed trial, up to `longestMs`. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** Milliseconds of a clock that is never set back. Default: `performance.now`. */
  readonly now?: () => number;
}

/**
 * Pauses calls to a store that fails again and again. After the pause one call tries it, and the others need not
 * wait for that one.
 */
export class CoolDown {
  readonly #options: CoolDownOptions;
  readonly #now: () => number;
  #failures = 0;
  #pauseMs = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #isTrying = false;

  constructor(options: CoolDownOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Whether a call may be made now; its outcome has to be reported. */
  mayCall(): boolean {
    if (this.#failures < this.#options.failuresAllowed) return true;
    if (this.#isTrying || this.#now() < this.#pausedUntil) return false;
    this.#isTrying = true;
    return true;
  }

  /** Milliseconds until a call tries it again; 0 without a pause. */
  get pauseLeftMs(): number {
    return Math.max(0, this.#pausedUntil - this.#now());
  }

  /** The store has answered, if only by refusing the request. */
  succeeded(): void {
    this.#failures = 0;
    this.#pauseMs = 0;
    this.#isTrying = false;
  }

  failed(): void {
    this.#failures++;
    this.#isTrying = false;
    if (this.#failures < this.#options.failuresAllowed) return;
    // Calls that were under way when the pause began may still fail.
    if (this.#now() < this.#pausedUntil) return;
    this.#pauseMs = Math.min(this.#pauseMs * 2 || this.#options.firstMs, this.#options.longestMs);
    this.#pausedUntil = this.#now() + this.#pauseMs;
  }

  /** The caller gave up, which says nothing about the store. */
  abandoned(): void {
    this.#isTrying = false;
  }
}
