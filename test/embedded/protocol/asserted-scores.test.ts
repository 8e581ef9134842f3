import { Index } from "@upstash/vector";
import { describe, expect, it } from "vitest";
import type { EmulatorOptions } from "../../../src/embedded/index.ts";
import { dense } from "../../helpers/index-settings.ts";
import { hybridOfVectors, served, sparseOfVectors } from "./wire.ts";

/** Records and expected answers of upstash/vector-js @ad3ad721, whose tests run against the service. */

const first = { id: "id0", vector: [0.1, 0.2], sparseVector: { indices: [0, 1], values: [0.1, 0.2] } };
const second = {
  id: "id1",
  vector: [0.2, 0.3],
  sparseVector: { indices: [1, 2], values: [0.2, 0.3] },
  metadata: { key: "value" },
};
const third = {
  id: "id2",
  vector: [0.3, 0.4],
  sparseVector: { indices: [2, 3], values: [0.3, 0.4] },
  metadata: { key: "value" },
  data: "data",
};

async function filled(options: EmulatorOptions, records: object[]): Promise<Index> {
  const { url, token } = await served(options);
  const index = new Index({ url, token, enableTelemetry: false, retry: false });
  await index.upsert(records as never);
  return index;
}

const hybrid = () => filled({ settings: hybridOfVectors }, [first, second, third]);
const all = { includeVectors: true, includeMetadata: true, includeData: true };
const idf = "IDF" as never;
const dbsf = "DBSF" as never;
const ids = (matches: readonly { id: string | number }[]) => matches.map(({ id }) => id);

describe("section 4: the scores that the service's own tests assert", () => {
  it("RRF: 2/60, and 1/60 + 1/62 although topK is 1; IDF of the sparse part alone, without fusion", async () => {
    const index = await hybrid();
    const answers = await index.queryMany([
      { topK: 1, vector: [0.1, 0.1], sparseVector: { indices: [3, 4], values: [0.1, 0.2] } },
      {
        topK: 1,
        vector: [0.5, 0.1],
        sparseVector: { indices: [0, 1], values: [0.5, 0.1] },
        includeVectors: true,
      },
      {
        topK: 1,
        sparseVector: { indices: [2, 3], values: [0.5, 0.5] },
        weightingStrategy: idf,
        fusionAlgorithm: dbsf,
        includeMetadata: true,
      },
    ]);
    expect(answers).toEqual([
      [{ id: "id2", score: 0.033333335 }],
      [{ ...first, score: 0.032795697 }],
      [{ id: "id2", score: 0.26666638, metadata: { key: "value" } }],
    ]);
  });

  it("DBSF paged on a hybrid index: 0.617851 and 0.5, then 0.5 for the one candidate left", async () => {
    const index = await hybrid();
    const { result, fetchNext } = await index.resumableQuery({
      vector: [0.1, 0.1],
      sparseVector: { indices: [0], values: [0.1] },
      topK: 2,
      ...all,
      weightingStrategy: idf,
      fusionAlgorithm: dbsf,
      maxIdle: 3_600,
    });
    expect(result).toEqual([
      { ...third, score: 0.617851 },
      { ...first, score: 0.5 },
    ]);
    expect(await fetchNext(1)).toEqual([{ ...second, score: 0.5 }]);
  });

  it("IDF on a sparse index, counted in the namespace: 0.028608438, then 0.018800145", async () => {
    const records = [first, second, third].map(({ vector: _, ...record }) => record);
    const index = await filled({ settings: sparseOfVectors }, records);
    await index.namespace("another").upsert({ id: "id9", sparseVector: { indices: [0, 1], values: [1, 1] } });
    const { result, fetchNext } = await index.resumableQuery({
      sparseVector: { indices: [0, 1], values: [0.1, 0.2] },
      topK: 1,
      weightingStrategy: idf,
      maxIdle: 3_600,
    });
    expect(result).toEqual([{ id: "id0", score: 0.028608438 }]);
    expect(await fetchNext(1)).toEqual([{ id: "id1", score: 0.018800145 }]);
  });

  it("an identical vector under cosine is exactly 1, at 384 components", async () => {
    const vector = Array.from({ length: 384 }, (_, n) => n);
    const index = await filled({ settings: { ...dense, dimension: 384 } }, [{ id: "33", vector }]);
    expect(await index.query({ vector, topK: 1, includeVectors: true })).toEqual([
      { id: "33", score: 1, vector },
    ]);
  });

  it("sparse: fewer than topK, where fewer records share an index with the query", async () => {
    const index = await filled(
      { settings: sparseOfVectors },
      [first, third].map(({ vector: _, ...record }) => record),
    );
    expect(ids(await index.query({ sparseVector: { indices: [0, 7], values: [1, 1] }, topK: 2 }))).toEqual([
      "id0",
    ]);
  });

  it("sparse: a common index counts though its product is 0, or less", async () => {
    const index = await filled({ settings: sparseOfVectors }, [
      { id: "zero", sparseVector: { indices: [1], values: [0] } },
      { id: "less", sparseVector: { indices: [1], values: [-2] } },
    ]);
    expect(await index.query({ sparseVector: { indices: [1], values: [1] }, topK: 5 })).toEqual([
      { id: "zero", score: 0 },
      { id: "less", score: -2 },
    ]);
  });

  it.each(["vector", "sparseVector", "both"] as const)(
    "ties by %s keep the order of insertion",
    async (part) => {
      const same = { vector: [1, 0], sparseVector: { indices: [1], values: [1] } };
      const names = ["c", "a", "d", "b"];
      const index = await filled(
        { settings: hybridOfVectors },
        names.map((id) => ({ id, ...same })),
      );
      const query = part === "both" ? same : { [part]: same[part] };
      expect(ids(await index.query({ ...query, topK: 4 } as never))).toEqual(names);
    },
  );
});
