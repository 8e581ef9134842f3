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

/**
 * Refuses work before it is queued. The embedded index answers in the event loop, so requests that have arrived
 * would wait in line there unseen. Each admitted request takes its turn in a separate pass of the loop; between two
 * turns the loop reads and refuses what has arrived meanwhile.
 */
export class Admission {
  readonly #limits: AdmissionLimits;
  readonly #line: Waiting[] = [];
  #inFlight = 0;
  #isScheduled = false;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** @throws {HttpError} 503 if the service has as much work as it can do in time */
  enter(): Slot {
    const first = this.#line[0];
    const isLate = first !== undefined && performance.now() - first.since > this.#limits.waitMs;
    if (this.#inFlight >= this.#limits.inFlight || isLate) {
      throw unavailable("overloaded", "The service has more requests than it can answer.", retryAfterMs);
    }
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
    setImmediate(() => {
      this.#isScheduled = false;
      this.#line.shift()?.proceed();
      this.#schedule();
    });
  }
}
