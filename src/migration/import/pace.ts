import { RateLimitError, TimeoutError } from "../../foundation/errors.ts";
import type { ImportSettings } from "./settings.ts";

/** Milliseconds for a request below which a larger one is tried, and above which a smaller one is. */
const lowLatencyMs = 1_000;
const highLatencyMs = 5_000;
/** Records by which requests grow. */
const growth = 100;
/** Bytes below which a request is not cut down. */
const leastBytes = 64 * 1_024;

/**
 * How large requests are and how many run at once: additive increase, multiplicative decrease (Chiu and Jain,
 * 1989). Size and number grow while requests succeed fast. A timeout halves both, a rate limit the number,
 * a request too large the size; failures of requests that began before the last decrease count as the same one.
 */
export class Pace {
  readonly #settings: ImportSettings;
  readonly #now: () => number;
  #batchSize: number;
  #byteLimit: number;
  #concurrency = 1;
  #decreasedAt = Number.NEGATIVE_INFINITY;
  #resumeAt = Number.NEGATIVE_INFINITY;
  #failuresInRow = 0;

  /** @param now milliseconds of a clock that never goes back */
  constructor(settings: ImportSettings, now: () => number = () => performance.now()) {
    this.#settings = settings;
    this.#now = now;
    this.#batchSize = settings.minimumBatch;
    this.#byteLimit = settings.requestBytes;
  }

  /** Records a request. */
  get batchSize(): number {
    return Math.floor(this.#batchSize);
  }

  /** Bytes a request, about. */
  get byteLimit(): number {
    return this.#byteLimit;
  }

  /** Requests at once. */
  get concurrency(): number {
    return Math.floor(this.#concurrency);
  }

  /** Milliseconds until the next request may start. */
  get waitMs(): number {
    return Math.max(0, Math.ceil(this.#resumeAt - this.#now()));
  }

  get failuresInRow(): number {
    return this.#failuresInRow;
  }

  /** A request of so many records was acknowledged. */
  succeed(records: number, milliseconds: number): void {
    this.#failuresInRow = 0;
    if (milliseconds > highLatencyMs) {
      this.#batchSize = Math.max(this.#settings.minimumBatch, this.#batchSize * 0.7);
      return;
    }
    // As many successes as requests at once make room for one more.
    this.#concurrency = Math.min(this.#settings.concurrency, this.#concurrency + 1 / this.concurrency);
    // What was cut short by something else says nothing of larger requests.
    if (milliseconds < lowLatencyMs && records >= this.#batchSize / 2) {
      this.#batchSize = Math.min(this.#settings.maximumBatch, this.#batchSize + growth);
    }
  }

  /** A request that began at `startedAt` failed in a way that may pass. */
  fail(error: unknown, startedAt: number): void {
    if (startedAt >= this.#decreasedAt) {
      this.#failuresInRow++;
      this.#decrease(error);
    }
    const { pauseMs, maximumPauseMs } = this.#settings;
    const pause = Math.min(maximumPauseMs, pauseMs * 2 ** Math.max(0, this.#failuresInRow - 1));
    const asked = (error as { retryAfterMs?: number }).retryAfterMs ?? 0;
    this.#resumeAt = Math.max(this.#resumeAt, this.#now() + Math.max(pause, asked));
  }

  #decrease(error: unknown): void {
    this.#decreasedAt = this.#now();
    const isTimeout = error instanceof TimeoutError;
    if (isTimeout || error instanceof RateLimitError) this.#concurrency = Math.max(1, this.#concurrency / 2);
    if (isTimeout) this.#batchSize = Math.max(this.#settings.minimumBatch, this.#batchSize / 2);
  }

  /** A request of so many records and bytes was too large. */
  refuseSize(records: number, bytes: number): void {
    this.#batchSize = Math.min(this.#batchSize, Math.max(this.#settings.minimumBatch, records / 2));
    this.#byteLimit = Math.min(this.#byteLimit, Math.max(leastBytes, Math.floor(bytes / 2)));
  }
}
