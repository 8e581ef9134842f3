import { describe, expect, it, onTestFinished } from "vitest";
import { toDocument } from "../../src/foods/food.ts";
import { NotFoundError } from "../../src/foundation/errors.ts";
import type { StoreRecord } from "../../src/store/document.ts";
import { parseFilter } from "../../src/store/filter.ts";
import type { VectorStore } from "../../src/store/store.ts";
import { sampleFoods } from "../helpers/foods.ts";

const documents = sampleFoods.map((food) => toDocument(food));

/** What every store has to do (VEC-1 to VEC-4). The store is opened empty for each test. */
export function storeContract(name: string, open: () => Promise<VectorStore>): void {
  async function opened(): Promise<VectorStore> {
    const store = await open();
    onTestFinished(() => store.close());
    return store;
  }

  async function filled(): Promise<VectorStore> {
    const store = await opened();
    await store.upsert(documents);
    return store;
  }

  const idsOf = (records: readonly { id: string }[]) => records.map(({ id }) => id);

  describe(`store contract: ${name}`, () => {
    it("finds the best match for raw text, with text, metadata and score (VEC-1, RAG-1)", async () => {
      const store = await filled();
      const [best] = await store.query({ text: "a fiery curry with vinegar", topK: 3 });
      expect(best).toMatchObject({
        id: "vindaloo",
        text: documents[0]?.text,
        metadata: documents[0]?.metadata,
      });
      expect(best?.score).toBeGreaterThan(0);
    });

    it("orders matches by score and returns at most topK", async () => {
      const store = await filled();
      const matches = await store.query({ text: "soft soup of vinegar, rice and raw tomatoes", topK: 2 });
      expect(matches).toHaveLength(2);
      expect(matches[0]?.score).toBeGreaterThanOrEqual(matches[1]?.score ?? 0);
    });

    it.each([
      ["region = 'India'", ["vindaloo", "idli"]],
      ["type IN ('Soup', 'Cheese') AND region != 'Spain'", ["pho", "brie"]],
      ["diet CONTAINS 'vegan'", ["idli", "gazpacho"]],
      ["energy < 150", ["idli", "pho"]],
      ["HAS NOT FIELD energy", ["gazpacho"]],
      ["region GLOB '*n*' AND (type = 'Curry' OR type = 'Soup')", ["vindaloo", "pho", "gazpacho"]],
    ])("pushes the filter %s down (VEC-3)", async (filter, expected) => {
      const store = await filled();
      const text = "curry cake soup cheese of pork rice beef tomatoes soft";
      const matches = await store.query({ text, topK: 10, filter: parseFilter(filter) });
      expect(idsOf(matches).sort()).toEqual([...expected].sort());
    });

    it("returns nothing if nothing matches", async () => {
      const store = await filled();
      expect(await store.query({ text: "soup", topK: 3, filter: parseFilter("region = 'Nowhere'") })).toEqual(
        [],
      );
    });

    it("replaces a document of the same id whole", async () => {
      const store = await filled();
      await store.upsert([
        { id: "pho", text: "Pho is now a dessert of mangoes.", metadata: { region: "Moon" } },
      ]);
      const [record] = await store.fetch(["pho"]);
      expect(record).toEqual({
        id: "pho",
        text: "Pho is now a dessert of mangoes.",
        metadata: { region: "Moon" },
      });
      expect(idsOf(await store.query({ text: "mangoes", topK: 3 }))[0]).toBe("pho");
      expect((await store.info()).recordCount).toBe(documents.length);
    });

    it("fetches in the order asked for, undefined for what is not there", async () => {
      const store = await filled();
      const records = await store.fetch(["pho", "nothing", "idli"]);
      expect(records.map((record) => record?.id)).toEqual(["pho", undefined, "idli"]);
    });

    it("ranges over every record once, page by page, by prefix too", async () => {
      const store = await filled();
      const seen: string[] = [];
      const sizes: number[] = [];
      for await (const page of store.range({ pageSize: 2 })) {
        sizes.push(page.length);
        seen.push(...idsOf(page));
      }
      expect(seen).toEqual(idsOf(documents));
      expect(sizes).toEqual([2, 2, 1]);
      const prefixed: string[] = [];
      for await (const page of store.range({ prefix: "p", pageSize: 1 })) prefixed.push(...idsOf(page));
      expect(prefixed).toEqual(["pho"]);
    });

    it("ranges over as many records as are wanted, and names the page after them", async () => {
      const store = await filled();
      let next: string | undefined;
      const read = async (cursor?: string) => {
        const seen: string[] = [];
        const onPage = (following: string | undefined) => {
          next = following;
        };
        for await (const page of store.range({ pageSize: 2, limit: 3, onPage, ...(cursor && { cursor }) }))
          seen.push(...idsOf(page));
        return seen;
      };
      const first = await read();
      expect(first).toEqual(idsOf(documents).slice(0, 3));
      expect([...first, ...(await read(next))]).toEqual(idsOf(documents));
      expect(next).toBeUndefined();
    });

    it("deletes by ids, by prefix and by filter, and counts what was there", async () => {
      const store = await filled();
      expect(await store.delete({ ids: ["pho", "pho", "nothing"] })).toBe(1);
      expect(await store.delete({ prefix: "vin" })).toBe(1);
      expect(await store.delete({ filter: parseFilter("type = 'Soup'") })).toBe(1);
      expect(await store.delete({ ids: ["pho"] })).toBe(0);
      expect((await store.info()).recordCount).toBe(2);
      expect(idsOf(await store.query({ text: "soup noodle tomatoes pork vinegar", topK: 5 }))).not.toContain(
        "pho",
      );
    });

    it("updates text and metadata, each alone, and reports a missing record", async () => {
      const store = await filled();
      expect(await store.update({ id: "brie", metadata: { ripe: true }, mergeMetadata: true })).toBe(true);
      expect((await store.fetch(["brie"]))[0]?.metadata).toEqual({ ...documents[4]?.metadata, ripe: true });
      expect(await store.update({ id: "brie", metadata: { only: 1 } })).toBe(true);
      expect((await store.fetch(["brie"]))[0]?.metadata).toEqual({ only: 1 });
      expect(await store.update({ id: "brie", text: "Brie of walnuts" })).toBe(true);
      expect(idsOf(await store.query({ text: "walnuts", topK: 1 }))).toEqual(["brie"]);
      expect(await store.update({ id: "nothing", text: "x" })).toBe(false);
    });

    it("keeps namespaces apart (VEC-4)", async () => {
      const store = await filled();
      await store.upsert([{ id: "pho", text: "another pho", metadata: {} }], { namespace: "other" });
      expect(await store.listNamespaces()).toEqual(["", "other"]);
      expect((await store.info()).namespaces).toEqual({ "": documents.length, other: 1 });
      expect(idsOf(await store.query({ text: "pho", topK: 5 }, { namespace: "other" }))).toEqual(["pho"]);
      expect(await store.query({ text: "pho", topK: 5 }, { namespace: "missing" })).toEqual([]);
      expect(await store.listNamespaces()).toEqual(["", "other"]);
      await store.reset({ namespace: "other" });
      expect((await store.info()).namespaces).toEqual({ "": documents.length, other: 0 });
      await store.deleteNamespace("other");
      expect(await store.listNamespaces()).toEqual([""]);
      await expect(store.deleteNamespace("other")).rejects.toThrow(NotFoundError);
    });

    it("takes names that a URL would change", async () => {
      const store = await opened();
      for (const namespace of ["a b", "ü/ß", "50%", "x?y", "#1", "a+b"]) {
        await store.upsert([{ id: "1", text: `in ${namespace}`, metadata: {} }], { namespace });
        expect((await store.fetch(["1"], { namespace }))[0]?.text).toBe(`in ${namespace}`);
      }
      expect((await store.listNamespaces()).sort()).toEqual(
        ["", "#1", "50%", "a b", "a+b", "x?y", "ü/ß"].sort(),
      );
    });

    it("keeps ids, texts and metadata exactly", async () => {
      const store = await opened();
      const document = {
        id: "日本 'id' \"é\" 🍜/%",
        text: "naïve café\n\ttab  and  blanks 🍜 \u0000 nul",
        metadata: {
          nested: { list: [1, "2", null, { deep: true }] },
          number: 0.1,
          negative: -1e-7,
          empty: "",
          yes: true,
        },
      };
      await store.upsert([document]);
      expect(await store.fetch([document.id])).toEqual([document]);
    });

    it("keeps an integer beyond 2^53 digit for digit", async () => {
      const store = await opened();
      const document = { id: "1", text: "kimchi", metadata: { tweet: 1610521604143693812n, n: 5 } };
      await store.upsert([document]);
      expect(await store.fetch(["1"])).toEqual([document]);
    });

    it("splits what is more than one request takes", async () => {
      const store = await opened();
      const many = Array.from({ length: 1_205 }, (_, place) => ({
        id: `id-${place}`,
        text: `food ${place}`,
        metadata: { place },
      }));
      await store.upsert(many);
      expect((await store.info()).recordCount).toBe(1_205);
      const fetched = await store.fetch(idsOf(many));
      expect(fetched.every((record, place) => record?.metadata?.place === place)).toBe(true);
      expect(await store.delete({ ids: idsOf(many) })).toBe(1_205);
    });

    it("does nothing for a signal that has fired", async () => {
      const store = await filled();
      const signal = AbortSignal.abort();
      await expect(store.query({ text: "soup", topK: 1 }, { signal })).rejects.toMatchObject({
        code: "cancelled",
      });
      await expect(store.delete({ ids: ["pho"] }, { signal })).rejects.toMatchObject({ code: "cancelled" });
      expect((await store.info()).recordCount).toBe(documents.length);
    });
  });
}

/** What every store of dense vectors does with vectors that are given (MIG-5); 3 dimensions, opened empty. */
export function vectorContract(name: string, open: () => Promise<VectorStore>): void {
  const records = [
    { id: "x", text: "along x", metadata: { axis: "x", place: 1 }, vector: [1, 0, 0] },
    { id: "y", text: "along y", metadata: { axis: "y", place: 2 }, vector: [0, 1, 0] },
    { id: "xy", text: "between", metadata: { axis: "none", place: 3 }, vector: [0.6, 0.8, 0] },
  ];

  async function filled(): Promise<VectorStore> {
    const store = await open();
    onTestFinished(() => store.close());
    await store.upsertRecords(records);
    return store;
  }

  describe(`vector contract: ${name}`, () => {
    const inFloat32 = (record: StoreRecord | undefined) => ({
      ...record,
      vector: Float32Array.from(record?.vector ?? []),
    });

    it("returns text, metadata and vector unchanged", async () => {
      const store = await filled();
      const ids = records.map(({ id }) => id);
      const fetched = await store.fetch(ids, { includeVectors: true });
      expect(fetched.map(inFloat32)).toEqual(records.map(inFloat32));
    });

    it("takes a typed array, and replaces a record whole", async () => {
      const store = await filled();
      await store.upsertRecords([{ id: "x", text: "turned", vector: new Float32Array([0, 0, 1]) }]);
      const [record] = await store.fetch(["x"], { includeVectors: true });
      expect(inFloat32(record)).toEqual({ id: "x", text: "turned", vector: new Float32Array([0, 0, 1]) });
    });

    it("asks by a vector, with a filter", async () => {
      const store = await filled();
      const matches = await store.query({ vector: [1, 0.1, 0], topK: 2 });
      expect(matches.map(({ id }) => id)).toEqual(["x", "xy"]);
      const filtered = await store.query({ vector: [1, 0.1, 0], topK: 2, filter: parseFilter("place > 1") });
      expect(filtered.map(({ id }) => id)).toEqual(["xy", "y"]);
    });
  });
}
