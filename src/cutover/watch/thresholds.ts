/** When a gate opens and when a rule rolls back. Settings change each (docs/cutover.md). */
export interface CutoverThresholds {
  /** Milliseconds of the figures that gates and rules look at. */
  readonly windowMs: number;
  /** Reads, or comparisons, in the window below which nothing is concluded. */
  readonly minimumRequests: number;
  /** Times the baseline that the latency of the target may reach. 1.5: "worse by more than 50 %" (CUT-2). */
  readonly latencyFactor: number;
  /** Milliseconds up to which the target is fast enough, even if the source was faster: a local store is hard to beat. */
  readonly fastEnoughMs: number;
  /** Share of failed reads that the target may reach, 0 to 1. 0.01: "error rate above 1 %" (CUT-2). */
  readonly errorRate: number;
  /** Mean share of matches that both stores have to find, 0 to 1. Two models find partly different texts. */
  readonly minimumOverlap: number;
  /** Seconds by which the follower may lag before the next stage. */
  readonly mostLagSeconds: number;
  /**
   * Seconds that the target may lack a write before the rules roll back. Longer than two leases: a write whose
   * outcome is unknown, as after a crash, waits for both.
   */
  readonly rollbackLagSeconds: number;
  /** Milliseconds that a comparison of the stores counts. */
  readonly integrityMs: number;
  /** Milliseconds that the target has to lead before `finish`. */
  readonly soakMs: number;
}

export const defaultThresholds: CutoverThresholds = {
  windowMs: 300_000,
  minimumRequests: 100,
  latencyFactor: 1.5,
  fastEnoughMs: 0,
  errorRate: 0.01,
  minimumOverlap: 0.5,
  mostLagSeconds: 10,
  rollbackLagSeconds: 60,
  integrityMs: 24 * 3_600_000,
  soakMs: 24 * 3_600_000,
};
