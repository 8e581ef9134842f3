import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../config/settings.ts";
import { loneGuards } from "../cutover/guards.ts";
import type { CutoverParts } from "../cutover/parts.ts";
import { importFormerQueue, type QueueImport } from "../cutover/queue/import.ts";
import { LoneRuntime } from "../cutover/queue/lone-runtime.ts";
import { outagePair } from "../cutover/queue/pairs.ts";
import { QueuedStore } from "../cutover/queue/queued-store.ts";
import type { Protocol } from "../cutover/rules/protocol.ts";
import { stateProtocol } from "../cutover/state-protocol.ts";
import { StoreReplica } from "../cutover/store-replica.ts";
import type { StateDatabase } from "../state/database.ts";
import { hasState } from "../state/open.ts";
import { cutoverTiming, type PairedStore } from "./cutover.ts";
import { requireOutsideCutover } from "./outside-cutover.ts";
import { stateOnDemand } from "./own-state.ts";
import { storeIdentity } from "./store-identity.ts";

/** What happens to queued writes besides being sent. */
export interface QueueObservers {
  /** Called once, when the writes that an earlier version queued were moved into the outbox. */
  readonly onQueueImport?: (imported: QueueImport) => void;
  /** What fails while queued writes are sent in the background, which goes on. */
  readonly onQueueFault?: (error: Error) => void;
}

/** The outbox of the settings: their pair of stores, or the cloud index alone. */
export function outboxPair({ cutover, fallback, upstash, store }: Settings): string | undefined {
  if (cutover) return "main";
  if (fallback?.copiesWrites) return "secondary";
  return store === "upstash" && upstash ? outagePair(upstash.url) : undefined;
}

/** Where earlier versions kept the writes of an outage. */
function formerQueueFile({ directory }: Settings): string {
  return join(directory, "write-queue.sqlite");
}

/** Whether there may be queued writes: looking creates nothing. */
export function mayHaveQueue(settings: Settings): boolean {
  return hasState(settings) || existsSync(formerQueueFile(settings));
}

/** @throws {QueueBusyError | StorageError | StateError} */
export async function importFormerWrites(
  settings: Settings,
  state: StateDatabase,
  { onQueueImport }: QueueObservers,
): Promise<void> {
  const imported = await importFormerQueue(state, formerQueueFile(settings));
  if (imported) onQueueImport?.(imported);
}

/** Milliseconds of one call to an index that stands alone: it may wait for a whole interval of the rate limit. */
export function loneCallTimeoutMs({ requestTimeoutMs, rateLimit }: Settings): number {
  return requestTimeoutMs + (rateLimit?.intervalMs ?? 0);
}

/** The outbox of an index that stands alone. */
export function loneProtocol(settings: Settings, url: string, open: () => Promise<StateDatabase>): Protocol {
  return stateProtocol({
    open,
    pair: outagePair(url),
    timing: cutoverTiming({ callTimeoutMs: loneCallTimeoutMs(settings), readBoundMs: 5_000 }),
    guards: loneGuards,
  });
}

/** The outbox of the settings, in an open state. Without one, it is empty. */
export function outboxProtocol(settings: Settings, state: StateDatabase): Protocol {
  const { cutover, upstash } = settings;
  const pair = outboxPair(settings);
  const open = async () => state;
  if (cutover) return stateProtocol({ open, pair: "main", timing: cutoverTiming(cutover) });
  if (pair === "secondary") {
    const timing = cutoverTiming({ callTimeoutMs: settings.requestTimeoutMs, readBoundMs: 5_000 });
    return stateProtocol({ open, pair, timing });
  }
  return loneProtocol(settings, pair === undefined ? "" : (upstash?.url ?? ""), open);
}

/** The cloud index with a queue for the writes of an outage. Other stores are not opened. */
export function openQueuedStore(
  settings: Settings,
  url: string,
  { reader, writer }: PairedStore,
  observers: QueueObservers,
): QueuedStore {
  const state = stateOnDemand(settings);
  const callTimeoutMs = loneCallTimeoutMs(settings);
  const replica = new StoreReplica({ reader, writer, takesVectors: true, callTimeoutMs });
  const parts: CutoverParts = {
    protocol: loneProtocol(settings, url, state.open),
    replicas: { source: replica, target: replica },
    clock: () => performance.now(),
    uniqueId: randomUUID,
  };
  const runtime = new LoneRuntime({
    parts,
    before: async () => importFormerWrites(settings, await state.open(), observers),
    beforeSending: async () => requireOutsideCutover(settings, storeIdentity("upstash", settings, url)),
    ...(observers.onQueueFault && { onFault: observers.onQueueFault }),
  });
  return new QueuedStore({
    store: reader,
    runtime,
    maximumBytes: settings.writeQueueBytes,
    close: async () => {
      if (writer !== reader) await writer.close();
      await state.close();
    },
  });
}
