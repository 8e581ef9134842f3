import { describe, expect, it, vi } from "vitest";
import { type ComparisonOptions, compareStores } from "../../../src/cutover/watch/compare-stores.ts";
import { SampleWalk } from "../../../src/cutover/watch/sample-walk.ts";
import type { VectorStore } from "../../../src/store/store.ts";
import { denseSettings, memoryStore } from "../../store/policies/stores.ts";

const food = (place: number) => ({ id: `food-${place}`, text: `food ${place}`, metadata: { place } });
const foods = (count: number) => Array.from({ length: count }, (_, place) => food(place));

/** Two stores with the same records in the default namespace, compared from the source. */
async function setUp(count: number) {
  const [source, target]: VectorStore[] = [memoryStore(), memoryStore()];
  for (const store of [source, target]) await store?.upsert(foods(count));
  const stores = { source: source as VectorStore, target: target as VectorStore };
  const compare = (size: number, options: Partial<ComparisonOptions> = {}) =>
    compareStores({
      stores,
      leader: "source",
      size,
      pending: async () => new Set(),
      underWay: async () => 0,
      settleMs: 1,
      ...options,
    });
  return { ...stores, compare };
}

describe("a comparison of both stores (CUT-2)", () => {
  it("compares vectors where copies carry them, as a migration's verification does", async () => {
    const stores = { source: memoryStore(denseSettings), target: memoryStore(denseSettings) };
    const vectorOf = (first: number) => [first, ...Array(denseSettings.dimension - 1).fill(0.5)];
    const records = (firsts: readonly number[]) =>
      firsts.map((first, place) => ({ id: `${place}`, text: "same", vector: vectorOf(first) }));
    await stores.source.upsertRecords(records([0.1, 0.2, 0.3]));
    await stores.target.upsertRecords(records([0.1 + 1e-8, 0.2, 0.4]));
    const compare = (comparesVectors: boolean, keys: { namespace: string; id: string }[] = []) =>
      compareStores({
        ...{ stores, leader: "source", size: keys.length > 0 ? 1 : Number.POSITIVE_INFINITY, keys },
        ...{ pending: async () => new Set<string>(), underWay: async () => 0, settleMs: 1, comparesVectors },
      });
    expect(await compare(false)).toMatchObject({ checked: 3, differences: 0 });
    const differing = {
      namespace: "",
      id: "2",
      problem: expect.stringMatching(/^the vectors differ: 1 of /),
    };
    expect(await compare(true)).toMatchObject({ checked: 3, differences: 1, listed: [differing] });
    // The samples of a service compare what differed by its vector too, and only that.
    const walk = new SampleWalk({
      ...{
        stores,
        pending: async () => new Set<string>(),
        integrityMs: 60_000,
        settleMs: 1,
        comparesVectors: true,
      },
    });
    const sample = { leader: "source", startEpoch: 1, now: 1_000, size: 3 } as const;
    expect((await walk.next(sample)).found).toEqual([]);
    expect((await walk.next({ ...sample, keys: [{ namespace: "", id: "2" }] })).found).toMatchObject([
      differing,
    ]);
  });

  it.each([
    ["a sample", 10],
    ["all records", Number.POSITIVE_INFINITY],
  ])("of %s finds a record that only the follower has, or a namespace", async (_, size) => {
    const { target, compare } = await setUp(1_200);
    expect(await compare(size)).toMatchObject({ checked: Math.min(size, 1_200), differences: 0 });
    await target.upsert([food(5_000)]);
    await target.upsert([food(1)], { namespace: "other" });
    expect(await compare(size)).toMatchObject({
      differences: 2,
      listed: [
        { namespace: "", id: "food-5000", problem: "only the follower has it" },
        { namespace: "other", id: "food-1", problem: "only the follower has it" },
      ],
    });
  });

  it.each([false, true])(
    "of a sample compares as many records of each part of a namespace, the last one too (with vectors: %s)",
    async (comparesVectors) => {
      const settings = comparesVectors ? denseSettings : undefined;
      const stores = { source: memoryStore(settings), target: memoryStore(settings) };
      const vector = Array(denseSettings.dimension).fill(0.5);
      const records = foods(2_400).map((one) => ({ ...one, ...(comparesVectors && { vector }) }));
      for (const store of Object.values(stores)) {
        if (comparesVectors) await store.upsertRecords(records);
        else await store.upsert(foods(2_400));
      }
      const order: string[] = [];
      for await (const page of stores.source.range()) order.push(...page.map(({ id }) => id));
      const fetched = vi.spyOn(stores.target, "fetch");
      const pending = async () => new Set<string>();
      const options = { stores, leader: "source", size: 120, pending, underWay: async () => 0 } as const;
      expect(await compareStores({ ...options, comparesVectors })).toMatchObject({ checked: 120 });
      const compared = new Set(fetched.mock.calls.flatMap(([ids]) => ids));
      const inParts = Array.from(
        { length: 12 },
        (_, part) => order.slice(200 * part, 200 * (part + 1)).filter((id) => compared.has(id)).length,
      );
      expect(inParts).toEqual(Array(12).fill(10));
    },
  );

  it("of a sample compares a namespace whole if the follower holds fewer of its records", async () => {
    const { target, compare } = await setUp(1_200);
    await target.delete({ ids: ["food-900"] });
    expect(await compare(10)).toMatchObject({
      checked: 1_200,
      differences: 1,
      listed: [{ id: "food-900", problem: "only the leader has it" }],
    });
  });

  it("of a sample does not mistake writes that are under way for a difference of the numbers", async () => {
    const { target, compare } = await setUp(1_200);
    await target.delete({ ids: ["food-1199"] });
    expect((await compare(10, { underWay: async () => 1 })).checked).toBe(10);
    let looks = 0;
    const arrives = async () => {
      if (++looks === 3) await target.upsert([food(1_199)]);
      return 0;
    };
    expect(await compare(10, { underWay: arrives })).toMatchObject({ checked: 10, differences: 0 });
  });

  it("leaves out records of the follower whose writes are under way", async () => {
    const { target, compare } = await setUp(3);
    await target.upsert([food(7)]);
    const pending: ComparisonOptions["pending"] = async (keys) =>
      new Set(keys.flatMap(({ id }) => (id === "food-7" ? id : [])));
    expect(await compare(Number.POSITIVE_INFINITY, { pending })).toMatchObject({
      checked: 3,
      pending: 1,
      differences: 0,
    });
  });

  /** Writes to these records are under way at the first look, and not later. */
  function writtenAtFirst(...written: readonly string[]): ComparisonOptions["pending"] {
    let looks = 0;
    return async () => new Set(looks++ === 0 ? written : []);
  }

  it("compares a record that was being written a little later", async () => {
    const { compare } = await setUp(3);
    const found = await compare(Number.POSITIVE_INFINITY, { pending: writtenAtFirst("food-1", "food-2") });
    expect(found).toMatchObject({ checked: 3, pending: 0, differences: 0 });
  });

  it("in samples counts a record that was being written when it is compared later, and finds how it differs", async () => {
    const { source, target } = await setUp(3);
    const walk = new SampleWalk({
      stores: { source, target },
      pending: writtenAtFirst("food-1"),
      settleMs: 1,
      integrityMs: 1_000,
    });
    const sample = { leader: "source", startEpoch: 1, now: 0, size: 10 } as const;
    expect(await walk.next(sample)).toMatchObject({ checked: 2, found: [] });
    await target.upsert([{ ...food(1), text: "altered" }]);
    expect(await walk.next(sample)).toMatchObject({ checked: 3, total: 3, found: [{ id: "food-1" }] });
  });
});
