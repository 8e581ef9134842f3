import { Index } from "@upstash/vector";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../../src/embedded/index.ts";
import type { IndexSettings } from "../../../src/embedded/settings.ts";
import { bm25 } from "../../../src/embedding/bm25.ts";
import { HashingEmbedder } from "../../../src/embedding/hashing.ts";
import { dense } from "../../helpers/index-settings.ts";

/** Facts of the service's protocol that no other test names; the headings are those of its description. */

const hybrid: IndexSettings = {
  type: "HYBRID",
  dimension: 32,
  similarityFunction: "COSINE",
  embeddingModel: "TEST_HASHING_32",
  sparseEmbeddingModel: "BM25",
};

const hybridModels = { sparse: bm25, dense: new HashingEmbedder(32) };

async function started(options: EmulatorOptions): Promise<{ emulator: Emulator; index: Index }> {
  const emulator = await startEmulator(options);
  onTestFinished(() => emulator.close());
  const { url, token } = emulator;
  return { emulator, index: new Index({ url, token, enableTelemetry: false, retry: false }) };
}

async function send(emulator: Emulator, path: string, body?: unknown, method = "POST") {
  const response = await fetch(`${emulator.url}/${path}`, {
    method,
    headers: { authorization: `bearer ${emulator.token}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return (await response.json()) as { result?: unknown; error?: string; status?: number };
}

const ids = (matches: readonly { id: string | number }[]) => matches.map(({ id }) => id);

describe("upsert", () => {
  it("replaces the whole record: metadata and data that are left out vanish", async () => {
    const { index } = await started({ settings: dense });
    await index.upsert({ id: "1", vector: [1, 0], metadata: { a: 1 }, data: "text" });
    await index.upsert({ id: "1", vector: [0, 1] });
    expect(
      await index.fetch(["1"], { includeMetadata: true, includeData: true, includeVectors: true }),
    ).toEqual([{ id: "1", vector: [0, 1] }]);
  });

  it("lets the last of two records with the same id in a batch win", async () => {
    const { index } = await started({ settings: dense });
    await index.upsert([
      { id: "1", vector: [1, 0] },
      { id: "1", vector: [0, 1] },
    ]);
    expect(await index.fetch(["1"], { includeVectors: true })).toEqual([{ id: "1", vector: [0, 1] }]);
    expect((await index.info()).vectorCount).toBe(1);
  });

  it("takes an empty id, as the Go client's tests do", async () => {
    const { index } = await started({ settings: dense });
    await index.upsert({ id: "", vector: [1, 0] });
    expect(ids(await index.query({ vector: [1, 0], topK: 1 }))).toEqual([""]);
  });

  it("keeps vectors as float32 and prints them in the shortest decimal", async () => {
    const { index } = await started({ settings: dense });
    await index.upsert({ id: "1", vector: [0.1, 0.033333335] });
    expect(await index.fetch(["1"], { includeVectors: true })).toEqual([
      { id: "1", vector: [0.1, 0.033333335] },
    ]);
  });

  it("stores nothing of a batch in which one item has no vector, or only an id", async () => {
    const { index, emulator } = await started({ settings: dense });
    const items = [
      { id: "1", vector: [1, 0] },
      { id: "2", data: "text" },
    ];
    expect(await send(emulator, "upsert", items)).toMatchObject({ status: 422 });
    expect(await send(emulator, "upsert-data", [{ id: "1" }])).toMatchObject({ status: 422 });
    expect((await index.info()).vectorCount).toBe(0);
  });
});

describe("section 2: sparse vectors", () => {
  it("keep the order of their indices, and may hold one twice: both count", async () => {
    const { index } = await started({});
    const sparseVector = { indices: [9, 3, 9], values: [1, 2, 4] };
    await index.upsert({ id: "1", sparseVector });
    const [match] = await index.query({
      sparseVector: { indices: [9], values: [1] },
      topK: 1,
      includeVectors: true,
    });
    expect(match).toEqual({ id: "1", score: 5, sparseVector });
  });

  it("have at most 1,000 entries, as many indices as values, and indices of int32", async () => {
    const { emulator } = await started({});
    const vector = (indices: number[], values: number[]) => ({ id: "1", sparseVector: { indices, values } });
    const many = Array.from({ length: 1_001 }, (_, n) => n);
    for (const record of [
      vector(many, many),
      vector([1, 2], [1]),
      vector([2 ** 31], [1]),
      vector([0.5], [1]),
    ]) {
      expect(await send(emulator, "upsert", record)).toMatchObject({ status: 422 });
    }
  });
});

describe("query", () => {
  it("returns an empty list for an unknown namespace, and does not create it", async () => {
    const { index } = await started({ settings: dense });
    expect(await index.namespace("nowhere").query({ vector: [1, 0], topK: 3 })).toEqual([]);
    expect(await index.listNamespaces()).toEqual([""]);
  });

  it("has a topK of 10 by default", async () => {
    const { index, emulator } = await started({ settings: dense });
    await index.upsert(Array.from({ length: 20 }, (_, n) => ({ id: `${n}`, vector: [1, n] })));
    expect((await send(emulator, "query", { vector: [1, 0] })).result).toHaveLength(10);
  });

  it("fails as a whole if one query of a batch has a fault", async () => {
    const { emulator } = await started({ settings: dense });
    expect(await send(emulator, "query", [{ vector: [1, 0] }, { vector: [1] }])).toEqual({
      error: "Invalid vector dimension: 1, expected: 2",
      status: 422,
    });
  });

  it("gives a cosine of 0 with a zero vector, and exactly 1 with itself", async () => {
    const { index } = await started({ settings: { ...dense, dimension: 3 } });
    const vector = [0.1, -0.7, 0.33];
    await index.upsert([
      { id: "same", vector },
      { id: "zero", vector: [0, 0, 0] },
    ]);
    expect(await index.query({ vector, topK: 2 })).toEqual([
      { id: "same", score: 1 },
      { id: "zero", score: 0.5 },
    ]);
  });

  it("embeds a batch of queries in one call, with the parts that each mode asks for", async () => {
    const asked: string[][] = [];
    const counting = new HashingEmbedder(32);
    const { index } = await started({
      settings: hybrid,
      embedders: {
        sparse: bm25,
        dense: {
          model: counting.model,
          dimension: 32,
          embed(texts) {
            asked.push([...texts]);
            return counting.embed(texts);
          },
        },
      },
    });
    await index.upsert([
      { id: "soup", data: "tomato soup" },
      { id: "cake", data: "apple cake" },
    ]);
    asked.length = 0;
    const queries = [
      { data: "a cake", topK: 1 },
      { data: "a soup", topK: 1, queryMode: "SPARSE" as never },
      { data: "soup", topK: 1, queryMode: "DENSE" as never },
    ];
    const answers = await index.queryMany(queries);
    expect(asked).toEqual([["a cake", "soup"]]);
    expect(answers.map(([first]) => first?.id)).toEqual(["cake", "soup", "soup"]);
  });

  it("searches a hybrid index by either part with queryMode, or by both fused", async () => {
    const { index } = await started({ settings: hybrid, embedders: hybridModels });
    await index.upsert([
      { id: "soup", data: "tomato soup" },
      { id: "cake", data: "chocolate cake" },
    ]);
    const by = (queryMode: string) =>
      index.query({ data: "soup of tomatoes", topK: 5, queryMode: queryMode as never });
    expect(ids(await by("SPARSE"))).toEqual(["soup"]);
    expect(ids(await by("DENSE"))).toEqual(["soup", "cake"]);
    expect((await by("HYBRID"))[0]).toEqual({ id: "soup", score: 0.033333335 });
    const fused = await index.query({ data: "soup of tomatoes", topK: 5, fusionAlgorithm: "DBSF" as never });
    expect(fused[0]?.id).toBe("soup");
  });
});

describe("fetch", () => {
  it("gives nulls from a namespace that does not exist, nothing by prefix, and at most 1,000 by prefix", async () => {
    const { index } = await started({ settings: dense });
    expect(await index.namespace("nowhere").fetch(["1"])).toEqual([null]);
    expect(await index.namespace("nowhere").fetch({ prefix: "a" })).toEqual([]);
    const batch = (from: number) =>
      Array.from({ length: 600 }, (_, n) => ({ id: `a-${from + n}`, vector: [1, n] }));
    await index.upsert(batch(0));
    await index.upsert(batch(600));
    expect(await index.fetch({ prefix: "a-" })).toHaveLength(1_000);
  });
});

describe("range", () => {
  it.each([0, "0", "", undefined])("starts at the cursor %j", async (cursor) => {
    const { index, emulator } = await started({ settings: dense });
    await index.upsert([
      { id: "1", vector: [1, 0] },
      { id: "2", vector: [0, 1] },
    ]);
    expect(await send(emulator, "range", { cursor, limit: 1 })).toEqual({
      result: { nextCursor: "1", vectors: [{ id: "1" }] },
    });
  });

  it("continues over the matches of a prefix, until the last page has no cursor", async () => {
    const { index } = await started({ settings: dense });
    await index.upsert(["a1", "b1", "a2", "b2", "a3", "a4"].map((id) => ({ id, vector: [1, 0] })));
    const first = await index.range({ cursor: 0, limit: 2, prefix: "a" });
    expect(ids(first.vectors)).toEqual(["a1", "a2"]);
    const second = await index.range({ cursor: first.nextCursor, limit: 2, prefix: "a" });
    expect([ids(second.vectors), second.nextCursor]).toEqual([["a3", "a4"], ""]);
  });

  it("takes a prefix letter by letter, wildcards and all", async () => {
    const { index } = await started({ settings: dense });
    const all = ["%a", "_a", "a%", "A", "a", "ab", "é", "éa", "e"];
    await index.upsert(all.map((id) => ({ id, vector: [1, 0] })));
    for (const prefix of ["%", "_", "a", "é", "e", "A"]) {
      const { vectors } = await index.range({ cursor: 0, limit: 100, prefix });
      expect(ids(vectors)).toEqual(all.filter((id) => id.startsWith(prefix)));
    }
  });
});

describe("update", () => {
  it("overwrites the metadata by default", async () => {
    const { index } = await started({ settings: dense });
    await index.upsert({ id: "1", vector: [1, 0], metadata: { a: 1, b: 2 } });
    await index.update({ id: "1", metadata: { c: 3 } });
    expect(await index.fetch(["1"], { includeMetadata: true })).toEqual([{ id: "1", metadata: { c: 3 } }]);
  });

  it("changes both vectors of a hybrid record or none", async () => {
    const { index, emulator } = await started({ settings: { ...hybrid, dimension: 2, embeddingModel: "" } });
    const sparseVector = { indices: [1], values: [1] };
    await index.upsert({ id: "1", vector: [1, 0], sparseVector });
    expect(await send(emulator, "update", { id: "1", vector: [0, 1] })).toMatchObject({
      error: "This index requires sparse vectors",
    });
    expect(await send(emulator, "update", { id: "1", sparseVector })).toMatchObject({
      error: "This index requires dense vectors",
    });
    expect(await send(emulator, "update", { id: "1", vector: [0, 1], sparseVector })).toEqual({
      result: { updated: 1 },
    });
  });

  it("embeds data again if the index has a model", async () => {
    const { index } = await started({ settings: hybrid, embedders: hybridModels });
    await index.upsert({ id: "1", data: "tomato soup" });
    const vectorOf = async () => (await index.fetch(["1"], { includeVectors: true }))[0]?.vector;
    const before = await vectorOf();
    await index.update({ id: "1", data: "chocolate cake" });
    expect(await vectorOf()).not.toEqual(before);
  });
});

describe("random", () => {
  it("returns a record with only its vector, or null", async () => {
    const { index, emulator } = await started({ settings: dense });
    expect(await send(emulator, "random")).toEqual({ result: null });
    expect(await send(emulator, "random/nowhere")).toEqual({ result: null });
    await index.upsert(
      Array.from({ length: 5 }, (_, n) => ({ id: `${n}`, vector: [1, n], metadata: { n }, data: "x" })),
    );
    await index.delete(["0", "1", "3", "4"]);
    for (let round = 0; round < 20; round++) {
      expect(await send(emulator, "random", undefined, "GET")).toEqual({
        result: { id: "2", vector: [1, 2] },
      });
    }
  });
});

describe("info", () => {
  it("has no dense part for a sparse index, and dimension and similarity all the same", async () => {
    const { index } = await started({});
    expect(await index.info()).toMatchObject({
      indexType: "SPARSE",
      dimension: 0,
      similarityFunction: "",
      sparseIndex: { embeddingModel: "BM25" },
    });
    expect(await index.info()).not.toHaveProperty("denseIndex");
  });

  it("names both models of a hybrid index", async () => {
    const { index } = await started({ settings: hybrid, embedders: hybridModels });
    expect(await index.info()).toMatchObject({
      indexType: "HYBRID",
      dimension: 32,
      denseIndex: { dimension: 32, similarityFunction: "COSINE", embeddingModel: "TEST_HASHING_32" },
      sparseIndex: { embeddingModel: "BM25" },
    });
  });
});

describe("DELETE with and without a body", () => {
  it("deletes records and namespaces, and resets, as the PHP client and the documentation's examples do", async () => {
    const { index, emulator } = await started({ settings: dense });
    await index.upsert([
      { id: "1", vector: [1, 0] },
      { id: "2", vector: [1, 0] },
    ]);
    await index.namespace("ns").upsert({ id: "1", vector: [1, 0] });
    expect(await send(emulator, "delete", { ids: ["1"] }, "DELETE")).toEqual({ result: { deleted: 1 } });
    expect(await send(emulator, "delete-namespace/ns", undefined, "DELETE")).toEqual({ result: "Success" });
    expect(await send(emulator, "reset?all=true", undefined, "DELETE")).toEqual({ result: "Success" });
    expect((await index.info()).vectorCount).toBe(0);
  });
});
