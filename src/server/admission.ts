import { unavailable } from "./http-error.ts";

export interface AdmissionLimits {
  /** Requests that are worked on at once, waiting ones included. */
  readonly inFlight: number;
  /** Milliseconds that the first request in line may have waited; beyond, new ones are refused. */
  readonly waitMs: number;
}

/** Milliseconds that a refused caller is asked to wait. */
const retryAfterMs = 1_000;

/** A place among the requests that are worked on. */
export interface Slot {
  /** Frees the place; again is a no-op. */
  release(): void;
  /** Whether the answer is still being written, so that the middleware must not free the place. */
  isStreaming: boolean;
}

interface Waiting {
  readonly since: number;
  readonly proceed: () => void;
}

/** Milliseconds of work between two looks at what has arrived: at least, and at most. */
const shortestSliceMs = 5;
const longestSliceMs = 50;

/**
 * Refuses work before it is queued. The embedded index answers in the event loop, so requests that have arrived
 * would wait in line there unseen. Admitted requests take their turns in slices; between two slices the loop reads, and
 * refuses, what has arrived meanwhile. A slice is as long as that took, so that a flood of requests which are refused
 * leaves half the time to those that were admitted.
 */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #line: Waiting[] = [];
  #inFlight = 0;
  #isScheduled = false;
  #sliceEnd = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  /** @throws {HttpError} 503 if the service has as much work as it can do in time */
  check(): void {
    const first = this.#line[0];
    const isLate = first !== undefined && performance.now() - first.since > this.#limits.waitMs;
    if (this.#inFlight >= this.#limits.inFlight || isLate) {
      throw unavailable("overloaded", "The service has more requests than it can answer.", retryAfterMs);
    }
  }

  /** @throws {HttpError} 503, as `check` */
  enter(): Slot {
    this.check();
    this.#inFlight++;
    let isHeld = true;
    return {
      isStreaming: false,
      release: () => {
        if (isHeld) this.#inFlight--;
        isHeld = false;
      },
    };
  }

  /** Resolves when it is this request's turn to compute. */
  turn(): Promise<void> {
    return new Promise((proceed) => {
      this.#line.push({ since: performance.now(), proceed });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled || this.#line.length === 0) return;
    this.#isScheduled = true;
    const endOfLast = this.#sliceEnd || performance.now();
    setImmediate(() => {
      const now = performance.now();
      this.#work(now + Math.min(longestSliceMs, Math.max(shortestSliceMs, now - endOfLast)));
    });
  }

  /** Lets one request compute as far as it comes without waiting, then the next, until the slice is over. */
  #work(sliceEnd: number): void {
    this.#line.shift()?.proceed();
    // Ticks run when no microtask is left, which is when the request waits for something or is answered.
    queueMicrotask(() =>
      process.nextTick(() => {
        this.#sliceEnd = performance.now();
        if (this.#line.length > 0 && this.#sliceEnd < sliceEnd) return this.#work(sliceEnd);
        this.#isScheduled = false;
        this.#schedule();
      }),
    );
  }
}
