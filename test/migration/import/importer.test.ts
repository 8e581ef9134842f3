import fc from "fast-check";
import { expect, it } from "vitest";
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

it("MIG-5: whatever becomes of writes, the target equals the source, and little is sent twice", async () => {
  await fc.assert(
    fc.asyncProperty(fates, fc.integer({ min: 1, max: 4 }), async (script, concurrency) => {
      const directory = temporaryDirectory();
      const all = records(900);
      const source = new MemorySource(() => all);
      const queue = [...script];
      const { store, counts } = faultyStore(storeOf(embeddedIndex()), () => queue.shift());
      const target = { store, namespace: "", embedding: "carried" } as const;
      let outcome: string;
      do {
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
      } while (outcome !== "complete");
      expect(await contentOf(store)).toEqual(comparable(all));
      const failures = script.filter((fate) => /lost|fatal/.test(fate)).length;
      expect(counts.records).toBeLessThanOrEqual(
        all.length + failures * Math.min(counts.largestRequest, 300),
      );
      expect(counts.mostAtOnce).toBeLessThanOrEqual(concurrency);
      await store.close();
    }),
    { numRuns: 40 },
  );
});

it("MIG-11, CUT-3: a source that changes and changes back between runs cut short is there in the end", async () => {
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
    { numRuns: 40 },
  );
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
