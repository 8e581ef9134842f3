import { setTimeout as wait } from "node:timers/promises";
import { QueueBusyError } from "../../foundation/errors.ts";
import { applyOnce } from "../applier.ts";
import { BatchSize } from "../batch-size.ts";
import type { CutoverParts } from "../parts.ts";
import { forgetExpired } from "../rules/settle.ts";
import { hasQueued } from "./status.ts";

export interface DrainOptions {
  readonly parts: CutoverParts;
  readonly signal: AbortSignal;
  /** Called after each pass, with the number of writes that were carried out or parked so far. */
  readonly onProgress?: (done: number) => void;
}

export interface DrainResult {
  readonly carriedOut: number;
  readonly parked: number;
  /** The error that ended the run before the queue was empty. */
  readonly stoppedBy: unknown;
}

const largestBatch = 200;
const lookMs = 100;

/**
 * Sends what waits in the outbox, in the order of each record, now and not after the pause of a failed attempt.
 * A write that the store refuses for good is parked, as is one that is damaged; any other failure ends the run. It
 * waits as long as a lease for writes that another process sends, or whose outcome is not known yet.
 *
 * @throws {StateError}
 */
export async function drain({ parts, signal, onProgress }: DrainOptions): Promise<DrainResult> {
  const { protocol, clock } = parts;
  const { claimLeaseMs, markLeaseMs } = protocol.timing;
  const result = { carriedOut: 0, parked: 0 };
  await protocol.transaction(async (rows) => rows.endPauses());
  const batch = new BatchSize(largestBatch);
  let lastDone = clock();
  while (!signal.aborted) {
    if (!protocol.guards.isFollowed()) await forgetExpired(protocol);
    const report = await applyOnce(parts, batch.size);
    const { done, parked, failed, error } = report;
    batch.note(report);
    result.carriedOut += done;
    result.parked += parked;
    onProgress?.(result.carriedOut + result.parked);
    if (failed > 0) return { ...result, stoppedBy: error ?? busy() };
    if (done + parked > 0) lastDone = clock();
    else if (!(await hasQueued(protocol))) break;
    else if (clock() - lastDone > Math.max(claimLeaseMs, markLeaseMs))
      return { ...result, stoppedBy: busy() };
    else await wait(lookMs, undefined, { signal }).catch(() => {});
  }
  return { ...result, stoppedBy: undefined };
}

function busy(): QueueBusyError {
  return new QueueBusyError("Writes still wait: another process sends them, or the leading store changes.", {
    hint: "Try again; ragfood queue shows how many are left.",
  });
}
