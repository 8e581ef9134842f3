import { expect, it } from "vitest";
import { seededRandom } from "../../src/foundation/random.ts";
import {
  type Claim,
  type CutoverRows,
  initialControl,
  type NewMark,
  type RecordKey,
} from "../../src/state/cutover/rows.ts";
import { SqlCutoverRows } from "../../src/state/cutover/sql-rows.ts";
import { describeOnEachStore } from "../state/contract.ts";
import { MemoryRows } from "./simulator/memory-rows.ts";

const namespaces = ["", "foods"];
const ids = ["", "a", "b", "c", "it's", "世界"];

/** Random statements; the same seed gives the same. */
function randomWork(seed: number): (rows: CutoverRows) => Promise<unknown> {
  const random = seededRandom(seed);
  const integer = (below: number) => Math.floor(random() * below);
  const pick = <Item>(items: readonly Item[]) => items[integer(items.length)] as Item;
  const key = (): RecordKey => ({ namespace: pick(namespaces), id: pick(ids) });
  const keys = () => [
    ...new Map(Array.from({ length: integer(4) }, key).map((k) => [k.namespace + k.id, k])).values(),
  ];
  const sequences = () => Array.from({ length: integer(4) }, () => 1 + integer(40));
  const claim = (of: RecordKey): Claim => ({
    ...of,
    owner: pick(["", "p", "q"]),
    expires: integer(100),
    attempts: integer(3),
    retryAt: integer(100),
    reason: pick(["", "it is down"]),
  });
  const mark = (sequence: number): NewMark => ({
    ...key(),
    sequence,
    operation: pick(["", '{"kind":"delete","id":"a"}']),
    status: pick(["open", "settled", "queued"]),
    isTouch: random() < 0.3,
    lease: integer(100),
    opened: integer(100),
    tag: pick(["", "h1", "h2"]),
  });
  const choices: ((rows: CutoverRows) => unknown)[] = [
    async (rows) => {
      const count = 1 + integer(3);
      const first = await rows.takeSequences(count);
      return rows.addMarks(Array.from({ length: count }, (_, place) => mark(first + place)));
    },
    (rows) => rows.settleMarks(sequences()),
    (rows) => rows.tagMarks(sequences(), pick(["h1", "h2"])),
    (rows) => rows.removeMarks(sequences().slice(0, 2)),
    (rows) => rows.removeExpired(integer(30)),
    (rows) => rows.removeMarksUpTo(pick(namespaces), integer(6)),
    (rows) => rows.saveClaims(keys().map(claim)),
    (rows) => rows.removeClaims(keys()),
    (rows) => rows.saveHeartbeat({ process: pick(["p", "q"]), epoch: integer(9), expires: integer(100) }),
    (rows) => rows.removeHeartbeat(pick(["p", "q"])),
    (rows) =>
      rows.saveControl({
        ...initialControl,
        epoch: integer(9),
        hold: { id: "h1", to: "target", stage: "target", since: 5 },
      }),
    async (rows) => (random() < 0.1 ? rows.dropMarks() : undefined),
  ];
  return async (rows) => {
    for (let steps = 1 + integer(4); steps > 0; steps--) await pick(choices)(rows);
    const now = integer(100);
    const limit = 1 + integer(6);
    const asked = keys();
    return {
      control: await rows.control(),
      last: await rows.lastSequence(),
      marks: (await rows.marksOf(asked)).map((one) => ({ ...one, operation: undefined })),
      operations: [...(await rows.operationsOf(sequences()))].sort(),
      copy: new Set(await rows.keysToCopy(now, 99)),
      apply: await rows.keysToApply(now, limit),
      takeOver: await rows.keysToTakeOver("h1", now, limit),
      marked: new Set(await rows.keysWithMarks(pick(namespaces))),
      busy: await rows.isBusyBefore(pick(namespaces), integer(40), now),
      liveIn: await rows.hasLiveClaim(now, pick(namespaces)),
      open: await rows.hasUnfinishedOpen(now),
      queued: await rows.hasQueued(),
      untagged: await rows.hasUntagged("h1"),
      touch: await rows.hasTouch(integer(40)),
      first: pickStart(await rows.firstMark()),
      waiting: await rows.queuedWrites(integer(40), limit),
      queuedBytes: await rows.queuedBytes(),
      firstQueued: pickStart(await rows.firstMark("queued")),
      counts: await rows.countMarks(),
      claims: new Set(await rows.claimsOf(asked)),
      failures: await rows.failures(limit),
      live: await rows.hasLiveClaim(now),
      heartbeats: new Set(await rows.heartbeats()),
    };
  };
}

function pickStart(start: { sequence: number; opened: number } | undefined): unknown {
  return start && { sequence: start.sequence, opened: start.opened };
}

describeOnEachStore("rows of a cutover (CUT-3)", (create) => {
  it("mean the same as those in memory, on which the simulator runs", async () => {
    const store = create();
    const state = await store.open({ now: () => 50 });
    const memory = new MemoryRows(() => 50);
    for (let seed = 1; seed <= 150; seed++) {
      const expected = await randomWork(seed)(memory);
      const found = await state.transaction((session) =>
        randomWork(seed)(new SqlCutoverRows(session, "main")),
      );
      expect(found, `seed ${seed}`).toEqual(expected);
    }
  });

  it("the rows of a cutover keep two pairs of stores apart", async () => {
    const state = await create().open();
    await state.transaction((session) =>
      new SqlCutoverRows(session, "main").saveControl({ ...initialControl, epoch: 7 }),
    );
    const other = await state.transaction((session) => new SqlCutoverRows(session, "region").control());
    expect(other).toEqual(initialControl);
  });

  it("read few large operations at a time: some megabytes, or one that is larger", async () => {
    const state = await create().open();
    const sizes = [3, 3, 3, 9, 1];
    const pages = await state.transaction(async (session) => {
      const rows = new SqlCutoverRows(session, "main");
      for (const [place, size] of sizes.entries()) {
        const write = {
          sequence: place + 1,
          namespace: "",
          id: `${place}`,
          operation: "x".repeat(1e6 * size),
        };
        const mark = { ...write, isTouch: false, lease: 0, opened: 0, tag: "" };
        await rows.addMarks([{ ...mark, status: "queued" }]);
        await rows.addParked({ ...write, reason: "It is refused.", parkedAt: 1 });
      }
      const read = async (next: (last: number) => Promise<{ sequence: number }[]>) => {
        const found: number[][] = [];
        for (let last = 0; ; ) {
          const page = (await next(last)).map(({ sequence }) => sequence);
          if (page.length === 0) return found;
          found.push(page);
          last = page.at(-1) as number;
        }
      };
      return [
        await read((last) => rows.queuedWrites(last, 10)),
        await read((last) => rows.parked(10, last + 1)),
      ];
    });
    expect(pages).toEqual(Array(2).fill([[1, 2], [3], [4], [5]]));
  });

  it("take a batch of 1,000 marks", async () => {
    const state = await create().open();
    const keys = Array.from({ length: 1_000 }, (_, place) => ({ namespace: "", id: `id-${place}` }));
    const marks = await state.transaction(async (session) => {
      const rows = new SqlCutoverRows(session, "main");
      const first = await rows.takeSequences(keys.length);
      await rows.addMarks(
        keys.map(
          (key, place): NewMark => ({
            ...key,
            sequence: first + place,
            operation: "",
            status: "settled",
            isTouch: true,
            lease: 0,
            opened: 0,
            tag: "",
          }),
        ),
      );
      return rows.marksOf(keys);
    });
    expect(marks.map(({ id }) => id)).toEqual(keys.map(({ id }) => id));
  });
});
