import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeChromaServer } from "../../../src/migration/chroma-server/describe.ts";
import {
  ChromaServerSource,
  type ChromaServerSourceOptions,
  type SourceChange,
} from "../../../src/migration/chroma-server/source.ts";
import { ChromaStore } from "../../../src/store/chroma.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import { writeWorkload } from "../../helpers/chroma-directory.ts";
import { type ChromaServer, chromaObstacle, startChroma } from "../../helpers/chroma-server.ts";
import { describeUnless } from "../../helpers/obstacles.ts";

async function readAll(source: ChromaServerSource, batchSize?: number): Promise<StoreRecord[]> {
  const records: StoreRecord[] = [];
  for await (const batch of source.records(batchSize === undefined ? {} : { batchSize }))
    records.push(...batch);
  return records;
}

const inFloat32 = (record: StoreRecord) => ({ ...record, vector: Float32Array.from(record.vector ?? []) });

describeUnless(chromaObstacle, "ChromaServerSource", () => {
  let server: ChromaServer;

  beforeAll(async () => {
    server = await startChroma();
  });
  afterAll(() => server?.close());

  const sourceOf = (collection: string, options: Partial<ChromaServerSourceOptions> = {}) =>
    new ChromaServerSource({ server: { url: server.url, timeoutMs: 10_000 }, collection, ...options });

  const storeOf = (collection: string) =>
    new ChromaStore({ server: { url: server.url, timeoutMs: 10_000 }, collection });

  const few = (count: number) =>
    Array.from({ length: count }, (_, place) => ({
      id: `id-${place}`,
      text: `food ${place}`,
      metadata: { place },
      vector: [place, 1],
    }));

  it("reads 2,500 records as they were written, in their order (MIG-3)", async () => {
    const expected = await writeWorkload(server.url, {
      collection: "large",
      space: "l2",
      count: 2_500,
      dimension: 32,
    });
    const source = sourceOf("large");
    expect(await source.describe()).toEqual({
      kind: "chroma-server",
      collection: "large",
      recordCount: expected.length,
      dimension: 32,
      similarityFunction: "EUCLIDEAN",
      embeddingModel: undefined,
    });
    const records = await readAll(source);
    expect(records.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
    const differing = records.findIndex(
      (record, place) => !isDeepStrictEqual(inFloat32(record), expected[place]),
    );
    expect(records[differing] && inFloat32(records[differing])).toEqual(expected[differing]);
  });

  it.each(["cosine", "ip"] as const)("reads vectors of the space %s", async (space) => {
    const expected = await writeWorkload(server.url, {
      collection: `in-${space}`,
      space,
      count: 60,
      dimension: 8,
    });
    const records = await readAll(sourceOf(`in-${space}`), 7);
    for (const [place, { vector }] of records.entries()) {
      for (const [axis, component] of [...(vector ?? [])].entries()) {
        expect(component).toBeCloseTo(expected[place]?.vector?.[axis] as number, 4);
      }
    }
    expect((await sourceOf(`in-${space}`).describe()).similarityFunction).toBe(
      space === "cosine" ? "COSINE" : "DOT_PRODUCT",
    );
  });

  it("omits the vectors on request", async () => {
    await storeOf("plain").upsertRecords(few(3));
    const batches: StoreRecord[][] = [];
    for await (const batch of sourceOf("plain").records({ batchSize: 2, includeVectors: false })) {
      batches.push(batch);
    }
    expect(batches.map((batch) => batch.map(({ id }) => id))).toEqual([["id-0", "id-1"], ["id-2"]]);
    expect(batches[1]).toEqual([{ id: "id-2", text: "food 2", metadata: { place: 2 } }]);
  });

  it("reports what others added and deleted while it read (MIG-11)", async () => {
    const store = storeOf("moving");
    await store.upsertRecords(few(30));
    const changes: SourceChange[] = [];
    const source = sourceOf("moving", { onChange: (change) => changes.push(change) });
    const seen: string[] = [];
    let isFirst = true;
    for await (const batch of source.records({ batchSize: 5 })) {
      seen.push(...batch.map(({ id }) => id));
      if (!isFirst) continue;
      isFirst = false;
      // One that was read, one that was not, one that goes and comes back, one that is new.
      await store.delete({ ids: ["id-0", "id-29", "id-28"] });
      await store.upsertRecords([...few(29).slice(28), { id: "new", vector: [1, 1] }]);
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(changes).toEqual([{ vanished: ["id-0", "id-29"], appeared: ["new"] }]);
  });

  it("fails after the last batch if others wrote and no listener is given", async () => {
    const store = storeOf("strict");
    await store.upsertRecords(few(4));
    const reading = (async () => {
      for await (const _ of sourceOf("strict").records({ batchSize: 2 }))
        await store.delete({ ids: ["id-1"] });
    })();
    await expect(reading).rejects.toMatchObject({
      code: "source-changed",
      vanished: ["id-1"],
      appeared: [],
      message: expect.stringContaining("0 records appeared, 1 vanished"),
    });
  });

  it("lists the existing collections, the most similar first, and creates none", async () => {
    await storeOf("foods").upsertRecords(few(1));
    const source = sourceOf("fods");
    await expect(source.describe()).rejects.toMatchObject({
      code: "not-found",
      message: expect.stringMatching(/no collection fods; it has foods, /),
    });
    await expect(readAll(source)).rejects.toMatchObject({ code: "not-found" });
    const names = (await describeChromaServer({ url: server.url, timeoutMs: 10_000 })).map(
      ({ collection }) => collection,
    );
    expect(names).toContain("foods");
    expect(names).not.toContain("fods");
    expect(names).toEqual([...names].sort());
  });

  it("stops when the caller cancels", async () => {
    await storeOf("stopped").upsertRecords(few(6));
    const controller = new AbortController();
    const reading = (async () => {
      for await (const _ of sourceOf("stopped").records({ batchSize: 2, signal: controller.signal })) {
        controller.abort();
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: "cancelled" });
  });

  it("ends cleanly when the consumer stops early", async () => {
    await storeOf("early").upsertRecords(few(6));
    for await (const batch of sourceOf("early").records({ batchSize: 2 })) {
      expect(batch).toHaveLength(2);
      break;
    }
  });

  it("reads an empty collection", async () => {
    const store = storeOf("empty");
    await store.upsertRecords(few(1));
    await store.reset();
    expect(await readAll(sourceOf("empty"))).toEqual([]);
    expect(await sourceOf("empty").describe()).toMatchObject({ recordCount: 0, dimension: 0 });
  });
});
