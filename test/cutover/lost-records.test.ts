import { expect, it, onTestFinished } from "vitest";
import { answersFrom } from "../../src/cutover/duties.ts";
import type { RoutedStore } from "../../src/cutover/routed-store.ts";
import { changeStage } from "../../src/cutover/rules/change.ts";
import { type ShadowComparison, ShadowReads } from "../../src/cutover/shadow.ts";
import { cutoverHistory, cutoverStatus } from "../../src/cutover/status.ts";
import { EvidenceStore } from "../../src/cutover/watch/evidence-store.ts";
import { FigureRecorder } from "../../src/cutover/watch/figures.ts";
import { gatesOf } from "../../src/cutover/watch/gates.ts";
import { RollbackGuard } from "../../src/cutover/watch/guard.ts";
import { judgeCutover } from "../../src/cutover/watch/judge.ts";
import type { RuleResult } from "../../src/cutover/watch/rules.ts";
import { defaultThresholds } from "../../src/cutover/watch/thresholds.ts";
import { startEmulator } from "../../src/embedded/index.ts";
import type { Stage } from "../../src/state/cutover/rows.ts";
import type { VectorStore } from "../../src/store/store.ts";
import { documents, httpStore, idsIn } from "../store/policies/stores.ts";
import { advanceTo, Pair, PluggedStore, quiet } from "./pair.ts";

const ids = documents.map(({ id }) => id).sort();
const late = { id: "late", text: "written before the loss", metadata: {} };

/** A served index that can be made again, empty, under the same address. */
async function servedStore(): Promise<{ store: VectorStore; empty: () => Promise<void> }> {
  const token = "token-of-the-index";
  let emulator = await startEmulator({ token });
  const port = Number(new URL(emulator.url).port);
  onTestFinished(() => emulator.close());
  return {
    store: httpStore(emulator.url, token),
    empty: async () => {
      await emulator.close();
      emulator = await startEmulator({ token, port });
    },
  };
}

interface Watched {
  readonly pair: Pair;
  readonly store: RoutedStore;
  readonly rollbacks: (readonly RuleResult[])[];
  /** Empties the served index. */
  readonly empty: () => Promise<void>;
  /** One look, with the comparison that it begins. */
  readonly look: () => Promise<void>;
  readonly stage: () => Promise<Stage>;
  /** What the gate of the next stage says about the records. */
  readonly gate: () => Promise<{ isOpen: boolean; has: string; next: string | undefined } | undefined>;
}

/** A pair with the same records in both stores, of which one is served. */
async function watched(side: "source" | "target", stage: Stage): Promise<Watched> {
  const pair = new Pair();
  const { store: served, empty } = await servedStore();
  pair[side] = new PluggedStore(served);
  const store = pair.join();
  const { protocol } = store.runtime.parts;
  const rollbacks: (readonly RuleResult[])[] = [];
  const state = pair.openState();
  const guard = new RollbackGuard({
    protocol,
    state,
    pair: "main",
    names: { source: "embedded", target: "upstash" },
    process: "p",
    stores: { source: pair.source, target: pair.target },
    figures: new FigureRecorder(),
    thresholds: defaultThresholds,
    rollsBack: true,
    onRollback: (broken) => rollbacks.push(broken),
    sampleEveryMs: 0,
    settleMs: 1,
  });
  onTestFinished(() => guard.stop());
  await pair.source.upsert(documents);
  await advanceTo(store, stage, 50);
  await quiet(store);
  return {
    pair,
    store,
    rollbacks,
    empty,
    look: async () => {
      await guard.look();
      await guard.sampled();
    },
    stage: async () => (await cutoverStatus(protocol)).control.stage,
    gate: async () => {
      const judged = await judgeCutover(protocol, new EvidenceStore(state, "main"), defaultThresholds);
      const gates = gatesOf({ ...judged, ...judged.evidence }, defaultThresholds);
      return gates.find(({ name }) => name === "integrity");
    },
  };
}

/** A comparison may fail by a connection that has just ended. */
async function lookUntil(look: () => Promise<void>, isReached: () => Promise<boolean>): Promise<void> {
  while (!(await isReached())) await look();
}

async function untilLevel(store: RoutedStore): Promise<void> {
  await expect.poll(async () => (await store.runtime.presence.look()).control.level).toBe("level");
}

it("an empty target closes the gate, gets every record again, and is not read before that (CUT-2)", async () => {
  const { pair, store, empty, look, stage, gate } = await watched("target", "shadow-read");
  await look();
  expect(await gate()).toMatchObject({ isOpen: true });
  await empty();
  await lookUntil(look, async () => !(await gate())?.isOpen);
  expect(await gate()).toMatchObject({
    isOpen: false,
    has: expect.stringContaining(`the target has lost records: it holds 0, and the source ${ids.length}`),
    next: expect.stringContaining("ragfood cutover verify"),
  });
  const history = await cutoverHistory(store.runtime.parts.protocol, 1);
  expect(history[0]).toMatchObject({ event: "level again", from: "shadow-read", to: "shadow-read" });
  await untilLevel(store);
  expect((await idsIn(pair.target)).sort()).toEqual(ids);
  expect(await stage()).toBe("shadow-read");
});

it("an empty target rolls back by rule in `canary` (CUT-2)", async () => {
  const { rollbacks, empty, look, stage } = await watched("target", "canary");
  await empty();
  await lookUntil(look, async () => rollbacks.length > 0);
  expect(await stage()).toBe("source");
  expect(rollbacks[0]?.map(({ name }) => name)).toEqual(["integrity"]);
});

it("an empty target that leads rolls back, and no acknowledged write is lost (CUT-3)", async () => {
  const { pair, store, rollbacks, empty, look } = await watched("target", "target");
  pair.source.isDown = true;
  await store.upsert([late]);
  await empty();
  pair.source.isDown = false;
  await lookUntil(look, async () => rollbacks.length > 0);
  expect(rollbacks[0]?.map(({ name }) => name)).toEqual(["integrity"]);
  await expect
    .poll(async () => (await store.runtime.presence.look()).control)
    .toMatchObject({ stage: "source", leader: "source", hold: undefined });
  // A copy of what the empty target holds would have deleted them.
  expect((await idsIn(pair.source)).sort()).toEqual([...ids, late.id].sort());
});

it.each(["shadow-read", "canary"] as const)(
  "the target answers for a source that leads and came back empty in `%s`, and the answer says so (CUT-3)",
  async (stage) => {
    const { pair, store, rollbacks, empty, look } = await watched("source", stage);
    const answer = async (text: string) => {
      const notices: string[] = [];
      let served = "";
      const matches = await store.query(
        { text, topK: 1 },
        {
          onServed: (by) => {
            served = by.store;
          },
          onFallback: ({ reason }) => void notices.push(reason),
        },
      );
      return { ids: matches.map(({ id }) => id), served, notices };
    };
    await empty();
    await lookUntil(look, async () => (await store.runtime.presence.look()).control.lost === "source");
    // The store learns it at its next look at the state.
    await expect.poll(async () => (await answer("soup")).served).toBe(pair.target.name);
    for (const { id, text } of documents) {
      const { ids: found, served, notices } = await answer(text);
      expect(found).toEqual([id]);
      expect(served).toBe(pair.target.name);
      expect(notices).toEqual([`${pair.source.name} has lost its records.`]);
    }
    const { control } = await store.runtime.presence.look();
    expect(answersFrom(control, { source: "old", target: "new" })).toBe(
      "Answers come from new: old has lost its records",
    );
    expect(rollbacks).toEqual([]);
    // With its records back, it answers again.
    await pair.source.upsert(documents);
    await lookUntil(look, async () => (await store.runtime.presence.look()).control.lost === undefined);
    await expect.poll(async () => (await answer("in no canary")).notices).toEqual([]);
  },
);

it("an empty source is no reason to roll back: it gets every record again from the target (CUT-3)", async () => {
  const { pair, store, rollbacks, empty, look, stage, gate } = await watched("source", "target");
  await empty();
  const lost = `the source has lost records: it holds 0, and the target ${ids.length}`;
  await lookUntil(look, async () => (await gate())?.has.includes(lost) === true);
  for (let looks = 0; looks < 3; looks++) await look();
  expect(rollbacks).toEqual([]);
  expect(await stage()).toBe("target");
  await untilLevel(store);
  expect((await idsIn(pair.source)).sort()).toEqual(ids);
});

it("a rollback by hand to an empty source waits until that has every record (CUT-3)", async () => {
  const { pair, store, empty, look } = await watched("source", "target");
  await empty();
  await lookUntil(look, async () => (await store.runtime.presence.look()).control.level !== "level");
  const { protocol } = store.runtime.parts;
  await changeStage(protocol, "rollback", { who: "test" }, { holdId: "back" });
  await expect
    .poll(async () => (await store.runtime.presence.look()).control)
    .toMatchObject({ stage: "source", leader: "source", hold: undefined });
  expect((await idsIn(pair.source)).sort()).toEqual(ids);
});

it.each([
  ["the user's store", [], [{ id: "a", score: 1 }]],
  ["the other store", [{ id: "a", score: 1 }], []],
])("a shadow read in which %s finds nothing names records to compare", async (_, matches, others) => {
  const comparisons: ShadowComparison[] = [];
  const shadow = new ShadowReads({ sampling: 1, onComparison: (found) => comparisons.push(found) });
  shadow.offer({ namespace: "", matches, servedMs: 1 }, async () => others);
  await shadow.settled();
  expect(comparisons).toMatchObject([{ differing: ["a"] }]);
});
