import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { loneGuards } from "../../../src/cutover/guards.ts";
import type { CutoverParts } from "../../../src/cutover/parts.ts";
import { LoneRuntime } from "../../../src/cutover/queue/lone-runtime.ts";
import { outagePair } from "../../../src/cutover/queue/pairs.ts";
import { QueuedStore } from "../../../src/cutover/queue/queued-store.ts";
import { stateProtocol } from "../../../src/cutover/state-protocol.ts";
import { StoreReplica } from "../../../src/cutover/store-replica.ts";
import type { StateDatabase } from "../../../src/state/database.ts";
import { openSqliteState } from "../../../src/state/sqlite.ts";
import type { VectorStore } from "../../../src/store/store.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { shortTiming } from "../pair.ts";

export const target = "https://index.example";

export interface Lone {
  readonly store: QueuedStore;
  readonly parts: CutoverParts;
  readonly state: StateDatabase;
  readonly stateFile: string;
  /** Lets the time of every lease pass: of a write whose outcome is unknown, and of one that is being sent. */
  endLeases(): void;
}

export interface LoneOptions {
  readonly retryMs?: number;
  readonly maximumBytes?: number;
  readonly stateFile?: string;
  /**
   * Default: 60,000, so that a machine that stands still for some time changes no result. A write that outlives its
   * lease is queued, and a queued one is sent again.
   */
  readonly leaseMs?: number;
}

/** A store with an outbox. By default it sends queued writes only on request. */
export function loneStore(inner: VectorStore, options: LoneOptions = {}): Lone {
  const { retryMs = 3_600_000, maximumBytes = 256 * 1_048_576, leaseMs = 60_000 } = options;
  const { stateFile = join(temporaryDirectory(), "state.sqlite3") } = options;
  let passedMs = 0;
  const state = openSqliteState(stateFile, { now: () => Date.now() + passedMs });
  const replica = new StoreReplica({
    reader: inner,
    writer: inner,
    takesVectors: true,
    callTimeoutMs: 5_000,
  });
  const parts: CutoverParts = {
    protocol: stateProtocol({
      open: async () => state,
      pair: outagePair(target),
      timing: { ...shortTiming, markLeaseMs: leaseMs, claimLeaseMs: leaseMs },
      guards: loneGuards,
    }),
    replicas: { source: replica, target: replica },
    clock: () => performance.now() + passedMs,
    uniqueId: randomUUID,
  };
  const runtime = new LoneRuntime({ parts, retryMs });
  const store = new QueuedStore({ store: inner, runtime, maximumBytes, close: () => state.close() });
  onTestFinished(() => store.close());
  const endLeases = () => {
    passedMs += 2 * leaseMs;
  };
  return { store, parts, state, stateFile, endLeases };
}
