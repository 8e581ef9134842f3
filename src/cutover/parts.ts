import type { Side } from "../state/cutover/rows.ts";
import type { Replica } from "./replica.ts";
import type { Protocol } from "./rules/protocol.ts";
import type { MonotonicClock } from "./timing.ts";

/** What the workers of one process share. */
export interface CutoverParts {
  readonly protocol: Protocol;
  readonly replicas: Readonly<Record<Side, Replica>>;
  readonly clock: MonotonicClock;
  /** A text that no other claim or hold has. */
  readonly uniqueId: () => string;
}

export function otherSide(side: Side): Side {
  return side === "source" ? "target" : "source";
}

/** A protocol whose transactions are timed. */
export interface TimedProtocol {
  readonly protocol: Protocol;
  /** On the monotonic clock, when the last transaction began its work; before the first, `-Infinity`. */
  readonly startedAt: () => number;
}

/**
 * Notes when a transaction begins its work. What it reads, and the leases that it takes, are as of then or later:
 * waiting for a connection and for the transactions of others comes before, and uses up no lease.
 */
export function timed({ clock, protocol }: CutoverParts): TimedProtocol {
  let startedAt = Number.NEGATIVE_INFINITY;
  return {
    startedAt: () => startedAt,
    protocol: {
      ...protocol,
      transaction: (work, options) =>
        protocol.transaction((rows) => {
          // The attempt that commits is the last one.
          startedAt = clock();
          return work(rows);
        }, options),
    },
  };
}

/** A lease that a transaction of `protocol` takes. */
export interface Lease {
  readonly protocol: Protocol;
  /** Whether a write that is sent now lands before the lease is over; false before the lease was taken. */
  readonly maySend: () => boolean;
}

/** Use its protocol for the one transaction that takes the lease. */
export function leaseOf(parts: CutoverParts, leaseMs: number): Lease {
  const { protocol, startedAt } = timed(parts);
  const { guards, timing } = protocol;
  return { protocol, maySend: () => guards.maySend(parts.clock() - startedAt(), leaseMs, timing) };
}
