import { Index } from "@upstash/vector";
import { describe, expect, it, onTestFinished } from "vitest";
import { ResumableQueries } from "../../../src/embedded/index/resumable.ts";
import { type EmulatorOptions, startEmulator } from "../../../src/embedded/index.ts";
import type { IndexSettings } from "../../../src/embedded/settings.ts";

const dense: IndexSettings = {
  type: "DENSE",
  dimension: 2,
  similarityFunction: "EUCLIDEAN",
  embeddingModel: "",
  sparseEmbeddingModel: "",
};

async function client(options: EmulatorOptions): Promise<Index> {
  const emulator = await startEmulator(options);
  onTestFinished(() => emulator.close());
  return new Index({ url: emulator.url, token: emulator.token, enableTelemetry: false, retry: false });
}

const ids = (matches: readonly { id: string | number }[]) => matches.map(({ id }) => id);

describe("resumable queries (EMB-1)", () => {
  it("return the next matches at each call, an empty list at the end, and fail once ended", async () => {
    const index = await client({ settings: dense });
    await index.upsert(
      Array.from({ length: 10 }, (_, n) => ({ id: `${n}`, vector: [n, 0], metadata: { n } })),
    );
    const { result, fetchNext, stop } = await index.resumableQuery({
      vector: [0, 0],
      topK: 3,
      maxIdle: 60,
      includeMetadata: true,
    });
    expect(ids(result)).toEqual(["0", "1", "2"]);
    expect(await fetchNext(4)).toMatchObject([
      { id: "3", metadata: { n: 3 } },
      { id: "4" },
      { id: "5" },
      { id: "6" },
    ]);
    expect(ids(await fetchNext(10))).toEqual(["7", "8", "9"]);
    expect(await fetchNext(10)).toEqual([]);
    expect(await stop()).toBe("Success");
    expect(() => fetchNext(1)).toThrow(/already been stopped/);
  });

  it("keep the filter and the namespace, include new records, and return no id twice", async () => {
    const index = await client({ settings: dense });
    const namespace = index.namespace("ns");
    await namespace.upsert(
      Array.from({ length: 6 }, (_, n) => ({ id: `${n}`, vector: [n, 0], metadata: { n } })),
    );
    const { result, fetchNext } = await namespace.resumableQuery({
      vector: [0, 0],
      topK: 2,
      maxIdle: 60,
      filter: "n != 1",
    });
    expect(ids(result)).toEqual(["0", "2"]);
    await namespace.upsert([
      { id: "0", vector: [9, 0], metadata: { n: 0 } },
      { id: "new", vector: [0, 1], metadata: { n: 99 } },
    ]);
    await namespace.delete("3");
    expect(ids(await fetchNext(10))).toEqual(["new", "4", "5"]);
  });

  it("page a hybrid index part by part: each call fuses the next matches of each part", async () => {
    const index = await client({ settings: { ...dense, type: "HYBRID", sparseEmbeddingModel: "BM25" } });
    const sparse = (value: number) => ({ indices: [1], values: [value] });
    await index.upsert([
      { id: "a", vector: [1, 0], sparseVector: sparse(9) },
      { id: "b", vector: [2, 0], sparseVector: sparse(8) },
      { id: "c", vector: [3, 0], sparseVector: sparse(7) },
    ]);
    const query = {
      vector: [0, 0],
      sparseVector: sparse(1),
      topK: 2,
      maxIdle: 60,
      fusionAlgorithm: "DBSF" as never,
    };
    const { result, fetchNext } = await index.resumableQuery(query);
    expect(ids(result)).toEqual(["a", "b"]);
    // One candidate per part, each with a score from only its own list: 0.5 + 0.5.
    expect(await fetchNext(1)).toEqual([{ id: "c", score: 1 }]);
  });

  it("embed raw text", async () => {
    const index = await client({});
    await index.upsert([
      { id: "soup", data: "noodle soup" },
      { id: "salad", data: "noodle salad with soup dressing and much more besides" },
    ]);
    const { result, fetchNext } = await index.resumableQuery({ data: "noodle soup", topK: 1, maxIdle: 60 });
    expect([...ids(result), ...ids(await fetchNext(5))]).toEqual(["soup", "salad"]);
  });

  it("are limited to 100 at once, with room again when one ends", async () => {
    const index = await client({ settings: dense, limits: { resumableQueries: 2 } });
    await index.upsert({ id: "1", vector: [1, 1] });
    const start = () => index.resumableQuery({ vector: [0, 0], topK: 1, maxIdle: 60 });
    const { stop } = await start();
    await start();
    await expect(start()).rejects.toThrow("Too many active resumable queries: 2, maximum: 2");
    await stop();
    await start();
  });
});

describe("ResumableQueries", () => {
  it("expires a query that was idle for too long, and not one that was used", () => {
    let now = 0;
    const queries = new ResumableQueries(100, () => now);
    const query = { namespace: "", request: {} as never, parts: {} };
    const { uuid } = queries.start(query, 1_000);
    now = 900;
    expect(queries.resume(uuid).uuid).toBe(uuid);
    now = 1_900;
    expect(queries.resume(uuid).uuid).toBe(uuid);
    now = 2_901;
    expect(() => queries.resume(uuid)).toThrow(/does not exist or has expired/);
    expect(() => queries.end(uuid)).toThrow(/does not exist or has expired/);
  });
});
