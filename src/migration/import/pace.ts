import { RateLimitError, TimeoutError } from "../../foundation/errors.ts";
import type { ImportSettings } from "./settings.ts";

/** Requests that are faster (milliseconds) may grow, slower ones shrink. */
const lowLatencyMs = 1_000;
const highLatencyMs = 5_000;
/** Number of records by which requests grow. */
const growth = 100;
/** Minimum limit of a request in bytes. */
const leastBytes = 64 * 1_024;

/**
 * Size and concurrency of requests: additive increase, multiplicative decrease (Chiu and Jain, 1989). Both grow while
 * requests succeed fast. A timeout halves both, a rate limit the concurrency, a request that is too large the size.
 * Failures of requests that began before the last decrease count as the same failure.
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

  /** @param now milliseconds of a monotonic clock */
  constructor(settings: ImportSettings, now: () => number = () => performance.now()) {
    this.#settings = settings;
    this.#now = now;
    this.#batchSize = settings.minimumBatch;
    this.#byteLimit = settings.requestBytes;
  }

  /** Maximum number of records in a request. */
  get batchSize(): number {
    return Math.floor(this.#batchSize);
  }

  /** Approximate maximum of bytes in a request. */
  get byteLimit(): number {
    return this.#byteLimit;
  }

  /** Maximum number of concurrent requests. */
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

  /** Call after a request of this many records was acknowledged. */
  succeed(records: number, milliseconds: number): void {
    this.#failuresInRow = 0;
    if (milliseconds > highLatencyMs) {
      this.#batchSize = Math.max(this.#settings.minimumBatch, this.#batchSize * 0.7);
      return;
    }
    // One more concurrent request after as many successes as there are concurrent requests.
    this.#concurrency = Math.min(this.#settings.concurrency, this.#concurrency + 1 / this.concurrency);
    // A request that was much smaller than the limit says nothing about larger ones.
    if (milliseconds < lowLatencyMs && records >= this.#batchSize / 2) {
      this.#batchSize = Math.min(this.#settings.maximumBatch, this.#batchSize + growth);
    }
  }

  /** Call after a request that began at `startedAt` failed and may succeed later. */
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

  /** Call after a request of this size was too large. */
  refuseSize(records: number, bytes: number): void {
    this.#batchSize = Math.min(this.#batchSize, Math.max(this.#settings.minimumBatch, records / 2));
    this.#byteLimit = Math.min(this.#byteLimit, Math.max(leastBytes, Math.floor(bytes / 2)));
  }
}
