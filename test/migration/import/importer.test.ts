import fc from "fast-check";
import { expect, it } from "vitest";
import { ServiceFaultError } from "../../../src/foundation/errors.ts";
import { importRecords } from "../../../src/migration/import/index.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { faultyStore, type WriteFate } from "./faulty-store.ts";
import {
  comparable,
  contentOf,
  embeddedIndex,
  MemorySource,
  records,
  storeOf,
  withLedger,
} from "./helpers.ts";

/** `IMPORT_ROUNDS=500 npx vitest run test/migration/import/importer.test.ts` for the long run. */
const rounds = Number(process.env.IMPORT_ROUNDS ?? 12);

const settings = { pauseMs: 0, maximumPauseMs: 0 };

it("MIG-5: brings every record into the target, and sends nothing again", async () => {
  const directory = temporaryDirectory();
  const source = new MemorySource(() => records(2_345));
  const { store, counts } = faultyStore(storeOf(embeddedIndex()), () => undefined);
  const target = { store, namespace: "", embedding: "carried" } as const;
  const first = await withLedger(directory, (ledger) => importRecords({ source, target, ledger }));
  expect(first).toMatchObject({ outcome: "complete", acknowledged: 2_345, sent: 2_345, skipped: 0 });
  expect(first.failure).toBeUndefined();
  expect(await contentOf(store)).toEqual(comparable(records(2_345)));
  const second = await withLedger(directory, (ledger) => importRecords({ source, target, ledger }));
  expect(second).toMatchObject({
    outcome: "complete",
    acknowledged: 0,
    sent: 0,
    skipped: 2_345,
    requests: 0,
  });
  expect(counts.records).toBe(2_345);
});

const fates = fc.array(
  fc.constantFrom<WriteFate>(
    "done",
    "done",
    "lost-before",
    "lost-after",
    "delayed",
    "done-twice",
    "fatal-before",
    "fatal-after",
  ),
  { maxLength: 12 },
);

/** What a person does to the source between two runs. */
const edits = fc.record({
  kind: fc.constantFrom("none", "insert", "change", "revert", "remove"),
  at: fc.nat(999),
  count: fc.integer({ min: 1, max: 150 }),
});

it("MIG-5: after failures of every kind the target equals the source, and little is sent twice", async () => {
  await fc.assert(
    fc.asyncProperty(fates, fc.integer({ min: 1, max: 4 }), async (script, concurrency) => {
      const directory = temporaryDirectory();
      const all = records(900);
      const source = new MemorySource(() => all);
      const queue = [...script];
      const { store, counts } = faultyStore(storeOf(embeddedIndex()), () => queue.shift());
      const target = { store, namespace: "", embedding: "carried" } as const;
      let outcome = "";
      // Each run that is cut short has met a fault of the script.
      for (let run = 0; outcome !== "complete"; run++) {
        expect(run).toBeLessThanOrEqual(script.length);
        outcome = await withLedger(directory, (ledger) =>
          importRecords({
            source,
            target,
            ledger,
            settings: { ...settings, concurrency, maximumBatch: 300 },
          }),
        ).then(
          (report) => report.outcome,
          () => "died",
        );
      }
      expect(await contentOf(store)).toEqual(comparable(all));
      const failures = script.filter((fate) => /lost|fatal/.test(fate)).length;
      expect(counts.records).toBeLessThanOrEqual(
        all.length + failures * Math.min(counts.largestRequest, 300),
      );
      expect(counts.mostAtOnce).toBeLessThanOrEqual(concurrency);
      await store.close();
    }),
    { numRuns: rounds },
  );
});

it("MIG-11, CUT-3: a source that changes and changes back between interrupted runs is complete in the end", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(edits, fates), { minLength: 1, maxLength: 5 }), async (runs) => {
      const directory = temporaryDirectory();
      const original = records(600);
      let current: StoreRecord[] = [...original];
      const source = new MemorySource(() => current);
      let queue: WriteFate[] = [];
      const { store } = faultyStore(storeOf(embeddedIndex()), () => queue.shift());
      const target = { store, namespace: "", embedding: "carried" } as const;
      const runOnce = () =>
        withLedger(directory, (ledger) =>
          importRecords({ source, target, ledger, settings: { ...settings, maximumFailures: 1 } }),
        ).catch(() => undefined);
      for (const [number, [edit, script]] of [
        ...runs,
        [{ kind: "none", at: 0, count: 0 }, []] as const,
      ].entries()) {
        current = edited(current, original, edit, number + 1);
        queue = [...script];
        await runOnce();
      }
      const wanted = new Set(current.map(({ id }) => id));
      const held = await contentOf(store);
      expect(held.filter(({ id }) => wanted.has(id))).toEqual(comparable(current));
      await store.close();
    }),
    { numRuns: rounds },
  );
});

it("CUT-3: content that comes back is written again if other content may have been written since", async () => {
  const directory = temporaryDirectory();
  const original = records(600);
  let current = original;
  let fate: WriteFate | undefined;
  const source = new MemorySource(() => current);
  const { store } = faultyStore(storeOf(embeddedIndex()), () => fate);
  const target = { store, namespace: "", embedding: "carried" } as const;
  const runOnce = () =>
    withLedger(directory, (ledger) =>
      importRecords({ source, target, ledger, settings: { ...settings, maximumFailures: 0 } }),
    );
  expect((await runOnce()).outcome).toBe("complete");
  // The target applies the change, and its acknowledgement never arrives.
  current = [...original.slice(0, 40), ...changed(original.slice(40, 60), 2), ...original.slice(60)];
  fate = "lost-after";
  expect(await runOnce()).toMatchObject({ outcome: "failed", acknowledged: 0 });
  expect(await contentOf(store)).not.toEqual(comparable(original));
  current = original;
  fate = undefined;
  expect((await runOnce()).outcome).toBe("complete");
  expect(await contentOf(store)).toEqual(comparable(original));
});

it("CUT-3: records deleted in the target by other means are written again after ledger.forget", async () => {
  const directory = temporaryDirectory();
  const all = records(600);
  const source = new MemorySource(() => all);
  const store = storeOf(embeddedIndex());
  const target = { store, namespace: "", embedding: "carried" } as const;
  const runOnce = () => withLedger(directory, (ledger) => importRecords({ source, target, ledger }));
  await runOnce();
  await store.delete({ ids: ["food-3", "food-500"] });
  await withLedger(directory, async (ledger) => ledger.forget(["food-3", "food-500"]));
  const report = await runOnce();
  expect(report.outcome).toBe("complete");
  expect(report.sent).toBeLessThanOrEqual(400);
  expect(await contentOf(store)).toEqual(comparable(all));
});

it("CUT-3: records that leave the source and come back are written again", async () => {
  const directory = temporaryDirectory();
  const all = records(600);
  let current = all;
  const source = new MemorySource(() => current);
  const store = storeOf(embeddedIndex());
  const target = { store, namespace: "", embedding: "carried" } as const;
  const runOnce = () => withLedger(directory, (ledger) => importRecords({ source, target, ledger }));
  await runOnce();
  current = all.slice(0, 200);
  await runOnce();
  await store.delete({ ids: all.slice(200).map(({ id }) => id) });
  current = all;
  await runOnce();
  expect(await contentOf(store)).toEqual(comparable(all));
});

it("MIG-11: catching up with a changed source sends the blocks around what changed, not all that follow", async () => {
  const directory = temporaryDirectory();
  const all = records(5_000);
  let current = all;
  const source = new MemorySource(() => current);
  const { store } = faultyStore(storeOf(embeddedIndex()), () => undefined);
  const target = { store, namespace: "", embedding: "carried" } as const;
  const runOnce = () => withLedger(directory, (ledger) => importRecords({ source, target, ledger }));
  await runOnce();
  current = [
    ...records(1, { first: 9_000 }),
    ...all.slice(0, 2_500),
    ...changed(all.slice(2_500, 2_501), 2),
    ...all.slice(2_501),
  ];
  const report = await runOnce();
  expect(report.outcome).toBe("complete");
  expect(report.sent).toBeLessThan(1_000);
  expect(report.skipped).toBe(current.length - report.sent);
  expect(await contentOf(store)).toEqual(comparable(current));
});

it("MIG-5: a ledger that speaks of records in an empty target is not believed", async () => {
  const directory = temporaryDirectory();
  const source = new MemorySource(() => records(300));
  const store = storeOf(embeddedIndex());
  const target = { store, namespace: "", embedding: "carried" } as const;
  const runOnce = () => withLedger(directory, (ledger) => importRecords({ source, target, ledger }));
  await runOnce();
  await store.reset();
  await expect(runOnce()).rejects.toThrow(
    /300 records are in the target, but the default namespace is empty/,
  );
});

it("MIG-5: a request that the target never digests ends the import, though all others succeed", async () => {
  const source = new MemorySource(() => records(12_000));
  const { store } = faultyStore(
    storeOf(embeddedIndex()),
    () => undefined,
    (all) => {
      if (all.some(({ id }) => id === "food-700"))
        throw new ServiceFaultError("test", "It broke.", { status: 500 });
    },
  );
  const target = { store, namespace: "", embedding: "carried" } as const;
  const report = await withLedger(temporaryDirectory(), (ledger) =>
    importRecords({
      source,
      target,
      ledger,
      settings: { pauseMs: 2, maximumPauseMs: 2, concurrency: 4, maximumBatch: 100 },
    }),
  );
  expect(report).toMatchObject({ outcome: "failed", failure: { code: "service", status: 500 } });
  // Not only once nothing else is left to send.
  expect(report.read).toBeLessThan(12_000);
});

it("MIG-5: memory holds no more blocks than the settings allow", async () => {
  const all = records(6_000);
  const source = new MemorySource(() => all);
  const { store, counts } = faultyStore(storeOf(embeddedIndex()), () => "delayed");
  let mostAhead = 0;
  const watched = new Proxy(store, {
    get(of, name) {
      mostAhead = Math.max(mostAhead, source.yielded - counts.done);
      return Reflect.get(of, name);
    },
  });
  const target = { store: watched, namespace: "", embedding: "carried" } as const;
  const report = await withLedger(temporaryDirectory(), (ledger) =>
    importRecords({ source, target, ledger, settings: { maximumBlocks: 5, concurrency: 8 } }),
  );
  expect(report.outcome).toBe("complete");
  // Five blocks of up to 200 records, and what the source hands out in one piece.
  expect(mostAhead).toBeLessThanOrEqual(5 * 200 + 500 + 200);
});

function edited(
  current: StoreRecord[],
  original: readonly StoreRecord[],
  edit: { kind: string; at: number; count: number },
  version: number,
): StoreRecord[] {
  const at = edit.at % (current.length + 1);
  const next = [...current];
  if (edit.kind === "insert") next.splice(at, 0, ...records(edit.count, { first: 1_000 * version }));
  if (edit.kind === "remove") next.splice(at, edit.count);
  if (edit.kind === "change")
    next.splice(at, edit.count, ...changed(next.slice(at, at + edit.count), version));
  return edit.kind === "revert" ? [...original] : next;
}

function changed(some: readonly StoreRecord[], version: number): StoreRecord[] {
  return some.map((record) => ({ ...record, text: `${record.text} again`, metadata: { version } }));
}
