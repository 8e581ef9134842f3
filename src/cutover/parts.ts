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

/**
 * Starts the timer of a lease; call it before the request that takes the lease.
 * @returns whether a write that is sent now lands before the lease is over
 */
export function leaseTimer({ clock, protocol }: CutoverParts, leaseMs: number): () => boolean {
  const started = clock();
  return () => protocol.guards.maySend(clock() - started, leaseMs, protocol.timing);
}
