import type { VectorStore } from "../../store.ts";
import { faultOwner } from "../fault-owner.ts";
import { carryOut } from "./write.ts";
import type { WriteQueue } from "./write-queue.ts";

export interface DrainOptions {
  readonly queue: WriteQueue;
  /** The store that receives the writes; the queue calls it `target`. */
  readonly store: VectorStore;
  readonly target: string;
  /** Ends the current call: its writes stay queued, and the store may or may not have them. */
  readonly signal: AbortSignal;
  /** Asked before each call. */
  readonly shouldStop?: () => boolean;
  /** Called after each call, with the number of writes that were carried out or parked so far. */
  readonly onProgress?: (done: number) => void;
}

export interface DrainResult {
  readonly carriedOut: number;
  readonly parked: number;
  /** The error that ended the run before the queue was empty; the write that met it keeps its place. */
  readonly stoppedBy: unknown;
}

/**
 * Sends queued writes in the order of their namespace, each at least once: one is removed after its acknowledgement.
 * Writes that one call can carry out go out together (batch.ts). What the store refuses for good is parked and the next one
 * tried, as is what is damaged; if it refuses a batch, its writes go one by one. Any other failure ends the run.
 *
 * @throws {QueueBusyError} if another process does the same
 */
export function drain(options: DrainOptions): Promise<DrainResult> {
  const { queue, target, signal, onProgress } = options;
  return queue.exclusively(async () => {
    const result = { carriedOut: 0, parked: 0 };
    let aloneUntil = 0;
    while (!signal.aborted && !options.shouldStop?.()) {
      const batch = queue.nextBatch(target, { aloneUntil }, () => {
        result.parked++;
      });
      if (batch === undefined) break;
      const { sequences, write, namespace } = batch;
      const [first, last] = [sequences[0] as number, sequences.at(-1) as number];
      try {
        await carryOut(write, options.store, namespace, signal);
        queue.remove(sequences);
        result.carriedOut += sequences.length;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        const owner = faultOwner(error);
        if (owner === "caller") return { ...result, stoppedBy: error };
        if (owner === "store" || owner === "settings") {
          queue.noteFailure(first, reason);
          return { ...result, stoppedBy: error };
        }
        if (sequences.length > 1) {
          aloneUntil = last;
          continue;
        }
        queue.park(first, reason);
        result.parked++;
      }
      onProgress?.(result.carriedOut + result.parked);
    }
    queue.compact();
    return { ...result, stoppedBy: undefined };
  });
}
