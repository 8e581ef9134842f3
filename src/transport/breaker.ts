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
   * Consecutive failures that open the breaker at low traffic. At high traffic the row must be half of the outcomes
   * within `windowMs`, at most twice this number: concurrent calls fail together, and among many calls some fail in a
   * row by chance.
   */
  readonly failures: number;
  /** Milliseconds. */
  readonly windowMs: number;
  /** Minimum duration of the row in milliseconds, from the start of its first attempt. */
  readonly spanMs: number;
  /** Milliseconds until the first probe; doubled after each failed probe. */
  readonly firstProbeMs: number;
  readonly lastProbeMs: number;
}

/** Closed without `openUntil`; half-open while `probe` is in flight. Times are from the breaker's clock. */
interface Opening {
  readonly openUntil: number;
  readonly pauseMs: number;
  /** Settles when the probe has an outcome. */
  readonly probe?: Promise<void>;
}

/**
 * A circuit breaker: stops requests to a service that is down. Failures are: no connection, a timeout, 5xx and
 * unreadable answers. Any other answer, including 429, shows that the service is up and ends the row. When half-open,
 * one call is the probe and the others wait for its outcome. If the caller cancels the probe, the breaker stays open.
 * The clock is monotonic, so changes of the system time have no effect.
 */
export class Breaker {
  readonly #options: BreakerOptions;
  readonly #onEvent: TransportListener;
  readonly #now: () => number;
  readonly #row: LastingRow;
  #opening: Opening | undefined;
  #lastFailure: unknown;

  /** @param now milliseconds of a monotonic clock */
  constructor(
    options: BreakerOptions,
    onEvent: TransportListener,
    now: () => number = () => performance.now(),
  ) {
    this.#options = options;
    this.#onEvent = onEvent;
    this.#now = now;
    this.#row = new LastingRow(options);
  }

  /** @throws {CircuitOpenError} while the breaker is open */
  refuseIfOpen(endpoint: string): void {
    const { openUntil = 0, probe } = this.#opening ?? {};
    if (probe === undefined && this.#now() < openUntil) throw this.#error(endpoint, openUntil);
  }

  /** @throws {CircuitOpenError} while the breaker is open; otherwise what `send` throws */
  async execute<T>(endpoint: string, send: () => Promise<T>): Promise<T> {
    while (this.#opening?.probe !== undefined) await this.#opening.probe;
    this.refuseIfOpen(endpoint);
    return this.#opening === undefined ? await this.#counted(send) : await this.#probe(this.#opening, send);
  }

  async #counted<T>(send: () => Promise<T>): Promise<T> {
    const startedAt = this.#now();
    try {
      const answer = await send();
      this.#row.success(this.#now());
      return answer;
    } catch (error) {
      if (isFailure(error)) {
        this.#lastFailure = error;
        if (this.#row.failure(startedAt, this.#now())) this.#open(this.#options.firstProbeMs);
      } else if (error instanceof ServiceError) this.#row.success(this.#now());
      throw error;
    }
  }

  async #probe<T>({ openUntil, pauseMs }: Opening, send: () => Promise<T>): Promise<T> {
    let settle = () => {};
    const probe = new Promise<void>((resolve) => {
      settle = resolve;
    });
    this.#opening = { openUntil, pauseMs, probe };
    this.#onEvent({ type: "breaker-half-open" });
    const startedAt = this.#now();
    try {
      const answer = await send();
      this.#close();
      return answer;
    } catch (error) {
      if (isFailure(error)) {
        this.#lastFailure = error;
        this.#row.failure(startedAt, this.#now());
      }
      if (error instanceof ServiceError && !isFailure(error)) this.#close();
      else {
        this.#opening = undefined;
        // A probe that its caller gave up proves nothing: impatient callers must not lengthen an outage.
        this.#open(isFailure(error) ? Math.min(2 * pauseMs, this.#options.lastProbeMs) : pauseMs);
      }
      throw error;
    } finally {
      settle();
    }
  }

  #open(pauseMs: number): void {
    // Calls in flight when the breaker opened may still fail.
    if (this.#opening !== undefined) return;
    this.#opening = { openUntil: this.#now() + pauseMs, pauseMs };
    this.#onEvent({ type: "breaker-open", durationMs: pauseMs });
  }

  #close(): void {
    this.#opening = undefined;
    this.#row.success(this.#now());
    this.#onEvent({ type: "breaker-close" });
  }

  #error(endpoint: string, openUntil: number): CircuitOpenError {
    const retryAfterMs = Math.ceil(openUntil - this.#now());
    const cause = this.#lastFailure;
    const last = cause instanceof Error ? ` Last failure: ${cause.message}` : "";
    return new CircuitOpenError(
      "upstash",
      `Upstash Vector failed again and again; the next request is made in ${Math.ceil(retryAfterMs / 1_000)} s.${last}`,
      {
        endpoint,
        retryAfterMs,
        cause,
        hint: "Try again later, and check the server at UPSTASH_VECTOR_REST_URL; https://status.upstash.com reports outages of Upstash.",
      },
    );
  }
}

/** Counts consecutive failures and measures how long the row lasts. */
class LastingRow {
  readonly #options: BreakerOptions;
  #length = 0;
  /** Times of the latest outcomes, as many as the rule needs. */
  readonly #outcomes: number[] = [];
  #begunAt = 0;
  #lastSuccess = Number.NEGATIVE_INFINITY;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  success(now: number): void {
    this.#length = 0;
    this.#lastSuccess = now;
    this.#note(now);
  }

  /**
   * @param startedAt start of the attempt; time before the latest success does not count
   * @returns whether the row is long enough to open the breaker
   */
  failure(startedAt: number, now: number): boolean {
    if (this.#length === 0) this.#begunAt = Math.max(startedAt, this.#lastSuccess);
    this.#note(now);
    return ++this.#length >= this.#wanted(now) && now - this.#begunAt >= this.#options.spanMs;
  }

  #note(now: number): void {
    this.#outcomes.push(now);
    if (this.#outcomes.length > 4 * this.#options.failures) this.#outcomes.shift();
  }

  #wanted(now: number): number {
    const { failures, windowMs } = this.#options;
    return Math.max(failures, this.#outcomes.filter((at) => now - at < windowMs).length / 2);
  }
}

function isFailure(error: unknown): boolean {
  if (error instanceof TimeoutError) return error.status === undefined;
  return error instanceof ConnectionError || error instanceof ServiceFaultError;
}
