import { AsyncLocalStorage } from "node:async_hooks";
import { CancelledError } from "../foundation/errors.ts";
import { StateError } from "./state-error.ts";

const running = new AsyncLocalStorage<object>();

/**
 * Runs the work of a transaction. A transaction inside another one of the same database would wait for itself.
 * @throws {Error} for one
 */
export function runInside<T>(database: object, work: () => Promise<T>): Promise<T> {
  return running.run(database, work);
}

export function refuseNested(database: object): void {
  if (running.getStore() !== database) return;
  throw new Error("A transaction was opened inside another one: pass the session on instead.");
}

/** A session is used after its transaction, by work that goes on after its time limit. */
export function sessionEnded(): Error {
  return new Error("The transaction of this session has ended.");
}

/** A time limit for a whole transaction, on a monotonic clock. */
export class Deadline {
  readonly #end: number;
  readonly #location: string;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal | undefined;

  constructor(location: string, timeoutMs: number, signal: AbortSignal | undefined) {
    this.#location = location;
    this.#timeoutMs = timeoutMs;
    this.#end = performance.now() + timeoutMs;
    this.#signal = signal;
  }

  get remainingMs(): number {
    return Math.max(0, this.#end - performance.now());
  }

  /**
   * The result of `work`, or an error as soon as the time is over or the caller gives up. `work` itself goes on.
   *
   * @param extraMs milliseconds beyond the limit
   * @throws {StateError} `unavailable`
   * @throws {CancelledError}
   */
  async limit<T>(work: Promise<T>, extraMs = 0): Promise<T> {
    let stop = () => {};
    const limit = new Promise<never>((_, reject) => {
      const cancel = () => reject(new CancelledError());
      if (this.#signal?.aborted) return cancel();
      const timer = setTimeout(() => reject(this.#expired()), this.remainingMs + extraMs);
      this.#signal?.addEventListener("abort", cancel);
      stop = () => {
        clearTimeout(timer);
        this.#signal?.removeEventListener("abort", cancel);
      };
    });
    try {
      return await Promise.race([limit, work]);
    } finally {
      stop();
      // It may fail when nothing waits for it any more.
      work.catch(() => {});
    }
  }

  #expired(): StateError {
    return new StateError(
      "unavailable",
      `A transaction in ${this.#location} did not end within ${this.#timeoutMs} ms.`,
      { hint: "Try again. If it happens often, look for long transactions of other processes." },
    );
  }
}
