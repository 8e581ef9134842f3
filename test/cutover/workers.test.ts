import { setTimeout as wait } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import { BatchSize } from "../../src/cutover/batch-size.ts";
import { copyOnce } from "../../src/cutover/copier.ts";
import type { CutoverParts } from "../../src/cutover/parts.ts";
import { Presence } from "../../src/cutover/presence.ts";
import type { Replica } from "../../src/cutover/replica.ts";
import { RoutedWrites } from "../../src/cutover/routed-writes.ts";
import { changeStage, completeStart } from "../../src/cutover/rules/change.ts";
import { touch } from "../../src/cutover/rules/level.ts";
import type { Protocol } from "../../src/cutover/rules/protocol.ts";
import { CutoverRuntime } from "../../src/cutover/runtime.ts";
import { stateProtocol } from "../../src/cutover/state-protocol.ts";
import { cutoverStatus } from "../../src/cutover/status.ts";
import { defaultTiming } from "../../src/cutover/timing.ts";
import { groupedLedger } from "../../src/cutover/write.ts";
import { TimeoutError } from "../../src/foundation/errors.ts";
import { openSqliteState } from "../../src/state/sqlite.ts";
import { StateError } from "../../src/state/state-error.ts";
import { memoryStore } from "../store/policies/stores.ts";

const { landingMs, markLeaseMs } = defaultTiming;

/** Milliseconds that a lease leaves for everything before the last call. */
const spareMs = markLeaseMs - landingMs - defaultTiming.clockErrorMs;

interface SlowParts {
  /** Milliseconds that a transaction waits for those of other processes before it begins. */
  readonly queueingMs?: number;
  /** Milliseconds that each record of a call takes. */
  readonly recordMs?: number;
  /** Default true. */
  readonly isStarted?: boolean;
}

/** Parts on one clock that only their slowness moves, in `dual-write` with a complete start, or before any. */
async function slowParts({ queueingMs = 0, recordMs = 0, isStarted = true }: SlowParts): Promise<{
  parts: CutoverParts;
  /** Records of each call that wrote. */
  sent: number[];
  elapse: (milliseconds: number) => void;
}> {
  const clock = { now: 1_000_000 };
  const state = openSqliteState(":memory:", { now: () => clock.now });
  onTestFinished(() => state.close());
  const own = stateProtocol({ open: async () => state, pair: "main", timing: defaultTiming });
  const protocol: Protocol = {
    ...own,
    transaction: (work, options) => {
      clock.now += queueingMs;
      return own.transaction(work, options);
    },
  };
  const sent: number[] = [];
  const replica = (name: string): Replica => ({
    name,
    takesVectors: true,
    read: async (_, ids) => {
      clock.now += recordMs * ids.length;
      return ids.map((id) => ({ id, text: id, metadata: {} }));
    },
    send: async (_, operations) => {
      sent.push(operations.length);
      clock.now += recordMs * operations.length;
      return { outcome: "acknowledged", count: operations.length };
    },
    count: async () => 0,
    keys: async function* () {},
  });
  let ids = 0;
  const parts: CutoverParts = {
    protocol,
    replicas: { source: replica("source"), target: replica("target") },
    clock: () => clock.now,
    uniqueId: () => `${++ids}`,
  };
  const elapse = (milliseconds: number) => {
    clock.now += milliseconds;
  };
  if (!isStarted) return { parts, sent, elapse };
  const presence = new Presence(parts);
  await changeStage(own, "start", { who: "test" }, { holdId: "none" });
  await presence.beat();
  clock.now += landingMs;
  expect(await completeStart(own)).toBe(true);
  await presence.leave();
  return { parts, sent, elapse };
}

let isLocked = false;

/** Transactions that write wait while `isLocked`, as behind those of another process. */
function withLock(parts: CutoverParts): CutoverParts {
  const { transaction } = parts.protocol;
  return {
    ...parts,
    protocol: {
      ...parts.protocol,
      transaction: async (work, options) => {
        while (isLocked && !options?.readOnly) await wait(5);
        return transaction(work, options);
      },
    },
  };
}

function keys(count: number): { namespace: string; id: string }[] {
  return Array.from({ length: count }, (_, place) => ({ namespace: "", id: `${place}` }));
}

it("copies are made on a store so slow that a whole batch outlives its claims (CUT-3)", async () => {
  // A batch of 200 is read in 5 s; the claims leave 4.5 s.
  const { parts, sent } = await slowParts({ recordMs: 25 });
  expect(200 * 25).toBeGreaterThan(spareMs);
  await touch(parts.protocol, keys(300));
  const runtime = new CutoverRuntime({ parts, pollMs: 5 });
  onTestFinished(() => runtime.close());
  await runtime.view();
  await expect.poll(async () => (await cutoverStatus(parts.protocol)).lag.records).toBe(0);
  expect(sent.reduce((sum, count) => sum + count, 0)).toBe(300);
});

it("the time that a transaction waits for those of other processes uses up no lease (CUT-3)", async () => {
  const { parts, sent } = await slowParts({ queueingMs: 2 * spareMs });
  await touch(parts.protocol, keys(3));
  expect(await copyOnce(parts, 10)).toMatchObject({ done: 3, failed: 0, late: 0 });
  expect(sent).toEqual([3]);
});

it("what was too late to be sent is given up without a pause, and asks for a smaller batch", async () => {
  const { parts, sent } = await slowParts({ recordMs: 2 * spareMs });
  await touch(parts.protocol, keys(2));
  expect(await copyOnce(parts, 10)).toMatchObject({ done: 0, failed: 0, late: 2, isTooLarge: true });
  expect(sent).toEqual([]);
  const { failing } = await cutoverStatus(parts.protocol);
  expect(failing).toEqual([]);
  expect(await copyOnce(parts, 10)).toMatchObject({ late: 2 });
});

it("a process follows the stage while its heartbeat waits for others (CUT-3)", async () => {
  const { parts } = await slowParts({});
  const runtime = new CutoverRuntime({ parts: withLock(parts), pollMs: 5 });
  onTestFinished(() => runtime.close());
  await runtime.view();
  await expect.poll(() => runtime.presence.view?.control).toMatchObject({ level: "level" });
  const author = { who: "test" };
  isLocked = true;
  onTestFinished(() => {
    isLocked = false;
  });
  for (const event of ["advance", "rollback"] as const) {
    const { control } = await changeStage(parts.protocol, event, author, { holdId: "none" });
    await expect.poll(() => runtime.presence.view?.control.epoch).toBe(control.epoch);
  }
});

it("a failure is not reported as certain if an earlier attempt may have reached the store (CUT-3)", async () => {
  const { parts, sent } = await slowParts({});
  const replica: Replica = {
    ...parts.replicas.source,
    send: async () => ({ outcome: "unknown", count: 0, error: new TimeoutError("source", "It is slow.") }),
  };
  const slow = { ...parts, replicas: { source: replica, target: replica } };
  const runtime = new CutoverRuntime({ parts: slow, pollMs: 60_000 });
  onTestFinished(() => runtime.close());
  const ledger = groupedLedger(slow);
  const isRefused = { value: false };
  const writes = new RoutedWrites({
    runtime,
    readers: { source: memoryStore(), target: memoryStore() },
    ledger: {
      ...ledger,
      begin: async (...values) => {
        if (isRefused.value) throw new StateError("unavailable", "It is overloaded.");
        isRefused.value = true;
        return ledger.begin(...values);
      },
    },
  });
  await expect.poll(async () => (await runtime.view()).control.isStartComplete).toBe(true);
  const write = writes.write("", [{ kind: "delete", id: "a" }], {});
  await expect(write).rejects.toMatchObject({ code: "outcome-unknown", cause: { code: "state" } });
  expect(sent).toEqual([]);
});

it("a process that was busy for long sends a heartbeat and then its write (CUT-3)", async () => {
  const { parts, sent, elapse } = await slowParts({ isStarted: false });
  const runtime = new CutoverRuntime({ parts, pollMs: 60_000 });
  onTestFinished(() => runtime.close());
  const stores = { source: memoryStore(), target: memoryStore() };
  const writes = new RoutedWrites({ runtime, readers: stores });
  await runtime.view();
  elapse(defaultTiming.heartbeatLeaseMs);
  const operations = [{ kind: "delete", id: "a" }] as const;
  expect(await writes.write("", operations, {})).toMatchObject({ count: 1 });
  expect(sent).toEqual([1]);
});

it("a batch is halved down to one record, and doubled only by whole batches", () => {
  const batch = new BatchSize(8);
  const sizes = (count: number, isTooLarge: boolean, done = () => batch.size) =>
    Array.from({ length: count }, () => {
      batch.note({ done: done(), isTooLarge });
      return batch.size;
    });
  expect(sizes(4, true)).toEqual([4, 2, 1, 1]);
  expect(sizes(2, false)).toEqual([2, 4]);
  expect(sizes(1, false, () => 3)).toEqual([4]);
  expect(sizes(2, false)).toEqual([8, 8]);
});
