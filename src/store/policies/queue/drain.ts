import type { VectorStore } from "../../store.ts";
import { faultOwner } from "../fault-owner.ts";
import { carryOut, type Write } from "./write.ts";
import type { WriteQueue } from "./write-queue.ts";

export interface DrainOptions {
  readonly queue: WriteQueue;
  /** Where the writes go; called as `target` in the queue. */
  readonly store: VectorStore;
  readonly target: string;
  /** Cuts the write under way short: it stays queued, and whether the store has it is not known. */
  readonly signal: AbortSignal;
  /** Asked before each write. */
  readonly shouldStop?: () => boolean;
  /** Called after each write that was carried out or parked. */
  readonly onProgress?: (done: number) => void;
}

export interface DrainResult {
  readonly carriedOut: number;
  readonly parked: number;
  /** What ended it before the queue was empty; the write that met it keeps its turn. */
  readonly stoppedBy: unknown;
}

/**
 * Sends queued writes in their order, each at least once: one is removed after its acknowledgement. What
 * the store refuses for good is parked and the next one tried; any other failure ends the run.
 *
 * @throws {QueueBusyError} where another process does the same
 */
export function drain(options: DrainOptions): Promise<DrainResult> {
  const { queue, target, signal, onProgress } = options;
  return queue.exclusively(async () => {
    const result = { carriedOut: 0, parked: 0 };
    while (!signal.aborted && !options.shouldStop?.()) {
      const entry = queue.next(target);
      if (entry === undefined) break;
      try {
        await carryOut(JSON.parse(entry.payload) as Write, options.store, entry.namespace, signal);
        queue.remove(entry.sequence);
        result.carriedOut++;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        const owner = faultOwner(error);
        if (owner === "caller") return { ...result, stoppedBy: error };
        if (owner === "store" || owner === "settings") {
          queue.noteFailure(entry.sequence, reason);
          return { ...result, stoppedBy: error };
        }
        queue.park(entry.sequence, reason);
        result.parked++;
      }
      onProgress?.(result.carriedOut + result.parked);
    }
    return { ...result, stoppedBy: undefined };
  });
}
