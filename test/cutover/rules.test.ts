import { expect, it } from "vitest";
import { encodeOperation } from "../../src/cutover/operation.ts";
import { claimQueued, parkWrite, recordApplied } from "../../src/cutover/rules/apply.ts";
import {
  cancelHold,
  changeStage,
  completeStart,
  finishHold,
  setCanary,
} from "../../src/cutover/rules/change.ts";
import { releaseClaims } from "../../src/cutover/rules/claim.ts";
import { claimCopies, type KeyToCopy, recordCopies } from "../../src/cutover/rules/copy.ts";
import { finishTouching, refreshLevel, touch } from "../../src/cutover/rules/level.ts";
import { beat, leave } from "../../src/cutover/rules/presence.ts";
import type { Protocol } from "../../src/cutover/rules/protocol.ts";
import { claimTakeovers, recordTakeovers } from "../../src/cutover/rules/take-over.ts";
import { type BegunMark, begin, failWrites, settleWrites } from "../../src/cutover/rules/write.ts";
import { stateProtocol } from "../../src/cutover/state-protocol.ts";
import { cutoverHistory, cutoverStatus } from "../../src/cutover/status.ts";
import { defaultTiming } from "../../src/cutover/timing.ts";
import type { CutoverEvent } from "../../src/cutover/transitions.ts";
import { describeOnEachStore, type StateUnderTest } from "../state/contract.ts";

const { landingMs, markLeaseMs, claimLeaseMs } = defaultTiming;

/** One pair on an empty store, with a clock that a test moves. */
class Stage {
  readonly protocol: Protocol;
  readonly clock: { now: number } = { now: 1_000_000 };
  #holds = 0;

  constructor(store: StateUnderTest) {
    this.protocol = stateProtocol({
      open: () => store.open({ now: () => this.clock.now }),
      pair: "main",
      timing: defaultTiming,
    });
  }

  async change(event: CutoverEvent, epoch?: number): Promise<string[]> {
    const options = { holdId: `hold-${++this.#holds}`, ...(epoch !== undefined && { epoch }) };
    const change = await changeStage(this.protocol, event, { who: "test", reason: "to see" }, options);
    return change.isDone ? [] : change.missing.map(({ requirement }) => requirement);
  }

  /** Every process acts on the present epoch. */
  async confirm(): Promise<void> {
    await beat(this.protocol, "p", undefined);
  }

  /** Goes on to `canary` with an empty and level target. */
  async toCanary(): Promise<void> {
    await this.change("start");
    await this.confirm();
    this.clock.now += landingMs;
    expect(await completeStart(this.protocol)).toBe(true);
    const { control } = await cutoverStatus(this.protocol);
    await finishTouching(this.protocol, control.startEpoch);
    expect(await refreshLevel(this.protocol)).toBe(true);
    for (const event of ["advance", "advance"] as const) {
      expect(await this.change(event)).toEqual([]);
      await this.confirm();
    }
  }

  /** A write that the leader has acknowledged. */
  async settled(id: string): Promise<void> {
    const { marks } = await begin(this.protocol, [writeOf(id)]);
    await settleWrites(this.protocol, sequencesOf(marks));
  }

  async copy(): Promise<readonly KeyToCopy[]> {
    const work = await claimCopies(this.protocol, "copier", 10);
    if (work) await recordCopies(this.protocol, "copier", work.keys);
    return work?.keys ?? [];
  }
}

function writeOf(id: string): { namespace: string; id: string; operation: string } {
  return { namespace: "", id, operation: encodeOperation({ kind: "delete", id }) };
}

function sequencesOf(marks: readonly BegunMark[] | undefined): number[] {
  return (marks ?? []).map(({ sequence }) => sequence);
}

describeOnEachStore("the rules of a cutover (CUT-1, CUT-3)", (create) => {
  it("mark no write before the start, and complete it when every process acts on it and writes have landed", async () => {
    const stage = new Stage(create());
    const { protocol, clock } = stage;
    expect(await begin(protocol, [writeOf("a")])).toMatchObject({ leader: "source", marks: undefined });
    await beat(protocol, "p", undefined);
    await beat(protocol, "q", undefined);
    await stage.change("start");
    await beat(protocol, "p", undefined);
    clock.now += landingMs;
    // "q" still acts on the epoch before.
    expect(await completeStart(protocol)).toBe(false);
    await beat(protocol, "q", 1);
    expect(await completeStart(protocol)).toBe(false);
    await beat(protocol, "q", undefined);
    await beat(protocol, "p", undefined);
    expect(await completeStart(protocol)).toBe(false);
    clock.now += landingMs;
    expect(await completeStart(protocol)).toBe(true);
  });

  it("wait for no process that has left or is gone", async () => {
    const stage = new Stage(create());
    const { protocol, clock } = stage;
    await beat(protocol, "p", undefined);
    await beat(protocol, "q", undefined);
    await stage.change("start");
    await leave(protocol, "q");
    clock.now += defaultTiming.heartbeatLeaseMs;
    await beat(protocol, "r", undefined);
    clock.now += landingMs;
    expect(await completeStart(protocol)).toBe(true);
  });

  it("queue a write behind queued ones of its key, and apply them in order", async () => {
    const stage = new Stage(create());
    const { protocol } = stage;
    await stage.toCanary();
    await begin(protocol, [writeOf("a")], { isLeaderDown: true });
    const { marks } = await begin(protocol, [writeOf("a"), writeOf("b")]);
    expect(marks?.map(({ isQueued }) => isQueued)).toEqual([true, false]);
    const work = await claimQueued(protocol, "q", 10);
    expect(work?.writes.map(({ id }) => id)).toEqual(["a"]);
    expect(await claimQueued(protocol, "r", 10)).toBeUndefined();
    const next = await recordApplied(protocol, "q", work?.writes ?? []);
    expect(next.map(({ sequence }) => sequence)).toEqual(sequencesOf(marks).slice(0, 1));
    await parkWrite(protocol, "q", next[0] as (typeof next)[number], "It is refused.");
    const { parked, marks: counts } = await cutoverStatus(protocol);
    expect(parked).toMatchObject([{ id: "a", reason: "It is refused." }]);
    expect(counts).toMatchObject({ queued: 0, settled: 1, open: 1 });
  });

  it("report a failed write as failed only while its lease runs", async () => {
    const stage = new Stage(create());
    const { protocol, clock } = stage;
    await stage.toCanary();
    const early = (await begin(protocol, [writeOf("a")])).marks ?? [];
    expect([...(await failWrites(protocol, early))]).toEqual(sequencesOf(early));
    const late = (await begin(protocol, [writeOf("a")])).marks ?? [];
    clock.now += markLeaseMs;
    expect([...(await failWrites(protocol, late))]).toEqual([]);
  });

  it("copy what is finished, and nothing above a write whose outcome is not known", async () => {
    const stage = new Stage(create());
    const { protocol, clock } = stage;
    await stage.toCanary();
    await stage.settled("a");
    await begin(protocol, [writeOf("a")]);
    await stage.settled("a");
    await stage.settled("b");
    expect((await stage.copy()).map(({ id, sequences }) => [id, sequences.length])).toEqual([
      ["a", 1],
      ["b", 1],
    ]);
    clock.now += markLeaseMs;
    expect((await stage.copy()).map(({ id, sequences }) => [id, sequences.length])).toEqual([["a", 2]]);
  });

  it("give a key to one worker at a time, and record nothing of one whose claim is over", async () => {
    const stage = new Stage(create());
    const { protocol, clock } = stage;
    await stage.toCanary();
    await stage.settled("a");
    const slow = (await claimCopies(protocol, "slow", 10))?.keys ?? [];
    expect((await claimCopies(protocol, "other", 10))?.keys ?? []).toEqual([]);
    clock.now += claimLeaseMs;
    await recordCopies(protocol, "slow", slow);
    const again = (await claimCopies(protocol, "other", 10))?.keys ?? [];
    expect(again).toEqual(slow);
    await releaseClaims(protocol, "other", again, "The store is down.");
    expect((await cutoverStatus(protocol)).failing).toMatchObject([
      { key: { namespace: "", id: "a" }, records: 1, attempts: 1, reason: "The store is down." },
    ]);
    expect((await claimCopies(protocol, "third", 10))?.keys ?? []).toEqual([]);
    clock.now += claimLeaseMs;
    expect((await claimCopies(protocol, "third", 10))?.keys).toEqual(slow);
  });

  it("change the leader under a hold, when the next one has everything", async () => {
    const stage = new Stage(create());
    const { protocol } = stage;
    await stage.toCanary();
    const { marks } = await begin(protocol, [writeOf("a")]);
    expect(await stage.change("advance")).toEqual([]);
    expect(await stage.change("advance")).toContain("no-hold");
    expect((await begin(protocol, [writeOf("b")])).marks?.[0]?.isQueued).toBe(true);
    const { hold } = (await cutoverStatus(protocol)).control;
    const flip = () => finishHold(protocol, hold?.id ?? "", { who: "test" });
    expect((await flip()).isDone).toBe(false);
    await settleWrites(protocol, sequencesOf(marks));
    expect((await flip()).isDone).toBe(false);
    await stage.copy();
    expect(await flip()).toMatchObject({ isDone: true, control: { leader: "target", stage: "target" } });
    expect((await claimQueued(protocol, "q", 10))?.leader).toBe("target");
  });

  it("take over from a leader that cannot be read, and keep the marks for it", async () => {
    const stage = new Stage(create());
    const { protocol, clock } = stage;
    await stage.toCanary();
    await stage.settled("a");
    await begin(protocol, [writeOf("a")]);
    await stage.change("advance");
    expect(await claimTakeovers(protocol, "t", 10)).toBeUndefined();
    clock.now += markLeaseMs;
    const work = await claimTakeovers(protocol, "t", 10);
    expect(work).toMatchObject({
      to: "target",
      keys: [{ id: "a", operations: [expect.any(String), expect.any(String)] }],
    });
    await recordTakeovers(protocol, "t", work?.holdId ?? "", work?.keys ?? []);
    expect(await finishHold(protocol, work?.holdId ?? "", { who: "test" })).toMatchObject({ isDone: true });
    expect((await claimCopies(protocol, "c", 10))?.leader).toBe("target");
    expect((await cutoverStatus(protocol)).marks).toMatchObject({ settled: 1, open: 1 });
  });

  it("go back to the source, and settle when nothing is queued", async () => {
    const stage = new Stage(create());
    const { protocol, clock } = stage;
    await stage.toCanary();
    await stage.settled("a");
    await stage.change("advance");
    // The source leads still: a rollback ends the hold.
    expect(await stage.change("rollback")).toEqual([]);
    expect(await cancelHold(protocol, { who: "test" })).toMatchObject({ isDone: false });
    expect(await stage.copy()).toEqual([]);
    expect((await begin(protocol, [writeOf("b")])).marks).toHaveLength(1);
    expect(await stage.change("start")).toEqual(["settled"]);
    expect(await stage.change("settle")).toEqual(["landed"]);
    await stage.confirm();
    clock.now += landingMs;
    expect(await stage.change("settle")).toEqual([]);
    const { control, marks } = await cutoverStatus(protocol);
    expect([control.isRecording, control.level, marks.settled]).toEqual([false, "none", 0]);
    expect(await touch(protocol, [{ namespace: "", id: "a" }])).toBe(false);
  });

  it("a key that waits for its copy gets no second mark, unless a copy of it is under way (CUT-3)", async () => {
    const stage = new Stage(create());
    const { protocol } = stage;
    await stage.toCanary();
    const keys = ["a", "b"].map((id) => ({ namespace: "", id }));
    const marks = () => protocol.transaction(async (rows) => (await rows.marksOf(keys)).length);
    for (let listing = 0; listing < 3; listing++) expect(await touch(protocol, keys)).toBe(true);
    expect(await marks()).toBe(2);
    const work = await claimCopies(protocol, "copier", 1);
    await touch(protocol, keys);
    expect(await marks()).toBe(3);
    await recordCopies(protocol, "copier", work?.keys ?? []);
    await stage.copy();
    expect(await marks()).toBe(0);
  });

  it("settle while clients write, and complete the next start when what was dropped has landed", async () => {
    const stage = new Stage(create());
    const { protocol, clock } = stage;
    await stage.toCanary();
    await stage.change("rollback");
    await stage.confirm();
    clock.now += landingMs;
    // A write is on its way at every moment.
    expect((await begin(protocol, [writeOf("a")])).marks).toHaveLength(1);
    expect(await stage.change("settle")).toEqual([]);
    expect(await stage.change("start")).toEqual([]);
    await stage.confirm();
    clock.now += landingMs;
    expect(await completeStart(protocol)).toBe(false);
    clock.now += Math.max(markLeaseMs, claimLeaseMs) - landingMs;
    expect(await completeStart(protocol)).toBe(true);
  });

  it("let one of two operators win, and keep who changed what and why", async () => {
    const stage = new Stage(create());
    const { protocol } = stage;
    const [one, other] = await Promise.all([stage.change("start", 1), stage.change("start", 1)]);
    expect([one, other].toSorted((left, right) => left.length - right.length)).toEqual([[], ["epoch"]]);
    expect(await setCanary(protocol, 10, { who: "test" })).toMatchObject({ isDone: false });
    expect(await cutoverHistory(protocol, 10)).toMatchObject([
      { event: "start", from: "source", to: "dual-write", who: "test", reason: "to see", epoch: 2 },
    ]);
  });
});
