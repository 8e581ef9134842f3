import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { loneGuards } from "../../../src/cutover/guards.ts";
import type { CutoverParts } from "../../../src/cutover/parts.ts";
import { drain } from "../../../src/cutover/queue/drain.ts";
import { LoneRuntime } from "../../../src/cutover/queue/lone-runtime.ts";
import { outagePair } from "../../../src/cutover/queue/pairs.ts";
import { QueuedStore } from "../../../src/cutover/queue/queued-store.ts";
import { hasQueued } from "../../../src/cutover/queue/status.ts";
import { stateProtocol } from "../../../src/cutover/state-protocol.ts";
import { StoreReplica } from "../../../src/cutover/store-replica.ts";
import type { StateDatabase } from "../../../src/state/database.ts";
import { describeOnEachStore } from "../../state/contract.ts";
import { memoryStore } from "../../store/policies/stores.ts";
import { PluggedStore, shortTiming } from "../pair.ts";
import { withCrashPoints } from "./crash-points.js";
import { carryOut, History, type HistoryWrite, textOfStore } from "./history.ts";

const beforeOutage: readonly HistoryWrite[] = [{ kind: "upsert", id: "a", n: 1 }];
const inOutage: readonly HistoryWrite[] = [
  { kind: "upsert", id: "b", n: 2 },
  { kind: "update", id: "b", n: 3 },
  { kind: "delete", id: "a" },
];
const afterOutage: readonly HistoryWrite[] = [{ kind: "update", id: "b", n: 4 }];
const ofNextStart: readonly HistoryWrite[] = [{ kind: "update", id: "b", n: 5 }];

/** One index with its outbox, and a process that dies at its step of this number. */
class Life {
  readonly index: PluggedStore = new PluggedStore(memoryStore());
  readonly steps: string[] = [];
  readonly #open: () => CutoverParts;
  readonly #acknowledged: HistoryWrite[] = [];
  #unknown: HistoryWrite | undefined;
  #die: (() => void) | undefined;

  constructor(state: StateDatabase) {
    const pair = outagePair(`https://${randomUUID()}.example`);
    const replica = new StoreReplica({
      reader: this.index,
      writer: this.index,
      takesVectors: true,
      callTimeoutMs: 60_000,
    });
    this.#open = () => ({
      // The clock stands still: the leases end when the test says so.
      protocol: stateProtocol({ open: async () => state, pair, timing: shortTiming, guards: loneGuards }),
      replicas: { source: replica, target: replica },
      clock: () => 0,
      uniqueId: randomUUID,
    });
  }

  #start(parts: CutoverParts): QueuedStore {
    const runtime = new LoneRuntime({ parts, retryMs: 3_600_000 });
    return new QueuedStore({ store: this.index, runtime, maximumBytes: 1e9 });
  }

  /** Goes through an outage, until the process dies or is through. */
  async live(deathAt: number): Promise<void> {
    const death = new Promise<void>((resolve) => {
      this.#die = resolve;
    });
    const parts = withCrashPoints(this.#open(), (step) => {
      this.steps.push(step);
      const isDead = this.steps.length > deathAt;
      if (isDead) this.#die?.();
      return isDead;
    });
    await Promise.race([death, this.#liveThrough(parts)]);
    // A call that was on its way lands before the next start.
    await new Promise((resolve) => setImmediate(resolve));
  }

  async #liveThrough(parts: CutoverParts): Promise<void> {
    const store = this.#start(parts);
    await this.#write(store, beforeOutage);
    this.index.isDown = true;
    await this.#write(store, inOutage);
    this.index.isDown = false;
    await drain({ parts, signal: new AbortController().signal });
    await this.#write(store, afterOutage);
    await store.runtime.close();
  }

  async #write(store: QueuedStore, writes: readonly HistoryWrite[]): Promise<void> {
    for (const write of writes) {
      this.#unknown = write;
      await carryOut(store, write);
      this.#acknowledged.push(write);
      this.#unknown = undefined;
    }
  }

  /** The next process writes at once, and then sends what waits. @returns what the index may hold */
  async startAgain(): Promise<string[]> {
    const history = new History();
    history.add(this.#acknowledged, this.#unknown);
    this.index.isDown = false;
    const parts = this.#open();
    await this.#writeNext(this.#start(parts), history);
    const result = await drain({ parts, signal: new AbortController().signal });
    expect(result).toMatchObject({ parked: 0, stoppedBy: undefined });
    expect(await hasQueued(parts.protocol)).toBe(false);
    return history.texts;
  }

  async #writeNext(store: QueuedStore, history: History): Promise<void> {
    for (const write of ofNextStart) await carryOut(store, write);
    history.add(ofNextStart);
    await store.runtime.close();
  }
}

describeOnEachStore("the outbox of one index, whose process dies (VEC-8)", (create) => {
  it("loses no acknowledged write and reorders none, at whichever step it dies", async () => {
    const clock = { now: 1_000_000 };
    const state = await create().open({ now: () => clock.now });
    const whole = new Life(state);
    await whole.live(Number.POSITIVE_INFINITY);
    const { steps } = whole;
    const kinds = ["begin", "settle", "claim"].flatMap((kind) => [
      `before ${kind}`,
      `in ${kind}`,
      `after ${kind}`,
    ]);
    expect(new Set(steps)).toEqual(new Set([...kinds, "before send", "during send", "after send"]));
    for (const [place, step] of steps.entries()) {
      // Nothing has happened since the step before it.
      if (step.startsWith("before ") && place > 0) continue;
      const life = new Life(state);
      await life.live(place);
      clock.now += 2 * shortTiming.claimLeaseMs;
      const possible = await life.startAgain();
      expect(possible, `dead at step ${place}, ${step}`).toContain(await textOfStore(life.index));
    }
  });
});
