import { type Interval, wilsonInterval } from "../statistics/intervals.ts";
import { quantileUpperBound } from "../statistics/quantile-bound.ts";
import { mean, quantile } from "../statistics/summary.ts";

/** Times of the calls that succeeded, in milliseconds, and how many did not. */
export interface LatencySummary {
  /** Calls made, failed ones included. */
  readonly count: number;
  readonly errorCount: number;
  /** 0 to 1. */
  readonly errorRate: number;
  /** 95 %, by Wilson's score. */
  readonly errorRateInterval: Interval;
  /** Messages of failures, each once with its number. */
  readonly errors: Readonly<Record<string, number>>;
  /** `undefined` if no call succeeded. */
  readonly times:
    | {
        readonly average: number;
        readonly p50: number;
        readonly p95: number;
        readonly p99: number;
        /** Above the true p99 with 95 % confidence; `undefined` if there are too few calls. */
        readonly p99Bound: number | undefined;
        readonly maximum: number;
      }
    | undefined;
}

/** More different messages than this are only counted. */
const messagesKept = 20;

/**
 * Keeps every time, so that quantiles are exact: 8 bytes a call. The time of a call that failed counts as an
 * error and not among the times: a quick refusal would look like a quick answer.
 */
export class LatencyRecorder {
  readonly #times: number[] = [];
  readonly #errors = new Map<string, number>();
  #errorCount = 0;

  /** @param milliseconds of one call that succeeded */
  record(milliseconds: number): void {
    this.#times.push(milliseconds);
  }

  recordError(error: unknown): void {
    this.#errorCount++;
    const text = error instanceof Error ? error.message : String(error);
    const message = this.#errors.has(text) || this.#errors.size < messagesKept ? text : "others";
    this.#errors.set(message, (this.#errors.get(message) ?? 0) + 1);
  }

  /** @returns `undefined` if no call was made */
  summary(): LatencySummary | undefined {
    const count = this.#times.length + this.#errorCount;
    if (count === 0) return undefined;
    const sorted = Float64Array.from(this.#times).sort();
    return {
      count,
      errorCount: this.#errorCount,
      errorRate: this.#errorCount / count,
      errorRateInterval: wilsonInterval(this.#errorCount, count),
      errors: Object.fromEntries(this.#errors),
      times:
        sorted.length === 0
          ? undefined
          : {
              average: mean(this.#times),
              p50: quantile(sorted, 0.5),
              p95: quantile(sorted, 0.95),
              p99: quantile(sorted, 0.99),
              p99Bound: quantileUpperBound(sorted, 0.99),
              maximum: sorted[sorted.length - 1] as number,
            },
    };
  }
}
