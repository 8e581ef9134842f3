import { expect, it } from "vitest";
import { StoreSource } from "../../../src/migration/store-source.ts";
import { comparable, dimension, embeddedIndex, records, storeOf } from "./helpers.ts";

it("MIG-12: a namespace of an index is a source, in the order of insertion", async () => {
  const store = storeOf(embeddedIndex());
  const all = records(250);
  await store.upsertRecords(all, { namespace: "foods" });
  await store.upsertRecords(records(3, { first: 900 }));
  const source = new StoreSource({ store, namespace: "foods" });
  expect(source.name).toBe("embedded foods");
  expect(await source.describe()).toEqual({
    kind: "embedded",
    collection: "foods",
    recordCount: 250,
    dimension,
    similarityFunction: "COSINE",
    embeddingModel: undefined,
  });
  const read = [];
  for await (const batch of source.records({ batchSize: 100 })) {
    expect(batch.length).toBeLessThanOrEqual(100);
    read.push(...batch);
  }
  expect(read.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
  expect(comparable(read)).toEqual(comparable(all));
  for await (const batch of source.records({ includeVectors: false })) {
    expect(batch.every(({ vector }) => vector === undefined)).toBe(true);
  }
  expect((await new StoreSource({ store }).describe()).recordCount).toBe(3);
  await source.close();
  await expect(source.describe()).rejects.toThrow(/closed/);
});
