import { Index } from "@upstash/vector";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  EmbeddedRequester,
  type EmulatorOptions,
  startEmulator,
  VectorIndex,
} from "../../../src/embedded/index.ts";
import { dense } from "../../helpers/index-settings.ts";

/** The official client, as anyone makes it, on a served index. */
async function client(options: EmulatorOptions = {}): Promise<Index> {
  const emulator = await startEmulator(options);
  onTestFinished(() => emulator.close());
  return new Index({ url: emulator.url, token: emulator.token, enableTelemetry: false, retry: false });
}

const points = [
  { id: "east", vector: [1, 0], metadata: { angle: 0, side: "right" }, data: "to the east" },
  { id: "north", vector: [0, 1], metadata: { angle: 90 } },
  { id: "west", vector: [-1, 0], metadata: { angle: 180, side: "left" } },
];

describe("the official client in process (EMB-1)", () => {
  it("takes a Float32Array like a list, and refuses numbers that are not finite", async () => {
    const vectors = VectorIndex.open({ path: ":memory:", settings: dense });
    onTestFinished(() => vectors.close());
    const index = new Index(new EmbeddedRequester(vectors));
    const typed = (...components: number[]) => Float32Array.from(components) as unknown as number[];
    const vector = typed(3, 4);
    await index.upsert([
      { id: "typed", vector },
      { id: "list", vector: [3, 4] },
    ]);
    expect(await index.query({ vector: typed(3, 4), topK: 2, includeVectors: true })).toEqual([
      { id: "typed", score: 1, vector: [3, 4] },
      { id: "list", score: 1, vector: [3, 4] },
    ]);
    for (const component of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      await expect(index.upsert({ id: "x", vector: typed(1, component) })).rejects.toThrow(
        "vector must hold finite numbers",
      );
    }
  });
});

describe("the official client on a dense index (EMB-1)", () => {
  it("upserts, queries and gives exact cosine scores, best first", async () => {
    const index = await client({ settings: dense });
    expect(await index.upsert(points)).toBe("Success");
    expect(await index.query({ vector: [2, 0], topK: 3 })).toEqual([
      { id: "east", score: 1 },
      { id: "north", score: 0.5 },
      { id: "west", score: 0 },
    ]);
  });

  it("includes metadata, vectors and data on request, without the missing parts of a record", async () => {
    const index = await client({ settings: dense });
    await index.upsert(points);
    const all = { includeMetadata: true, includeVectors: true, includeData: true };
    expect(await index.query({ vector: [1, 1], topK: 2, ...all })).toEqual([
      {
        id: "east",
        score: 0.8535534,
        vector: [1, 0],
        metadata: { angle: 0, side: "right" },
        data: "to the east",
      },
      { id: "north", score: 0.8535534, vector: [0, 1], metadata: { angle: 90 } },
    ]);
  });

  it("the official client filters a dense query", async () => {
    const index = await client({ settings: dense });
    await index.upsert(points);
    const found = await index.query({ vector: [1, 0], topK: 5, filter: "angle > 0 AND side != 'left'" });
    expect(found).toEqual([]);
    expect((await index.query({ vector: [1, 0], topK: 5, filter: "angle > 0" })).map(({ id }) => id)).toEqual(
      ["north", "west"],
    );
  });

  it("answers a batch of queries, also of one", async () => {
    const index = await client({ settings: dense });
    await index.upsert(points);
    const batch = await index.queryMany([
      { vector: [1, 0], topK: 1 },
      { vector: [0, 1], topK: 1 },
    ]);
    expect(batch).toEqual([[{ id: "east", score: 1 }], [{ id: "north", score: 1 }]]);
    expect(await index.queryMany([{ vector: [1, 0], topK: 1 }])).toEqual([[{ id: "east", score: 1 }]]);
  });

  it("fetches by ids, with null for a missing one, and by prefix", async () => {
    const index = await client({ settings: dense });
    await index.upsert(points);
    expect(await index.fetch(["west", "nowhere"], { includeMetadata: true })).toEqual([
      { id: "west", metadata: { angle: 180, side: "left" } },
      null,
    ]);
    expect(await index.fetch({ prefix: "no" })).toEqual([{ id: "north" }]);
  });

  it("ranges in insertion order, the last page with an empty cursor", async () => {
    const index = await client({ settings: dense });
    await index.upsert(Array.from({ length: 20 }, (_, n) => ({ id: `id-${n}`, vector: [n, 1] })));
    const first = await index.range({ cursor: 0, limit: 5 });
    expect(first.nextCursor).toBe("5");
    expect(first.vectors.map(({ id }) => id)).toEqual(["id-0", "id-1", "id-2", "id-3", "id-4"]);
    const last = await index.range({ cursor: "15", limit: 5 });
    expect(last.nextCursor).toBe("");
    expect(last.vectors.at(-1)?.id).toBe("id-19");
  });

  it("continues a range after records at and before the cursor were deleted or written again", async () => {
    const index = await client({ settings: dense });
    await index.upsert(Array.from({ length: 10 }, (_, n) => ({ id: `id-${n}`, vector: [n, 1] })));
    const { nextCursor } = await index.range({ cursor: 0, limit: 4 });
    await index.delete(["id-1", "id-3", "id-4"]);
    await index.upsert({ id: "id-0", vector: [9, 9] });
    const rest = await index.range({ cursor: nextCursor, limit: 100 });
    expect(rest.vectors.map(({ id }) => id)).toEqual(["id-5", "id-6", "id-7", "id-8", "id-9"]);
  });

  it("deletes by one id, ids, prefix and filter, and counts", async () => {
    const index = await client({ settings: dense });
    await index.upsert(points);
    expect(await index.delete("east")).toEqual({ deleted: 1 });
    expect(await index.delete(["east"])).toEqual({ deleted: 0 });
    expect(await index.delete({ filter: "angle = 90" })).toEqual({ deleted: 1 });
    expect(await index.delete({ prefix: "we" })).toEqual({ deleted: 1 });
    expect((await index.info()).vectorCount).toBe(0);
  });

  it("refuses a delete and a fetch of two kinds at once", async () => {
    const index = await client({ settings: dense });
    const both = { ids: ["a"], prefix: "b" } as unknown as { prefix: string };
    await expect(index.delete(both)).rejects.toThrow(
      "Only and only one of the ids, prefix, or filter must be provided.",
    );
    await expect(index.fetch(both)).rejects.toThrow("Only one of ids or prefix must be provided.");
  });

  it("updates vector, data and metadata each alone, and counts", async () => {
    const index = await client({ settings: dense });
    await index.upsert(points);
    expect(await index.update({ id: "east", vector: [0, 5] })).toEqual({ updated: 1 });
    expect(
      await index.update({ id: "east", metadata: { moved: true, side: null }, metadataUpdateMode: "PATCH" }),
    ).toEqual({ updated: 1 });
    expect(await index.update({ id: "nowhere", metadata: {} })).toEqual({ updated: 0 });
    const all = { includeMetadata: true, includeVectors: true, includeData: true };
    expect(await index.fetch(["east"], all)).toEqual([
      { id: "east", vector: [0, 5], metadata: { angle: 0, moved: true }, data: "to the east" },
    ]);
    expect(await index.update({ id: "east", data: "to the north" })).toEqual({ updated: 1 });
    expect(await index.fetch(["east"], { includeData: true, includeVectors: true })).toEqual([
      { id: "east", vector: [0, 5], data: "to the north" },
    ]);
  });

  it("returns its settings", async () => {
    const index = await client({ settings: dense });
    await index.upsert(points);
    await index.namespace("side").upsert(points[0] as (typeof points)[0]);
    expect(await index.info()).toEqual({
      vectorCount: 4,
      pendingVectorCount: 0,
      indexSize: expect.any(Number),
      dimension: 2,
      similarityFunction: "COSINE",
      indexType: "DENSE",
      denseIndex: { dimension: 2, similarityFunction: "COSINE", embeddingModel: "" },
      namespaces: {
        "": { vectorCount: 3, pendingVectorCount: 0 },
        side: { vectorCount: 1, pendingVectorCount: 0 },
      },
    });
  });

  it("keeps namespaces: lists, resets one or all, deletes", async () => {
    const index = await client({ settings: dense });
    await index.upsert(points);
    await index.namespace("b").upsert(points);
    await index.namespace("a").upsert(points);
    expect(await index.listNamespaces()).toEqual(["", "a", "b"]);
    expect(await index.namespace("a").reset()).toBe("Success");
    expect(await index.namespace("a").query({ vector: [1, 0], topK: 1 })).toEqual([]);
    expect(await index.namespace("missing").reset()).toBe("Success");
    expect(await index.listNamespaces()).toEqual(["", "a", "b"]);
    expect(await index.reset({ all: true })).toBe("Success");
    expect((await index.info()).vectorCount).toBe(0);
    expect(await index.deleteNamespace("a")).toBe("Success");
    await expect(index.deleteNamespace("a")).rejects.toThrow(/^Namespace a for the index .+ does not exist$/);
  });

  it.each([
    [{ id: "x", vector: [1, 2, 3] }, "Invalid vector dimension: 3, expected: 2"],
    [{ id: "x", sparseVector: { indices: [1], values: [1] } }, "This index requires dense vectors"],
  ])("refuses to upsert %j", async (record, message) => {
    const index = await client({ settings: dense });
    await expect(index.upsert(record as { id: string; vector: number[] })).rejects.toThrow(message);
  });

  it("refuses raw text without a model, and stores nothing of a batch that fails", async () => {
    const index = await client({ settings: dense });
    await expect(index.upsert({ id: "x", data: "text" })).rejects.toThrow(
      "Embedding data for this index is not allowed. The index must be created with an embedding model to use it.",
    );
    const mixed = [points[0], { id: "y", vector: [1] }] as { id: string; vector: number[] }[];
    await expect(index.upsert(mixed)).rejects.toThrow("Invalid vector dimension");
    expect((await index.info()).vectorCount).toBe(0);
  });
});

describe("other similarities", () => {
  it.each([
    ["EUCLIDEAN", [0.5, 0.33333334, 0.2]],
    ["DOT_PRODUCT", [1.5, 0.5, -0.5]],
  ] as const)("%s scores as the documentation says", async (similarityFunction, scores) => {
    const index = await client({ settings: { ...dense, similarityFunction } });
    const vectors = {
      EUCLIDEAN: [
        [2, 1],
        [1, 1],
        [0, 0],
      ],
      DOT_PRODUCT: [
        [1, 1],
        [0, 1],
        [-1, 0],
      ],
    }[similarityFunction];
    await index.upsert(vectors.map((vector, place) => ({ id: `${place}`, vector })));
    const found = await index.query({ vector: [2, 0], topK: 3 });
    expect(found.map(({ score }) => score)).toEqual(scores);
  });
});

describe("the official client on a sparse index", () => {
  const sparse = (pairs: Record<number, number>) => ({
    indices: Object.keys(pairs).map(Number),
    values: Object.values(pairs),
  });

  it("scores the inner product over common indices and leaves out records without any", async () => {
    const index = await client();
    await index.upsert([
      { id: "both", sparseVector: sparse({ 1: 0.5, 2: 2 }) },
      { id: "one", sparseVector: sparse({ 2: 1, 7: 9 }) },
      { id: "none", sparseVector: sparse({ 8: 1 }) },
    ]);
    expect(
      await index.query({ sparseVector: sparse({ 1: 1, 2: 0.1 }), topK: 5, includeVectors: true }),
    ).toEqual([
      { id: "both", score: 0.7, sparseVector: { indices: [1, 2], values: [0.5, 2] } },
      { id: "one", score: 0.1, sparseVector: { indices: [2, 7], values: [1, 9] } },
    ]);
  });

  it("weighs by inverse document frequency within the namespace", async () => {
    const index = await client();
    await index.upsert([
      { id: "a", sparseVector: sparse({ 1: 1 }) },
      { id: "b", sparseVector: sparse({ 1: 1, 2: 1 }) },
      { id: "gone", sparseVector: sparse({ 2: 1 }) },
    ]);
    await index.delete("gone");
    const found = await index.query({
      sparseVector: sparse({ 2: 1 }),
      topK: 5,
      weightingStrategy: "IDF" as never,
    });
    expect(found).toEqual([{ id: "b", score: Number(Math.LN2.toPrecision(7)) }]);
  });

  it("embeds raw text by BM25, on upsert, query and update", async () => {
    const index = await client();
    await index.upsert([
      { id: "soup", data: "A hot soup of noodles.", metadata: { kind: "soup" } },
      { id: "cake", data: "A sweet cake of apples." },
    ]);
    const found = await index.query({ data: "apple cakes", topK: 5, includeData: true });
    expect(found.map(({ id }) => id)).toEqual(["cake"]);
    await index.update({ id: "soup", data: "A stew with apples." });
    expect((await index.query({ data: "apples", topK: 5 })).map(({ id }) => id).sort()).toEqual([
      "cake",
      "soup",
    ]);
    expect(await index.query({ data: "noodles", topK: 5 })).toEqual([]);
    expect((await index.info()).sparseIndex).toEqual({ embeddingModel: "BM25" });
  });
});

describe("the official client on a hybrid index", () => {
  it("fuses both parts by reciprocal rank, or gives one part's plain score", async () => {
    const index = await client({ settings: { ...dense, type: "HYBRID", sparseEmbeddingModel: "BM25" } });
    await index.upsert([
      { id: "first", vector: [1, 0], sparseVector: { indices: [1], values: [3] } },
      { id: "second", vector: [0, 1], sparseVector: { indices: [1], values: [2] } },
    ]);
    const sparseVector = { indices: [1], values: [1] };
    expect(await index.query({ vector: [1, 0], sparseVector, topK: 2 })).toEqual([
      { id: "first", score: 0.033333335 },
      { id: "second", score: 0.032786883 },
    ]);
    expect(await index.query({ vector: [1, 0], topK: 1 })).toEqual([{ id: "first", score: 1 }]);
    expect(await index.query({ sparseVector, topK: 1 })).toEqual([{ id: "first", score: 3 }]);
    await expect(index.upsert({ id: "x", vector: [1, 0] })).rejects.toThrow(
      "This index requires sparse vectors",
    );
  });
});
