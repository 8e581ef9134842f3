/**
 * Times in milliseconds. A lease has to be longer than `landingMs + clockErrorMs`, and should be far above any
 * timeout: a process that is slower than its lease gets no further.
 */
export interface Timing {
  /** D: a write lands at its store within this of being sent, or never. */
  readonly landingMs: number;
  /** E: how much two clocks may differ over one lease. */
  readonly clockErrorMs: number;
  /** L: after this an open mark counts as finished. */
  readonly markLeaseMs: number;
  /** C: after this another process may work on the key. */
  readonly claimLeaseMs: number;
  /** H: after this a process that sends no heartbeat counts as gone. */
  readonly heartbeatLeaseMs: number;
  /** How long the old leader may be unreadable during a hold before the new one takes over. */
  readonly takeoverAfterMs: number;
  /** The oldest state that a read returns without a label. */
  readonly readBoundMs: number;
}

/** What D and the leases are made of, besides the timeout of a call (docs/cutover.md, settings). */
export const defaultLeases = { abandonedMs: 5_000, spareMs: 5_000 } as const;

/** The times of a service whose calls end within 10 seconds. docs/cutover-protocol.md explains each. */
export const defaultTiming: Timing = {
  landingMs: 15_000,
  clockErrorMs: 500,
  markLeaseMs: 20_000,
  claimLeaseMs: 20_000,
  heartbeatLeaseMs: 20_000,
  takeoverAfterMs: 5_000,
  readBoundMs: 5_000,
};

/** A clock that is never set back, in milliseconds. */
export type MonotonicClock = () => number;
