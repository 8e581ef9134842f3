import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  type IBackoff,
  type IBreaker,
  noJitterGenerator,
} from "cockatiel";
import {
  CircuitOpenError,
  ConnectionError,
  ServiceError,
  ServiceFaultError,
  TimeoutError,
} from "../foundation/errors.ts";
import type { TransportListener } from "./events.ts";

export interface BreakerOptions {
  /**
   * Failures in a row that open the breaker where few calls are made. Where many are, the row has to be half of
   * what came of the calls within `windowMs`, but never longer than twice this: calls under way at the same time
   * fail together, and of many calls some fail in a row by chance.
   */
  readonly failures: number;
  /** Milliseconds. */
  readonly windowMs: number;
  /** Milliseconds that the row has to last, from the start of its first attempt. */
  readonly spanMs: number;
  /** Milliseconds until the first probe; doubled after each that fails. */
  readonly firstProbeMs: number;
  readonly lastProbeMs: number;
}

type Outcome<T> = { readonly answer: T } | { readonly refusal: ServiceError };

/**
 * Lets a service alone that is down. Failures are: no connection, no answer in time, 5xx and answers that
 * cannot be read. Any other answer, a 429 too, shows that the service lives, and ends the row. Half-open, one
 * call is the probe and the others wait for its outcome; a probe that its caller gives up proves nothing, and
 * the breaker stays open.
 */
export class Breaker {
  readonly #policy: CircuitBreakerPolicy;
  readonly #row: LastingRow;
  #opensUntil = 0;
  #lastFailure: unknown;

  constructor(options: BreakerOptions, onEvent: TransportListener) {
    const { firstProbeMs, lastProbeMs } = options;
    const pauses = new ExponentialBackoff({
      generator: noJitterGenerator,
      initialDelay: firstProbeMs,
      maxDelay: lastProbeMs,
    });
    this.#row = new LastingRow(options);
    this.#policy = circuitBreaker(
      handleWhen((error) => isFailure(error) || error instanceof AbandonedProbe),
      {
        breaker: this.#row,
        halfOpenAfter: { next: () => this.#timed(pauses.next()) },
      },
    );
    this.#policy.onBreak(() => onEvent({ type: "breaker-open", durationMs: this.#opensUntil - Date.now() }));
    this.#policy.onHalfOpen(() => onEvent({ type: "breaker-half-open" }));
    this.#policy.onReset(() => onEvent({ type: "breaker-close" }));
  }

  /** @throws {CircuitOpenError} while the breaker is open */
  refuseIfOpen(endpoint: string): void {
    if (this.#policy.state === CircuitState.Open && Date.now() < this.#opensUntil)
      throw this.#error(endpoint);
  }

  /** @throws {CircuitOpenError} while the breaker is open; otherwise what `send` throws */
  async execute<T>(endpoint: string, send: () => Promise<T>): Promise<T> {
    try {
      const outcome = await this.#policy.execute(() => this.#sortOut(send));
      if ("refusal" in outcome) throw outcome.refusal;
      return outcome.answer;
    } catch (error) {
      if (error instanceof BrokenCircuitError) throw this.#error(endpoint);
      throw error instanceof AbandonedProbe ? error.cause : error;
    }
  }

  /** What the service refuses by itself is an outcome to the breaker, not a failure. */
  async #sortOut<T>(send: () => Promise<T>): Promise<Outcome<T>> {
    // The library is still open when it starts a probe.
    const isProbe = this.#policy.state !== CircuitState.Closed;
    const startedAt = Date.now();
    try {
      return { answer: await send() };
    } catch (error) {
      if (isFailure(error)) {
        this.#lastFailure = error;
        this.#row.begin(startedAt);
      } else if (error instanceof ServiceError) return { refusal: error };
      else if (isProbe) throw new AbandonedProbe("", { cause: error });
      throw error;
    }
  }

  /** Keeps in mind how long the breaker opens for, which the library tells nobody. */
  #timed(pause: IBackoff<unknown>): IBackoff<unknown> {
    this.#opensUntil = Date.now() + pause.duration;
    return { duration: pause.duration, next: () => this.#timed(pause.next(undefined)) };
  }

  #error(endpoint: string): CircuitOpenError {
    const retryAfterMs = Math.max(0, this.#opensUntil - Date.now());
    const cause = this.#lastFailure;
    const last = cause instanceof Error ? ` Last failure: ${cause.message}` : "";
    return new CircuitOpenError(
      "upstash",
      `Upstash Vector failed again and again; no request is made for another ${retryAfterMs} ms.${last}`,
      {
        endpoint,
        retryAfterMs,
        cause,
        hint: "Try again later; https://status.upstash.com tells of outages.",
      },
    );
  }
}

/** Opens after so many failures in a row, once the row has lasted so long. */
class LastingRow implements IBreaker {
  /** The length of the row. */
  state = 0;
  readonly #options: BreakerOptions;
  /** When the latest outcomes came, as many as can matter. */
  readonly #outcomes: number[] = [];
  #begunAt = 0;
  #lastSuccess = Number.NEGATIVE_INFINITY;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** To be called before `failure`. An attempt may have begun before others succeeded: that time does not count. */
  begin(startedAt: number): void {
    if (this.state === 0) this.#begunAt = Math.max(startedAt, this.#lastSuccess);
  }

  success(): void {
    this.state = 0;
    this.#lastSuccess = this.#note();
  }

  failure(): boolean {
    const now = this.#note();
    return ++this.state >= this.#wanted(now) && now - this.#begunAt >= this.#options.spanMs;
  }

  #note(): number {
    const now = Date.now();
    this.#outcomes.push(now);
    if (this.#outcomes.length > 4 * this.#options.failures) this.#outcomes.shift();
    return now;
  }

  #wanted(now: number): number {
    const { failures, windowMs } = this.#options;
    return Math.max(failures, this.#outcomes.filter((at) => now - at < windowMs).length / 2);
  }
}

/** A probe without an outcome. */
class AbandonedProbe extends Error {}

function isFailure(error: unknown): boolean {
  if (error instanceof TimeoutError) return error.status === undefined;
  return error instanceof ConnectionError || error instanceof ServiceFaultError;
}
