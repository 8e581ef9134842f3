import { expect, it } from "vitest";
import { IndexMismatchError, InvalidRequestError } from "../../../src/foundation/errors.ts";
import { type ImportEvent, importRecords, RecordsRefusedError } from "../../../src/migration/import/index.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { faultyStore } from "./faulty-store.ts";
import {
  comparable,
  contentOf,
  embeddedIndex,
  MemorySource,
  records,
  storeOf,
  withLedger,
} from "./helpers.ts";

/** A target that finds fault with requests, by what they hold. */
function refusingTarget(fault: (all: readonly StoreRecord[]) => string | undefined, status = 422) {
  const { store, counts } = faultyStore(
    storeOf(embeddedIndex()),
    () => undefined,
    (all) => {
      const problem = fault(all);
      if (problem !== undefined) throw new InvalidRequestError("test", problem, { status });
    },
  );
  return { target: { store, namespace: "", embedding: "carried" } as const, store, counts };
}

function importOf(
  directory: string,
  all: readonly StoreRecord[],
  target: ReturnType<typeof refusingTarget>["target"],
  settings: { maximumRefusals?: number } = {},
) {
  const events: ImportEvent[] = [];
  const source = new MemorySource(() => all);
  const onEvent = (event: ImportEvent) => events.push(event);
  return withLedger(directory, async (ledger) => {
    return { report: await importRecords({ source, target, ledger, settings, onEvent }), events };
  });
}

it("MIG-5: a record that the target refuses is found by halves and named; all others are there", async () => {
  const directory = temporaryDirectory();
  const all = records(1_500);
  const guilty = new Set(["food-7", "food-811", "food-812"]);
  let strict = true;
  const { target, store } = refusingTarget((some) =>
    strict && some.some(({ id }) => guilty.has(id)) ? "Nobody eats that" : undefined,
  );
  const { report, events } = await importOf(directory, all, target);
  expect(report.outcome).toBe("refused");
  expect(report.failure).toBeInstanceOf(RecordsRefusedError);
  expect(report.failure?.message).toContain('"food-811": Nobody eats that');
  expect(new Set(report.refusals.map(({ id }) => id))).toEqual(guilty);
  expect(events.filter(({ type }) => type === "record-refused")).toHaveLength(3);
  expect(await contentOf(store)).toEqual(comparable(all.filter(({ id }) => !guilty.has(id))));

  strict = false;
  const again = (await importOf(directory, all, target)).report;
  expect(again).toMatchObject({ outcome: "complete", refusals: [] });
  expect(again.sent).toBeLessThanOrEqual(3 * 200);
  expect(await contentOf(store)).toEqual(comparable(all));
});

it("MIG-5: past the refusals allowed, the import stops early", async () => {
  const { target, counts } = refusingTarget(() => "This index takes nothing");
  const { report } = await importOf(temporaryDirectory(), records(5_000), target, { maximumRefusals: 4 });
  expect(report.outcome).toBe("refusals-exceeded");
  expect(report.refusals).toHaveLength(5);
  expect(report.failure?.message).toContain("stopped early");
  expect(counts.records).toBeLessThan(2_000);
});

it("MIG-5: a request that is too large is sent in parts, and those that follow are smaller", async () => {
  const all = records(3_000);
  const { target, store, counts } = refusingTarget(
    (some) => (some.length > 130 ? "Request body too large" : undefined),
    413,
  );
  const { report, events } = await importOf(temporaryDirectory(), all, target);
  expect(report).toMatchObject({ outcome: "complete", refusals: [] });
  expect(await contentOf(store)).toEqual(comparable(all));
  // Each growth is tried once and taken back; without that, every request would be sent in vain.
  expect(events.filter(({ type }) => type === "batch-retry").length).toBeLessThan(counts.requests / 2);
});

it("MIG-5: records that the index cannot hold are refused before they are sent", async () => {
  const [first, second, third, fourth, fifth, ...rest] = records(300) as [
    StoreRecord,
    StoreRecord,
    StoreRecord,
    StoreRecord,
    StoreRecord,
    ...StoreRecord[],
  ];
  const { vector: _vector, ...bare } = fifth;
  const faulty: StoreRecord[] = [
    { ...first, id: "" },
    { ...second, metadata: { note: "ü".repeat(24_577) } },
    { ...third, vector: [1, 2, 3] },
    { ...fourth, vector: [1, 2, Number.NaN, 4] },
    bare,
    { ...(rest[3] as StoreRecord), text: "the same id once more" },
  ];
  const { target, store, counts } = refusingTarget(() => undefined);
  const { report } = await importOf(
    temporaryDirectory(),
    [...rest.slice(0, 200), ...faulty, ...rest.slice(200)],
    target,
  );
  expect(report.refusals.map(({ problem }) => problem).toSorted()).toEqual([
    "component 2 of the vector is NaN",
    "it has no dense vector",
    "the id is empty",
    'the metadata takes 49165 bytes, 49156 of them the field "note"; the index takes 49152',
    "the source has the id twice",
    "the vector has 3 dimensions; the index has 4",
  ]);
  expect(counts.records).toBe(rest.length);
  expect(await contentOf(store)).toEqual(comparable(rest));
});

it("MIG-5: vectors of another dimension are refused as a whole, before anything is read", async () => {
  const { target, counts } = refusingTarget(() => undefined);
  const attempt = importOf(temporaryDirectory(), records(10, { length: 5 }), target);
  await expect(attempt).rejects.toThrow(IndexMismatchError);
  expect(counts.records).toBe(0);
});
