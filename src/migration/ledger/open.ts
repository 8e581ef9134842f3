import { pause } from "../../foundation/pause.ts";
import { isSame, LeaseHeldError } from "./lease.ts";
import { Ledger, type LedgerOptions } from "./ledger.ts";

export interface OpenLedgerOptions extends Omit<LedgerOptions, "abandoned"> {
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds without a heartbeat, on this process's clock, after which the lease counts as abandoned. Default
   * 30,000: fifteen heartbeats.
   */
  readonly heartbeatTimeoutMs?: number;
}

/** Milliseconds between two checks of a lease. */
const checkIntervalMs = 500;

/**
 * Opens the ledger of a migration. If another process holds the lease, this one watches its heartbeat and takes over
 * the lease if no heartbeat arrives for `heartbeatTimeoutMs`. The timestamp in the heartbeat is ignored, because the
 * clock of the other host may be wrong.
 *
 * @throws {LedgerError} if another process works on the migration, or as `Ledger.open`
 * @throws {CancelledError}
 */
export async function openLedger({
  signal,
  heartbeatTimeoutMs = 30_000,
  ...options
}: OpenLedgerOptions): Promise<Ledger> {
  const first = attempt(options);
  if (first instanceof Ledger) return first;
  const started = performance.now();
  for (;;) {
    const isAbandoned = performance.now() - started >= heartbeatTimeoutMs;
    const next = attempt(isAbandoned ? { ...options, abandoned: first.sighting } : options);
    if (next instanceof Ledger) return next;
    if (!isSame(next.sighting, first.sighting)) throw next;
    await pause(Math.min(checkIntervalMs, heartbeatTimeoutMs), signal);
  }
}

function attempt(options: LedgerOptions): Ledger | LeaseHeldError {
  try {
    return Ledger.open(options);
  } catch (error) {
    if (error instanceof LeaseHeldError) return error;
    throw error;
  }
}
