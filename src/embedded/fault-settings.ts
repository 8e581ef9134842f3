/** Faults that a test requests. Each can change while the index serves. */
export interface FaultSettings {
  /** Milliseconds that every answer is delayed. */
  readonly latencyMs: number;
  /** Milliseconds from the acknowledgement of a write until queries find it. */
  readonly indexingDelayMs: number;
  /** More requests in any one second are refused with 429; 0: no limit. */
  readonly requestsPerSecond: number;
  /** Records written a day (UTC), from the moment the limit is set, then 403; 0: no limit. The free plan has 10,000. */
  readonly dailyWrites: number;
  /** Queries a day (UTC), from the moment the limit is set, then 403; 0: no limit. */
  readonly dailyQueries: number;
  /** Every request is answered with 503. */
  readonly isDown: boolean;
  /** Every request that writes is answered with 403, as with the read-only token. */
  readonly isReadOnly: boolean;
}
