import { describe, expect, it } from "vitest";
import type { Emulator } from "../../../src/embedded/index.ts";
import { defaultLimits } from "../../../src/embedded/settings.ts";
import { dense } from "../../helpers/index-settings.ts";
import { denseOfText, hybridOfText, hybridOfVectors, post, served, sparseOfVectors } from "./wire.ts";

/** Facts of the service's endpoints that specification.test.ts does not name; sections as there. */

async function resultOf(emulator: Emulator, command: string, payload?: unknown): Promise<unknown> {
  return ((await post(emulator, command, payload)).body as { result: unknown }).result;
}

const vectorsOf = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ id: `${n}`, vector: [1, n] }));

describe("section 2: index kinds", () => {
  it("a dense index takes no sparse vectors, a sparse index no dense ones", async () => {
    const sparseVector = { indices: [1], values: [1] };
    const onDense = await served({ settings: dense });
    expect(await post(onDense, "upsert", { id: "1", vector: [1, 0], sparseVector })).toMatchObject({
      status: 422,
    });
    const onSparse = await served({ settings: sparseOfVectors });
    expect(await post(onSparse, "upsert", { id: "1", vector: [1, 0], sparseVector })).toMatchObject({
      status: 422,
    });
  });

  it("a sparse vector may have 1,000 entries, and indices anywhere in int32", async () => {
    const emulator = await served({ settings: sparseOfVectors });
    const indices = Array.from({ length: 1_000 }, (_, n) => n - 500);
    indices[0] = -(2 ** 31);
    indices[999] = 2 ** 31 - 1;
    const sparseVector = { indices, values: indices.map(() => 0.5) };
    expect((await post(emulator, "upsert", { id: "1", sparseVector })).status).toBe(200);
    expect(await resultOf(emulator, "fetch", { ids: ["1"], includeVectors: true })).toEqual([
      { id: "1", sparseVector },
    ]);
    for (const index of [-(2 ** 31) - 1, 2 ** 31]) {
      const outside = { id: "2", sparseVector: { indices: [index], values: [1] } };
      expect((await post(emulator, "upsert", outside)).status).toBe(422);
    }
  });
});

describe("upsert", () => {
  it("takes 1,000 records in one request", async () => {
    const emulator = await served({ settings: dense });
    expect((await post(emulator, "upsert", vectorsOf(1_000))).status).toBe(200);
    expect(await resultOf(emulator, "info")).toMatchObject({ vectorCount: 1_000 });
    expect((await post(emulator, "upsert", vectorsOf(1_001))).status).toBe(422);
  });
});

describe("upsert-data", () => {
  it("needs both models on a hybrid index", async () => {
    const { settings, embedders } = hybridOfText;
    const half = await served({
      settings: { ...hybridOfVectors, dimension: 32, sparseEmbeddingModel: "BM25" },
      embedders: { sparse: embedders?.sparse as never },
    });
    expect((await post(half, "upsert-data", { id: "1", data: "x" })).status).toBe(422);
    const whole = await served({ settings: settings as never, embedders: embedders as never });
    expect((await post(whole, "upsert-data", { id: "1", data: "soup" })).status).toBe(200);
    expect(await resultOf(whole, "fetch", { ids: ["1"], includeData: true, includeVectors: true })).toEqual([
      { id: "1", data: "soup", vector: expect.any(Array), sparseVector: expect.any(Object) },
    ]);
  });
});

describe("query and query-data", () => {
  it("answer one query in a list like that query alone, several with a list for each", async () => {
    const emulator = await served(denseOfText);
    await post(emulator, "upsert-data", [
      { id: "soup", data: "soup" },
      { id: "cake", data: "cake" },
    ]);
    const soup = { data: "soup", topK: 1 };
    const cake = { data: "cake", topK: 1 };
    const flat = [{ id: "soup", score: 1 }];
    expect(await resultOf(emulator, "query-data", soup)).toEqual(flat);
    expect(await resultOf(emulator, "query-data", [soup])).toEqual(flat);
    expect(await resultOf(emulator, "query-data", [soup, cake])).toEqual([flat, [{ id: "cake", score: 1 }]]);
    const { vector } = (
      (await resultOf(emulator, "fetch", { ids: ["soup"], includeVectors: true })) as { vector: number[] }[]
    )[0] as { vector: number[] };
    expect(await resultOf(emulator, "query", [{ vector, topK: 1 }])).toEqual(flat);
    expect(
      await resultOf(emulator, "query", [
        { vector, topK: 1 },
        { vector, topK: 1 },
      ]),
    ).toEqual([flat, flat]);
  });

  it("fuse by RRF by default, and search both parts by default", async () => {
    const emulator = await served(hybridOfText);
    await post(emulator, "upsert-data", [
      { id: "soup", data: "tomato soup" },
      { id: "cake", data: "apple cake" },
    ]);
    const ask = (more: object) => resultOf(emulator, "query-data", { data: "apple soup", topK: 2, ...more });
    const plain = await ask({});
    expect(plain).toEqual(await ask({ fusionAlgorithm: "RRF", queryMode: "HYBRID" }));
    expect(plain).not.toEqual(await ask({ fusionAlgorithm: "DBSF" }));
    expect(plain).not.toEqual(await ask({ queryMode: "SPARSE" }));
  });

  it.each([
    [{ weightingStrategy: "TF" }, "weightingStrategy must be one of IDF"],
    [{ fusionAlgorithm: "MAX" }, "fusionAlgorithm must be one of RRF, DBSF"],
    [{ topK: -1 }, "topK must be a whole number from 1 to 1000"],
    [{ topK: 1_001 }, "topK must be a whole number from 1 to 1000"],
    [{ topK: 1.5 }, "topK must be a whole number from 1 to 1000"],
  ])("refuse %j", async (field, error) => {
    const emulator = await served({ settings: dense });
    expect(await post(emulator, "query", { vector: [1, 0], ...field })).toMatchObject({
      status: 422,
      body: { error },
    });
  });

  it("refuse a queryMode that does not exist", async () => {
    const emulator = await served(hybridOfText);
    expect(await post(emulator, "query-data", { data: "x", queryMode: "BOTH" })).toMatchObject({
      status: 422,
      body: { error: "queryMode must be one of HYBRID, DENSE, SPARSE" },
    });
  });

  it("give up to 1,000 results", async () => {
    const emulator = await served({ settings: dense });
    await post(emulator, "upsert", vectorsOf(1_000));
    await post(emulator, "upsert", { id: "one more", vector: [1, 0] });
    expect(await resultOf(emulator, "query", { vector: [1, 0], topK: 1_000 })).toHaveLength(1_000);
  });
});

describe("resumable queries", () => {
  it("keep the include flags of the start, and have a maxIdle of an hour by default", async () => {
    const emulator = await served({ settings: dense });
    const records = vectorsOf(3).map((record) => ({ ...record, metadata: { a: 1 }, data: "x" }));
    await post(emulator, "upsert", records);
    const flags = { includeMetadata: true, includeVectors: true, includeData: true };
    const started = await resultOf(emulator, "resumable-query", { vector: [1, 0], topK: 1, ...flags });
    const { uuid, scores } = started as { uuid: string; scores: object[] };
    expect(scores).toEqual([{ ...records[0], score: 1 }]);
    expect(await resultOf(emulator, "resumable-query-next", { uuid, additionalK: 1 })).toEqual([
      { ...records[1], score: expect.any(Number) },
    ]);
    for (const maxIdle of [0, -1, 1.5]) {
      expect(await post(emulator, "resumable-query", { vector: [1, 0], maxIdle })).toMatchObject({
        status: 422,
      });
    }
  });

  it("are 100 at once by default", () => {
    expect(defaultLimits.resumableQueries).toBe(100);
  });
});

describe("fetch", () => {
  it("returns the records in the order of the ids, and twice for an id that occurs twice", async () => {
    const emulator = await served({ settings: dense });
    await post(emulator, "upsert", vectorsOf(3));
    expect(await resultOf(emulator, "fetch", { ids: ["2", "none", "0", "2"] })).toEqual([
      { id: "2" },
      null,
      { id: "0" },
      { id: "2" },
    ]);
    expect(await resultOf(emulator, "fetch", { ids: [] })).toEqual([]);
    expect((await post(emulator, "fetch", {})).status).toBe(422);
  });
});

describe("range", () => {
  it("has a limit of 1,000 by default and at most", async () => {
    const emulator = await served({ settings: dense });
    await post(emulator, "upsert", vectorsOf(1_000));
    await post(emulator, "upsert", { id: "last", vector: [1, 0] });
    const first = (await resultOf(emulator, "range", {})) as { nextCursor: string; vectors: unknown[] };
    expect([first.nextCursor, first.vectors.length]).toEqual(["1000", 1_000]);
    expect(await resultOf(emulator, "range", { cursor: first.nextCursor })).toEqual({
      nextCursor: "",
      vectors: [{ id: "last" }],
    });
    expect((await post(emulator, "range", { limit: 1_001 })).status).toBe(422);
    expect((await post(emulator, "range", { limit: 0 })).status).toBe(422);
  });

  it("takes a cursor as a number too, and returns the same page each time", async () => {
    const emulator = await served({ settings: dense });
    await post(emulator, "upsert", vectorsOf(4));
    for (const cursor of [2, "2", 2]) {
      expect(await resultOf(emulator, "range", { cursor, limit: 1 })).toEqual({
        nextCursor: "3",
        vectors: [{ id: "2" }],
      });
    }
    expect(await resultOf(emulator, "range/nowhere", {})).toEqual({ nextCursor: "", vectors: [] });
  });
});

describe("delete", () => {
  it("counts deleted records: an id that occurs twice once, and nothing in an unknown namespace", async () => {
    const emulator = await served({ settings: dense });
    await post(emulator, "upsert", vectorsOf(3));
    expect(await resultOf(emulator, "delete", { ids: ["1", "1", "none"] })).toEqual({ deleted: 1 });
    for (const target of [{ ids: ["0"] }, { prefix: "0" }, { filter: "HAS NOT FIELD a" }]) {
      expect(await resultOf(emulator, "delete/nowhere", target)).toEqual({ deleted: 0 });
    }
    expect(await resultOf(emulator, "list-namespaces")).toEqual([""]);
    expect(await resultOf(emulator, "info")).toMatchObject({ vectorCount: 2 });
  });
});

describe("update", () => {
  it("in an unknown namespace changes nothing and does not create it", async () => {
    const emulator = await served({ settings: dense });
    expect(await resultOf(emulator, "update/nowhere", { id: "1", data: "x" })).toEqual({ updated: 0 });
    expect(await resultOf(emulator, "list-namespaces")).toEqual([""]);
  });

  it("patches by RFC 7396: into objects, null deletes, a list is replaced; a record without metadata gains it", async () => {
    const emulator = await served({ settings: dense });
    const metadata = { a: { b: 1, c: 2 }, list: [1, 2], keep: true };
    await post(emulator, "upsert", [
      { id: "1", vector: [1, 0], metadata },
      { id: "2", vector: [1, 0] },
    ]);
    const patch = { metadata: { a: { b: null, d: 3 }, list: [3] }, metadataUpdateMode: "PATCH" };
    for (const id of ["1", "2"]) await post(emulator, "update", { id, ...patch });
    expect(await resultOf(emulator, "fetch", { ids: ["1", "2"], includeMetadata: true })).toEqual([
      { id: "1", metadata: { a: { c: 2, d: 3 }, list: [3], keep: true } },
      { id: "2", metadata: { a: { d: 3 }, list: [3] } },
    ]);
    expect((await post(emulator, "update", { id: "1", metadataUpdateMode: "MERGE" })).status).toBe(422);
  });

  it("of data alone on an index without a model leaves the vector", async () => {
    const emulator = await served({ settings: dense });
    await post(emulator, "upsert", { id: "1", vector: [1, 0], metadata: { a: 1 }, data: "old" });
    await post(emulator, "update", { id: "1", data: "new" });
    expect(
      await resultOf(emulator, "fetch", {
        ids: ["1"],
        includeVectors: true,
        includeData: true,
        includeMetadata: true,
      }),
    ).toEqual([{ id: "1", vector: [1, 0], metadata: { a: 1 }, data: "new" }]);
  });

  it("keeps the record's place in the order of insertion", async () => {
    const emulator = await served({ settings: dense });
    await post(emulator, "upsert", vectorsOf(3));
    await post(emulator, "update", { id: "0", data: "x" });
    expect(await resultOf(emulator, "range", {})).toMatchObject({
      vectors: [{ id: "0" }, { id: "1" }, { id: "2" }],
    });
  });
});

describe("info", () => {
  it("counts a record at once, and has the default namespace from the start", async () => {
    const emulator = await served({ settings: dense });
    const counts = (vectorCount: number) => ({ vectorCount, pendingVectorCount: 0 });
    expect(await resultOf(emulator, "info")).toMatchObject({ ...counts(0), namespaces: { "": counts(0) } });
    await post(emulator, "upsert/ns", vectorsOf(2));
    expect(await resultOf(emulator, "info")).toMatchObject({
      ...counts(2),
      namespaces: { "": counts(0), ns: counts(2) },
    });
  });
});

describe("random", () => {
  it.each([
    ["dense", { settings: dense }, { vector: [1, 0] }],
    ["sparse", { settings: sparseOfVectors }, { sparseVector: { indices: [1], values: [1] } }],
  ])("of a %s index: the id and the vector", async (_, options, vectors) => {
    const emulator = await served(options);
    await post(emulator, "upsert/ns", { id: "1", ...vectors, metadata: { a: 1 }, data: "x" });
    expect(await resultOf(emulator, "random/ns")).toEqual({ id: "1", ...vectors });
    expect(await resultOf(emulator, "random")).toBeNull();
  });

  it("returns each record, sooner or later", async () => {
    const emulator = await served({ settings: dense });
    await post(emulator, "upsert", vectorsOf(3));
    await post(emulator, "delete", { ids: ["1"] });
    const seen = new Set<unknown>();
    // Either of two is missed by 200 draws once in 10^60 runs.
    for (let draw = 0; draw < 200; draw++) {
      seen.add(((await resultOf(emulator, "random")) as { id: string }).id);
    }
    expect([...seen].sort()).toEqual(["0", "2"]);
  });
});

describe("section 6: consistency", () => {
  it("fetch, range, random, update and delete see at once what a query does not find yet", async () => {
    const emulator = await served({ settings: dense, faults: { indexingDelayMs: 60_000 } });
    await post(emulator, "upsert/ns", vectorsOf(2));
    expect(await resultOf(emulator, "query/ns", { vector: [1, 0] })).toEqual([]);
    const started = await resultOf(emulator, "resumable-query/ns", { vector: [1, 0] });
    expect(started).toMatchObject({ scores: [] });
    expect(await resultOf(emulator, "fetch/ns", { ids: ["0"] })).toEqual([{ id: "0" }]);
    expect(await resultOf(emulator, "fetch/ns", { prefix: "1" })).toEqual([{ id: "1" }]);
    expect(await resultOf(emulator, "range/ns", {})).toMatchObject({ vectors: [{ id: "0" }, { id: "1" }] });
    expect(await resultOf(emulator, "random/ns")).toMatchObject({ id: expect.any(String) });
    expect(await resultOf(emulator, "update/ns", { id: "0", metadata: { a: 1 } })).toEqual({ updated: 1 });
    expect(await resultOf(emulator, "list-namespaces")).toEqual(["", "ns"]);
    expect(await resultOf(emulator, "info")).toMatchObject({ vectorCount: 2, pendingVectorCount: 2 });
    expect(await resultOf(emulator, "delete/ns", { filter: "a = 1" })).toEqual({ deleted: 1 });
    expect(await resultOf(emulator, "delete/ns", { ids: ["1"] })).toEqual({ deleted: 1 });
    expect(await resultOf(emulator, "reset/ns")).toBe("Success");
    expect(await resultOf(emulator, "info")).toMatchObject({ vectorCount: 0, pendingVectorCount: 0 });
  });
});

describe("section 8: limits", () => {
  it("are those of the service by default", () => {
    expect(defaultLimits).toEqual({
      batch: 1_000,
      topK: 1_000,
      sparseEntries: 1_000,
      metadataBytes: 48 * 1_024,
      dataBytes: 1_024 * 1_024,
      namespaces: 10_000,
      resumableQueries: 100,
    });
  });

  it("48 KB of metadata and 1 MB of data are accepted, one byte more is refused", async () => {
    const emulator = await served({ settings: dense });
    const record = (metadataBytes: number, dataBytes: number) => ({
      id: "1",
      vector: [1, 0],
      metadata: { a: "x".repeat(metadataBytes - '{"a":""}'.length) },
      data: "y".repeat(dataBytes),
    });
    expect((await post(emulator, "upsert", record(49_152, 1_048_576))).status).toBe(200);
    expect((await post(emulator, "upsert", record(49_153, 1))).status).toBe(422);
    expect((await post(emulator, "upsert", record(10, 1_048_577))).status).toBe(422);
  });

  it("daily: a query, a range and a fetch count one each, an upsert and a delete one a record", async () => {
    const emulator = await served({ settings: dense, faults: { dailyWrites: 5, dailyQueries: 4 } });
    const statusOf = async (command: string, payload: unknown) =>
      (await post(emulator, command, payload)).status;
    expect(await statusOf("upsert", vectorsOf(3))).toBe(200);
    expect(await statusOf("delete", { ids: ["0", "1", "2"] })).toBe(403);
    expect(await statusOf("delete", { ids: ["0", "1"] })).toBe(200);
    expect(await statusOf("update", { id: "2", data: "x" })).toBe(403);
    expect(await statusOf("fetch", { ids: ["0", "1", "2", "3", "4", "5"] })).toBe(200);
    expect(await statusOf("range", {})).toBe(200);
    const query = { vector: [1, 0] };
    expect(await statusOf("query", [query, query, query])).toBe(403);
    expect(await statusOf("query", [query, query])).toBe(200);
    expect(await statusOf("query", query)).toBe(403);
    expect(await statusOf("info", undefined)).toBe(200);
    expect(await statusOf("list-namespaces", undefined)).toBe(200);
  });
});
