/** Milliseconds over which the rate is measured. */
const windowMs = 20_000;
/** Steps and milliseconds after the first one, before which an estimate of the time left means nothing. */
const minimumSteps = 3;
const minimumMs = 3_000;

/**
 * The rate of some work, over the last 20 seconds. The first step counts from the beginning for the rate, but not for
 * the time left: it includes what happens once, such as connecting or loading a model.
 */
export class Rate {
  readonly #now: () => number;
  /** Times of steps in the window, with the work done in each; the first one is where the window starts. */
  #steps: { readonly at: number; readonly done: number }[];
  #firstStepAt: number | undefined;
  #count = 0;

  /** @param now milliseconds of a monotonic clock */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#steps = [{ at: now(), done: 0 }];
  }

  add(done: number): void {
    const at = this.#now();
    this.#firstStepAt ??= at;
    this.#count++;
    this.#steps.push({ at, done });
    while (this.#steps.length > 2 && at - (this.#steps[0]?.at ?? at) > windowMs) this.#steps.shift();
  }

  /** Work a second; 0 before the first step. */
  get perSecond(): number {
    return this.#since(0);
  }

  /** `undefined` until the estimate means something, and while nothing is done. */
  secondsLeft(left: number): number | undefined {
    if (left <= 0) return 0;
    const elapsed = this.#firstStepAt === undefined ? 0 : this.#now() - this.#firstStepAt;
    if (this.#count <= minimumSteps || elapsed < minimumMs) return undefined;
    const hasFirst = this.#count === this.#steps.length - 1;
    const rate = this.#since(hasFirst ? 1 : 0);
    return rate > 0 ? left / rate : undefined;
  }

  #since(start: number): number {
    const [first, ...later] = this.#steps.slice(start);
    const seconds = (this.#now() - (first?.at ?? 0)) / 1_000;
    if (first === undefined || seconds <= 0) return 0;
    return later.reduce((sum, { done }) => sum + done, 0) / seconds;
  }
}
