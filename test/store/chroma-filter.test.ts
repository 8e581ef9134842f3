import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { compileFilter } from "../../src/embedded/filter/index.ts";
import { ChromaStore } from "../../src/store/chroma.ts";
import type { Metadata, StoreRecord } from "../../src/store/document.ts";
import { type Filter, parseFilter } from "../../src/store/filter.ts";
import { anyExpression, metadata, nearExpression } from "../embedded/filter/arbitraries.ts";
import { type ChromaServer, chromaObstacle, startChroma } from "../helpers/chroma-server.ts";
import { describeUnless } from "../helpers/obstacles.ts";

const count = 250;

/** Metadata of every shape, the same at each run, and what Python may have written beside it. */
const shapes = fc
  .sample(metadata, { numRuns: count, seed: 7 })
  .map((value) => (value ?? undefined) as Metadata | undefined);

const records: StoreRecord[] = shapes.map((facts, place) => ({
  id: `r${place}`,
  ...(place % 5 > 0 && { text: place % 7 === 0 ? "" : `text ${place}` }),
  ...(facts && { metadata: facts }),
  vector: Float32Array.of(Math.cos(place), Math.sin(place), place / count),
}));

describeUnless(chromaObstacle, "filters on Chroma", () => {
  let server: ChromaServer;
  let store: ChromaStore;

  beforeAll(async () => {
    server = await startChroma();
    store = new ChromaStore({ server: { url: server.url, timeoutMs: 10_000 }, collection: "foods" });
    await store.upsertRecords(records);
  });
  afterAll(() => server?.close());

  const near = { vector: [1, 0, 0.5] };

  it("returns text and metadata of every shape unchanged (VEC-2)", async () => {
    const fetched = await store.fetch(records.map(({ id }) => id));
    expect(fetched).toEqual(records.map(({ vector: _, ...record }) => JSON.parse(JSON.stringify(record))));
  });

  it.each([
    ["near", nearExpression, 100],
    ["any", anyExpression, 20],
  ] as const)(
    "selects what the evaluator selects, for filters with %s literals (VEC-3)",
    async (_, filters, numRuns) => {
      await fc.assert(
        fc.asyncProperty(filters, fc.integer({ min: 1, max: 20 }), async (filter, topK) => {
          const holds = compileFilter(filter);
          const expected = records.filter((record) => holds(record.metadata)).map(({ id }) => id);
          const all = await store.query({ ...near, topK: count, filter });
          expect(all.map(({ id }) => id).sort()).toEqual(expected.sort());
          const some = await store.query({ ...near, topK, filter });
          expect(some).toEqual(all.slice(0, topK));
        }),
        { numRuns },
      );
    },
  );

  it("reads numbers with and without a fraction as Python writes them", async () => {
    const base = `${server.url}/api/v2/tenants/default_tenant/databases/default_database/collections`;
    const post = async (path: string, body: string) => {
      const response = await fetch(`${base}${path}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body,
      });
      return (await response.json()) as { id: string };
    };
    const { id } = await post("", '{"name":"python"}');
    const numbers = ["2", "2.0", "2.5", "-2.5", "-3", "1", "1.0", "0", "true", "9007199254740993"];
    const vectors = numbers.map((_, place) => [place, 1]);
    await post(
      `/${id}/add`,
      `{"ids":${JSON.stringify(numbers)},"embeddings":${JSON.stringify(vectors)},"metadatas":[${numbers.map((number) => `{"n":${number}}`)}]}`,
    );
    const python = new ChromaStore({ server: { url: server.url, timeoutMs: 10_000 }, collection: "python" });
    const select = async (text: string) => {
      const matches = await python.query({ vector: [0, 1], topK: 10, filter: parseFilter(text) });
      return matches.map((match) => match.id);
    };
    expect(await select("n = 2")).toEqual(["2", "2.0"]);
    expect(await select("n = 2.5")).toEqual(["2.5"]);
    expect(await select("n < 2.5 AND n > 0")).toEqual(["2", "2.0", "1", "1.0"]);
    expect(await select("n <= -2.5")).toEqual(["-2.5", "-3"]);
    expect(await select("n >= 2.5 AND n < 10")).toEqual(["2.5"]);
    expect(await select("n = 1")).toEqual(["1", "1.0", "true"]);
    // Another integer, which a double would round to the same one.
    expect(await select("n = 9007199254740992")).toEqual([]);
    expect(await select("n IN (2, 2.5, 0)")).toEqual(["2", "2.0", "2.5", "0"]);
  });

  it("keeps numbers to the last digit, and finds by them", async () => {
    const doubles = fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map((number) => (number === 0 ? 0 : number));
    const any = fc.sample(doubles, { numRuns: 80, seed: 7 });
    const numbers = [632 / 7, 2.9999999999999996, 2 ** 63, 5e-324, 1e300, ...any];
    const exact = new ChromaStore({ server: { url: server.url, timeoutMs: 10_000 }, collection: "numbers" });
    await exact.upsertRecords(
      numbers.map((number, place) => ({
        id: String(place),
        metadata: { number, list: [number] },
        vector: [place, 1],
      })),
    );
    const read = await exact.fetch(numbers.map((_, place) => String(place)));
    expect(read.map((record) => record?.metadata)).toEqual(
      numbers.map((number) => ({ number, list: [number] })),
    );
    for (const value of [3, ...numbers.slice(0, 9)]) {
      for (const operator of ["=", "<", "<=", ">", ">="] as const) {
        const filter = { kind: "comparison", field: "number", operator, value } as const;
        const matches = await exact.query({ vector: [0, 1], topK: 100, filter });
        const holds = compileFilter(filter);
        expect(matches.map(({ metadata: facts }) => facts?.number)).toEqual(
          numbers.filter((number) => holds({ number })),
        );
      }
    }
  });

  it("finds an element of a list that Chroma cannot hold", async () => {
    await store.upsertRecords([{ id: "mixed", metadata: { tags: ["mixed-tag", 1] }, vector: [9, 9, 9] }]);
    const matches = await store.query({ ...near, topK: 5, filter: parseFilter("tags CONTAINS 'mixed-tag'") });
    await store.delete({ ids: ["mixed"] });
    expect(matches.map(({ id }) => id)).toEqual(["mixed"]);
  });

  it("takes filters that are too large for Chroma", async () => {
    const ids = (matches: readonly { id: string }[]) => matches.map(({ id }) => id);
    const one = parseFilter("a = 'x'");
    const expected = ids(await store.query({ ...near, topK: count, filter: one }));
    const values = ["x", ...Array.from({ length: 40_000 }, (_, place) => `value ${place}`)];
    const long = { kind: "in", field: "a", values, negated: false } as const;
    expect(ids(await store.query({ ...near, topK: count, filter: long }))).toEqual(expected);
    let deep: Filter = one;
    for (let level = 0; level < 200; level++) {
      deep = { kind: level % 2 === 0 ? "and" : "or", operands: [deep, one] };
    }
    expect(ids(await store.query({ ...near, topK: count, filter: deep }))).toEqual(expected);
    expect(expected.length).toBeGreaterThan(0);
  });

  it("finds the one record that a filter leaves, however far away it is", async () => {
    await store.upsertRecords([{ id: "far", metadata: { only: { one: "here" } }, vector: [-9, -9, -9] }]);
    const matches = await store.query({ ...near, topK: 1, filter: parseFilter("only.one GLOB 'h*'") });
    await store.delete({ ids: ["far"] });
    expect(matches.map(({ id }) => id)).toEqual(["far"]);
  });
});
