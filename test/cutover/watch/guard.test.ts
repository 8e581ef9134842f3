import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { RoutedStore } from "../../../src/cutover/routed-store.ts";
import { cutoverHistory, cutoverStatus } from "../../../src/cutover/status.ts";
import { EvidenceStore } from "../../../src/cutover/watch/evidence-store.ts";
import { FigureRecorder } from "../../../src/cutover/watch/figures.ts";
import { type Gate, gatesOf } from "../../../src/cutover/watch/gates.ts";
import { type GuardOptions, RollbackGuard } from "../../../src/cutover/watch/guard.ts";
import { rollBack } from "../../../src/cutover/watch/roll-back.ts";
import { evaluateRules, type RuleResult } from "../../../src/cutover/watch/rules.ts";
import { defaultThresholds } from "../../../src/cutover/watch/thresholds.ts";
import type { Side } from "../../../src/state/cutover/rows.ts";
import { type Incident, listIncidents } from "../../../src/state/incidents.ts";
import { StateError } from "../../../src/state/state-error.ts";
import { documents } from "../../store/policies/stores.ts";
import { advanceTo, Pair, quiet } from "../pair.ts";

const anyStart = { startedAt: 0, startEpoch: 0 };

const thresholds = { ...defaultThresholds, minimumRequests: 20 };

interface Watched {
  readonly pair: Pair;
  readonly store: RoutedStore;
  readonly figures: FigureRecorder;
  readonly guard: RollbackGuard;
  readonly rollbacks: (readonly RuleResult[])[];
  readonly incidents: Incident[];
}

/** A pair in `target`, or in the stage that is named, with a guard that looks when it is told. */
async function watched(
  stage: "shadow-read" | "canary" | "target",
  options: Partial<GuardOptions> = {},
  pair: Pair = new Pair(),
): Promise<Watched> {
  const figures = new FigureRecorder();
  const store = pair.join({ onRead: figures.onRead });
  const state = pair.openState();
  const [rollbacks, incidents]: [(readonly RuleResult[])[], Incident[]] = [[], []];
  const guard = new RollbackGuard({
    protocol: store.runtime.parts.protocol,
    state,
    pair: "main",
    names: { source: "embedded", target: "upstash" },
    process: "p",
    stores: { source: pair.source, target: pair.target },
    figures,
    thresholds,
    rollsBack: true,
    onRollback: (broken) => rollbacks.push(broken),
    onSettled: (incident) => incidents.push(incident),
    ...options,
  });
  onTestFinished(() => guard.stop());
  await pair.source.upsert(documents);
  await advanceTo(store, stage, 50);
  await quiet(store);
  return { pair, store, figures, guard, rollbacks, incidents };
}

function answer(
  figures: FigureRecorder,
  side: Side,
  count: number,
  milliseconds: number,
  outcome = "ok",
): void {
  for (let read = 0; read < count; read++) {
    figures.onRead({ side, store: side, milliseconds, outcome, isStale: false });
  }
}

/** The first look begins a comparison of the stores, and the second one sees its result. */
async function lookTwice({ guard }: Watched): Promise<void> {
  await guard.look();
  await guard.sampled();
  await guard.look();
}

async function stageOf({ store }: Watched): Promise<string> {
  return (await cutoverStatus(store.runtime.parts.protocol)).control.stage;
}

async function leads(one: Watched, side: Side): Promise<void> {
  for (;;) {
    const { control } = await cutoverStatus(one.store.runtime.parts.protocol);
    if (control.leader === side && !control.hold) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe("the guard of a cutover (CUT-2)", () => {
  it("leaves a healthy target alone", async () => {
    const one = await watched("canary");
    for (let look = 0; look < 3; look++) {
      answer(one.figures, "source", 50, 10);
      answer(one.figures, "target", 50, 11);
      await one.guard.look();
    }
    expect(await stageOf(one)).toBe("canary");
    expect(one.rollbacks).toEqual([]);
  });

  it.each<[string, number, string]>([
    ["slow", 40, "ok"],
    ["failing", 10, "timeout"],
    ["without credentials", 10, "authentication"],
  ])("rolls back from a target that is %s, at the second look", async (_, milliseconds, outcome) => {
    const one = await watched("canary");
    for (let look = 0; look < 2; look++) {
      expect(await stageOf(one)).toBe("canary");
      answer(one.figures, "source", 50, 10);
      answer(one.figures, "target", 50, milliseconds, outcome);
      await one.guard.look();
    }
    expect(await stageOf(one)).toBe("source");
    expect(one.rollbacks).toHaveLength(1);
    const [entry] = await cutoverHistory(one.store.runtime.parts.protocol, 1);
    expect(entry).toMatchObject({ event: "rollback", who: "rules of rollback", from: "canary" });
  });

  it("shares later what it could not share while the state store was in trouble", async () => {
    const one = await watched("canary");
    const add = vi.spyOn(EvidenceStore.prototype, "add");
    onTestFinished(() => add.mockRestore());
    add.mockRejectedValueOnce(new StateError("unavailable", "It is overloaded."));
    answer(one.figures, "target", 7, 10, "forbidden");
    await expect(one.guard.look()).rejects.toThrow("overloaded");
    answer(one.figures, "target", 1, 10);
    await one.guard.look();
    const { figures } = await new EvidenceStore(one.pair.openState(), "main").read(60_000, anyStart);
    expect(figures.target).toMatchObject({ requests: 8, errors: 7, critical: { forbidden: 7 } });
  });

  it("rolls back from the target when the stores differ, validates, and reports", async () => {
    const one = await watched("target", {
      sampleEveryMs: 0,
      validate: async () => ({ passed: 9, asked: 10 }),
      targetFault: () => ({ since: Date.UTC(2026, 0, 2, 13, 53, 53), what: "answered with errors" }),
    });
    answer(one.figures, "target", 50, 10);
    await one.pair.source.upsert([
      { id: documents[0]?.id ?? "", text: "altered behind its back", metadata: {} },
    ]);
    await lookTwice(one);
    await one.guard.look();
    expect(one.rollbacks[0]?.map(({ name }) => name)).toEqual(["integrity"]);
    await leads(one, "source");
    await one.guard.look();
    const [incident] = one.incidents;
    expect(incident?.title).toBe("Rolled back from target: answers come from embedded again");
    expect(incident?.report).toContain("# Rolled back to embedded");
    expect(incident?.report).toContain("The rules of rollback rolled back in the stage target on 20");
    expect(incident?.report).toContain(" records compared: 1 difference");
    expect(incident?.report).toContain("- upstash answered with errors, first at 13:53:53 UTC\n");
    expect(incident?.report).toMatch(/\| Switched to upstash \| test \|\n(?:.*\n)?.*\| Rolled back: /);
    expect(incident?.report).toContain("asked after the rollback: 9 of 10 answered as expected");
    expect(incident?.report).toMatch(/\| \d\d:\d\d:\d\d \| Rolled back: answers come from embedded \|/);
    expect(incident?.report).not.toMatch(/hold|flip/);
    const kept = await one.pair
      .openState()
      .transaction((session) => listIncidents(session, { kind: "rollback" }), { readOnly: true });
    // The time of the change itself, not of the look that ended the incident.
    const history = await cutoverHistory(one.store.runtime.parts.protocol, 10);
    const sourceLedAt = history.find(({ event, to }) => event === "flip" && to === "source")?.at;
    const evidence = expect.objectContaining({ sourceLedAt });
    expect(kept).toMatchObject([{ closedAt: expect.any(Number), report: incident?.report, evidence }]);
  });

  it("writes the report of an incident that a person keeps open once, and leaves it open", async () => {
    const one = await watched("canary");
    const { protocol } = one.store.runtime.parts;
    const state = one.pair.openState();
    const parts = { protocol, state, names: { source: "embedded", target: "upstash" } };
    await rollBack(parts, { who: "Ada", reason: "until we understand why" }, [], { isKept: true });
    for (let look = 0; look < 3; look++) await one.guard.look();
    expect(one.incidents).toHaveLength(1);
    const [incident] = await state.transaction((session) => listIncidents(session, { isOpen: true }));
    expect(incident?.report).toContain("Reason: until we understand why.");
  });

  it("of two processes that see the same, one rolls back and one settles", async () => {
    const pair = new Pair();
    const one = await watched("canary", {}, pair);
    const two = await watched("canary", { process: "q" }, pair);
    answer(one.figures, "source", 50, 10);
    answer(two.figures, "target", 50, 10, "timeout");
    for (let look = 0; look < 4; look++) await Promise.all([one.guard.look(), two.guard.look()]);
    expect(one.rollbacks.length + two.rollbacks.length).toBe(1);
    expect(one.incidents.length + two.incidents.length).toBe(1);
  });

  it("only reports if it is told not to roll back", async () => {
    const one = await watched("canary", { rollsBack: false });
    for (let look = 0; look < 3; look++) {
      answer(one.figures, "target", 50, 10, "timeout");
      await one.guard.look();
    }
    expect(await stageOf(one)).toBe("canary");
  });
});

describe("gates of the next stage (CUT-1)", () => {
  async function gates(one: Watched): Promise<readonly Gate[]> {
    const { protocol } = one.store.runtime.parts;
    const status = await cutoverStatus(protocol);
    const { startEpoch } = status.control;
    const scope = { startedAt: 0, startEpoch };
    const evidence = await new EvidenceStore(one.pair.openState(), "main").read(thresholds.windowMs, scope);
    return gatesOf(
      {
        status,
        history: await cutoverHistory(protocol, 100),
        rules: evaluateRules({ ...evidence, targetLagSeconds: 0 }, thresholds),
        ...evidence,
      },
      thresholds,
    );
  }
  const closed = (all: readonly Gate[]) => all.filter(({ isOpen }) => !isOpen).map(({ name }) => name);

  it("of `canary` open with a comparison of the stores and enough shadow reads", async () => {
    const one = await watched("shadow-read", { sampleEveryMs: 0 });
    expect(closed(await gates(one))).toEqual(["integrity", "comparison", "shadow-errors", "shadow-latency"]);
    for (let read = 0; read < 20; read++) {
      one.figures.onComparison({
        overlap: 1,
        isSameFirst: true,
        servedMs: 10,
        shadowMs: 12,
        error: undefined,
        namespace: "",
        differing: [],
      });
    }
    await lookTwice(one);
    expect(closed(await gates(one))).toEqual([]);
  });

  it("count each record once over the samples of a walk, and need more than the first sample", async () => {
    const one = await watched("shadow-read", { sampleEveryMs: 0, sampleSize: 2 });
    const all = documents.length;
    const integrity = async () => (await gates(one)).find(({ name }) => name === "integrity");
    await lookTwice(one);
    await one.guard.sampled();
    expect(await integrity()).toMatchObject({
      isOpen: false,
      has: expect.stringMatching(new RegExp(`^[24] of ${all} records compared, 0 differences`)),
      next: expect.stringContaining(
        "ragfood cutover verify, or wait until the service has compared every record",
      ),
    });
    // The last page of a walk is small: what its earlier pages compared still counts.
    for (let look = 0; look < all; look++) {
      await one.guard.look();
      await one.guard.sampled();
      if ((await integrity())?.isOpen) break;
    }
    for (let look = 0; look < 3; look++) {
      await one.guard.look();
      await one.guard.sampled();
      expect(await integrity()).toMatchObject({
        isOpen: true,
        has: expect.stringContaining(`${all} of ${all} records compared, 0 differences`),
      });
    }
  });

  it("keep a whole comparison although a process that has just begun compares a few records", async () => {
    const one = await watched("shadow-read", { sampleEveryMs: 0, sampleSize: 2 });
    const all = documents.length;
    const store = new EvidenceStore(one.pair.openState(), "main");
    const { control, at } = await cutoverStatus(one.store.runtime.parts.protocol);
    const whole = { isWhole: true, startEpoch: control.startEpoch, beganAt: at, missed: [], listed: [] };
    await store.saveIntegrity({ ...whole, checked: all, total: all, differences: 0 }, undefined, 60_000);
    await lookTwice(one);
    const found = (await gates(one)).find(({ name }) => name === "integrity");
    expect(found).toMatchObject({ isOpen: true, has: expect.stringContaining(`${all} of ${all} records`) });
  });

  it("of `target` stay closed while a rule is inconclusive, and say what is missing", async () => {
    const one = await watched("canary", { sampleEveryMs: 0 });
    answer(one.figures, "target", 5, 10);
    await lookTwice(one);
    const [gate] = (await gates(one)).filter(({ isOpen }) => !isOpen);
    expect(gate?.name).toBe("rules");
    expect(gate?.has).toContain("the target answered 5 reads in the window, and 20 are needed");
    expect(gate?.next).toBe("Wait for more questions.");
  });

  it("of `target-only` wait until the target has led for long enough", async () => {
    const one = await watched("target", { sampleEveryMs: 0 });
    await lookTwice(one);
    expect(closed(await gates(one))).toContain("soak");
  });
});
