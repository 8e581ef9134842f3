import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { CutoverParts } from "../../src/cutover/parts.ts";
import { RoutedStore, type RoutedStoreOptions } from "../../src/cutover/routed-store.ts";
import type { BindingOptions } from "../../src/cutover/rules/bind.ts";
import { type Change, changeStage } from "../../src/cutover/rules/change.ts";
import { CutoverRuntime, type RuntimeOptions } from "../../src/cutover/runtime.ts";
import { stateProtocol } from "../../src/cutover/state-protocol.ts";
import { StoreReplica, type WriteReport } from "../../src/cutover/store-replica.ts";
import type { Timing } from "../../src/cutover/timing.ts";
import type { CutoverEvent } from "../../src/cutover/transitions.ts";
import { ConnectionError } from "../../src/foundation/errors.ts";
import type { Side, Stage } from "../../src/state/cutover/rows.ts";
import type { StateDatabase } from "../../src/state/database.ts";
import { openSqliteState } from "../../src/state/sqlite.ts";
import { ForwardingStore } from "../../src/store/policies/forwarding-store.ts";
import type { VectorStore } from "../../src/store/store.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { memoryStore } from "../store/policies/stores.ts";

/** Short leases, so that a test waits no longer than a second for one. */
export const shortTiming: Timing = {
  landingMs: 150,
  clockErrorMs: 10,
  markLeaseMs: 400,
  claimLeaseMs: 400,
  heartbeatLeaseMs: 600,
  takeoverAfterMs: 100,
  readBoundMs: 2_000,
};

/** A store that can be unplugged, and that shows what it receives. */
export class PluggedStore extends ForwardingStore {
  isDown = false;
  /** Of each write. */
  fault: Error | undefined;
  calls = 0;

  async #pass<T>(call: () => Promise<T>): Promise<T> {
    this.calls++;
    if (this.isDown) throw new ConnectionError(this.name, "It is unplugged.", { mayHaveArrived: false });
    return call();
  }

  async #passWrite<T>(call: () => Promise<T>): Promise<T> {
    return this.#pass(() => {
      if (this.fault) throw this.fault;
      return call();
    });
  }

  override upsert(...values: Parameters<VectorStore["upsert"]>): Promise<void> {
    return this.#passWrite(() => super.upsert(...values));
  }
  override upsertRecords(...values: Parameters<VectorStore["upsertRecords"]>): Promise<void> {
    return this.#passWrite(() => super.upsertRecords(...values));
  }
  override update(...values: Parameters<VectorStore["update"]>): Promise<boolean> {
    return this.#passWrite(() => super.update(...values));
  }
  override reset(...values: Parameters<VectorStore["reset"]>): Promise<void> {
    return this.#passWrite(() => super.reset(...values));
  }
  override delete(...values: Parameters<VectorStore["delete"]>): Promise<number> {
    return this.#passWrite(() => super.delete(...values));
  }
  override query(...values: Parameters<VectorStore["query"]>): ReturnType<VectorStore["query"]> {
    return this.#pass(() => super.query(...values));
  }
  override fetch(...values: Parameters<VectorStore["fetch"]>): ReturnType<VectorStore["fetch"]> {
    return this.#pass(() => super.fetch(...values));
  }
}

/** Two stores in this process on one state file, and any number of processes that route between them. */
export class Pair {
  /** Processes that join later use other stores that are put here. */
  source: PluggedStore = new PluggedStore(memoryStore(undefined, "source"));
  target: PluggedStore = new PluggedStore(memoryStore(undefined, "target"));
  readonly faults: Error[] = [];
  readonly stateFile: string = join(temporaryDirectory(), "state.sqlite3");

  /** The state of the pair, once more; closed after the test. */
  openState(): StateDatabase {
    const state = openSqliteState(this.stateFile);
    onTestFinished(() => state.close());
    return state;
  }

  /** One process; closed after the test. */
  join(
    options: Partial<RoutedStoreOptions> = {},
    timing: Timing = shortTiming,
    onWrite?: (report: WriteReport) => void,
    binding?: BindingOptions,
    starts: Pick<RuntimeOptions, "startsItself" | "beforeStart"> = {},
  ): RoutedStore {
    const state = openSqliteState(this.stateFile);
    const stores: Record<Side, VectorStore> = { source: this.source, target: this.target };
    const replica = (side: Side) =>
      new StoreReplica({
        reader: stores[side],
        writer: stores[side],
        takesVectors: true,
        callTimeoutMs: timing.landingMs - 50,
        ...(onWrite && { onWrite: (outcome) => onWrite({ side, outcome }) }),
      });
    const parts: CutoverParts = {
      protocol: stateProtocol({ open: async () => state, pair: "main", timing, binding }),
      replicas: { source: replica("source"), target: replica("target") },
      clock: () => performance.now(),
      uniqueId: randomUUID,
    };
    const runtime = new CutoverRuntime({
      ...starts,
      parts,
      pollMs: 20,
      onFault: (error) => this.faults.push(error),
    });
    const store = new RoutedStore({ runtime, stores, readTimeoutMs: 500, ...options });
    onTestFinished(async () => {
      await runtime.close();
      await state.close();
    });
    return store;
  }
}

export function change(
  store: RoutedStore,
  event: CutoverEvent,
  options: { canaryPercent?: number } = {},
): Promise<Change> {
  return changeStage(
    store.runtime.parts.protocol,
    event,
    { who: "test" },
    { holdId: randomUUID(), ...options },
  );
}

/** Goes on to a stage. */
export async function advanceTo(store: RoutedStore, stage: Stage, canaryPercent = 0): Promise<void> {
  await store.runtime.view();
  for (;;) {
    const { control } = await store.runtime.presence.look();
    if (control.stage === stage) return;
    if (!control.hold)
      await change(store, control.stage === "source" ? "start" : "advance", { canaryPercent });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Waits until no write is on its way between the stores. */
export async function quiet(store: RoutedStore): Promise<void> {
  for (;;) {
    const view = await store.runtime.presence.look();
    if (view.first === undefined && !view.control.hold) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
