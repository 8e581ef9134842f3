import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import type { CutoverParts } from "../../src/cutover/parts.ts";
import { Presence } from "../../src/cutover/presence.ts";
import { changeStage } from "../../src/cutover/rules/change.ts";
import { stateProtocol } from "../../src/cutover/state-protocol.ts";
import { cutoverHistory, cutoverStatus } from "../../src/cutover/status.ts";
import { StoreReplica } from "../../src/cutover/store-replica.ts";
import { defaultTiming } from "../../src/cutover/timing.ts";
import { openSqliteState } from "../../src/state/sqlite.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { memoryStore } from "../store/policies/stores.ts";

function setUp() {
  let clock = 0;
  const state = openSqliteState(join(temporaryDirectory(), "state.sqlite3"));
  onTestFinished(() => state.close());
  const store = memoryStore();
  const replica = new StoreReplica({ reader: store, writer: store, takesVectors: true, callTimeoutMs: 100 });
  const parts: CutoverParts = {
    protocol: stateProtocol({ open: async () => state, pair: "main", timing: defaultTiming }),
    replicas: { source: replica, target: replica },
    clock: () => ++clock,
    uniqueId: randomUUID,
  };
  const isConfirmed = async () => (await cutoverStatus(parts.protocol)).control.confirmedAt !== undefined;
  const start = () => changeStage(parts.protocol, "start", { who: "test" }, { holdId: randomUUID() });
  return { presence: new Presence(parts), other: new Presence(parts), parts, isConfirmed, start };
}

it("a process confirms the epoch that all it does acts on, not the one that it has learned (rule 13)", async () => {
  const { presence, isConfirmed, start } = setUp();
  await presence.beat();
  const [first, second] = [presence.act(), presence.act()];
  await start();
  await presence.beat();
  // Now it knows the stage, and two writes without marks are still on their way.
  expect(presence.view?.control.stage).toBe("dual-write");
  await presence.beat();
  expect(await isConfirmed()).toBe(false);
  const later = presence.act();
  first.release();
  await presence.beat();
  expect(await isConfirmed()).toBe(false);
  second.release();
  await presence.beat();
  expect(await isConfirmed()).toBe(true);
  later.release();
});

it("a process that begins removes what processes left that were killed a day ago", async () => {
  const { presence, parts } = setUp();
  const left = async (): Promise<number> =>
    parts.protocol.transaction(async (rows) => (await rows.heartbeats()).length, { readOnly: true });
  const now = Date.now();
  await parts.protocol.transaction(async (rows) => {
    for (const [process, hours] of [
      ["killed", 30],
      ["just killed", 1],
    ] as const) {
      await rows.saveHeartbeat({ process, epoch: 1, expires: now - 3_600_000 * hours });
    }
  });
  await presence.beat();
  expect(await left()).toBe(2);
});

it("a process that acts does not leave, so that a start goes on waiting for it (rule 13)", async () => {
  const { presence, isConfirmed, start } = setUp();
  await presence.beat();
  const permit = presence.act();
  await start();
  await presence.leave();
  await presence.beat();
  expect(await isConfirmed()).toBe(false);
  permit.release();
  await presence.beat();
  expect(await isConfirmed()).toBe(true);
});

it("a process notices that the state was restored, and follows it like all others: no epoch means two things (CUT-3)", async () => {
  const { presence, other, parts, start } = setUp();
  await presence.beat();
  await other.beat();
  const backup = await parts.protocol.transaction(async (rows) => rows.control(), { readOnly: true });
  await start();
  await changeStage(parts.protocol, "rollback", { who: "test" }, { holdId: randomUUID() });
  for (const one of [presence, other]) expect((await one.beat()).control.epoch).toBe(3);
  await parts.protocol.transaction(async (rows) => rows.saveControl(backup));
  await presence.look();
  for (const one of [presence, other]) {
    expect((await one.look()).control).toMatchObject({ stage: "source", epoch: 4, confirmedAt: undefined });
  }
  expect(await cutoverHistory(parts.protocol, 1)).toMatchObject([{ event: "state restored", epoch: 4 }]);
  // Only one of the processes notes it.
  await other.look();
  expect(
    (await cutoverHistory(parts.protocol, 9)).filter(({ event }) => event === "state restored"),
  ).toHaveLength(1);
});
