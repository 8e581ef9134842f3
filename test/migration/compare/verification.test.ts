import { describe, expect, it } from "vitest";
import { bm25 } from "../../../src/embedding/bm25.ts";
import { HashingEmbedder } from "../../../src/embedding/hashing.ts";
import {
  consistency,
  consistencyMarkdown,
  knownQuestions,
  knownQuestionsMarkdown,
  probeModel,
  selfRetrieval,
  selfRetrievalMarkdown,
} from "../../../src/migration/compare/index.ts";
import type { VectorStore } from "../../../src/store/store.ts";
import { openIndex, withMethod } from "./stores.ts";

const dishes = Array.from({ length: 40 }, (_, place) => ({
  id: `d${place}`,
  text: `${["rice", "bread", "soup", "cheese"][place % 4]} dish ${place} of region ${place * 31}`,
  metadata: {},
}));

function openHashing() {
  return openIndex(
    { dimension: 256, embeddingModel: "TEST_HASHING_256" },
    { dense: new HashingEmbedder(256) },
  );
}

function openLexical() {
  return openIndex({ type: "SPARSE", dimension: 0, sparseEmbeddingModel: "BM25" }, { sparse: bm25 });
}

describe("selfRetrieval (MIG-7)", () => {
  it.each([
    ["dense", openHashing],
    ["sparse", openLexical],
  ])("finds every record by its own text: %s", async (_, open) => {
    const { store } = open();
    await store.upsert(dishes);
    const report = await selfRetrieval({ store });
    expect(report).toMatchObject({ checked: 40, rateAtTop: 1, rateAtK: 1, misses: [], isSound: true });
    expect(selfRetrievalMarkdown(report).split("\n")[0]).toBe("# Records found by their own text: sound");
  });

  it("gives the reason for each miss: the same text twice", async () => {
    const { store } = openHashing();
    await store.upsert([...dishes, { id: "copy", text: dishes[5]?.text ?? "", metadata: {} }]);
    const report = await selfRetrieval({ store });
    expect(report.misses).toHaveLength(1);
    expect(report.misses[0]).toMatchObject({ reason: "duplicate", rank: 2 });
    expect(report).toMatchObject({ rateAtTop: 1 - 1 / 41, rateAtK: 1, isSound: true });
    expect(selfRetrievalMarkdown(report)).toMatch(/\| (copy|d5) \| 2 \| duplicate \| (d5|copy) \|/);
  });

  it("is not sound if a record has the vector of another model", async () => {
    const { store } = openHashing();
    await store.upsert(dishes);
    const [last] = await new HashingEmbedder(256).embed(["unrelated words entirely"]);
    await store.upsertRecords([{ ...(dishes[7] as (typeof dishes)[0]), vector: last as Float32Array }]);
    const report = await selfRetrieval({ store });
    expect(report.misses).toMatchObject([{ id: "d7", rank: 40, reason: "not-found" }]);
    expect(report.isSound).toBe(false);
    expect(report.rateAtK).toBeCloseTo(39 / 40, 12);
  });

  it("attributes misses to indexing if the index has not finished", async () => {
    const { index, store } = openHashing();
    await store.upsert(dishes.slice(0, 30));
    index.indexingDelay.delayMs = 60_000;
    await store.upsert(dishes.slice(30));
    const report = await selfRetrieval({ store });
    expect(report.misses.map(({ reason }) => reason)).toEqual(Array(10).fill("not-indexed"));
    expect(report).toMatchObject({ isSound: false, isUnfinished: true });
  });

  it("samples, passes over records without a text, and says so of an empty index", async () => {
    const { store } = openHashing();
    const [vector] = await new HashingEmbedder(256).embed(["x"]);
    await store.upsert(dishes);
    await store.upsertRecords([{ id: "bare", vector: vector as Float32Array }]);
    expect(await selfRetrieval({ store }, { count: 10 })).toMatchObject({ rateAtTop: 1 });
    expect(await selfRetrieval({ store })).toMatchObject({ checked: 40, notAsked: 1 });
    expect(await selfRetrieval({ store: openHashing().store })).toMatchObject({ checked: 0, isSound: false });
  });
});

describe("consistency (MIG-7)", () => {
  it.each([
    ["dense", openHashing],
    ["sparse", openLexical],
  ])("passes if one text has one answer and one vector, and leaves nothing behind: %s", async (_, open) => {
    const { store } = open();
    await store.upsert(dishes);
    const report = await consistency({ store }, { scratchNamespace: "scratch" });
    expect(report).toMatchObject({
      checked: 20,
      differing: [],
      isConsistent: true,
      embeddedTwice: { checked: 20, differing: [], foreign: [] },
    });
    expect(report.embeddedTwice?.leastCosine).toBeGreaterThan(1 - 1e-6);
    expect(await store.listNamespaces()).toEqual([""]);
    expect(consistencyMarkdown(report)).toContain("# Consistency of the embedded index: sound");
  });

  it("finds carried vectors that are not of the index's model", async () => {
    const { store } = openHashing();
    await store.upsert(dishes.slice(0, 10));
    const shifted = await new HashingEmbedder(256).embed(dishes.map(({ text }) => `${text} other model`));
    await store.upsertRecords(
      dishes.slice(10, 15).map((record, place) => ({ ...record, vector: shifted[place] as Float32Array })),
    );
    const report = await consistency({ store }, { scratchNamespace: "scratch" });
    expect(report.embeddedTwice?.foreign).toEqual(["d10", "d11", "d12", "d13", "d14"]);
    expect(report.isConsistent).toBe(false);
  });

  it("finds an index that answers and embeds one text in two ways", async () => {
    const embedder = new HashingEmbedder(256);
    let calls = 0;
    const restless = {
      model: embedder.model,
      dimension: 256,
      embed: (texts: readonly string[]) => embedder.embed(texts.map((text) => `${text} ${calls++ % 7}`)),
    };
    const { store } = openIndex({ dimension: 256, embeddingModel: embedder.model }, { dense: restless });
    await store.upsert(dishes);
    const report = await consistency({ store }, { scratchNamespace: "scratch" });
    expect(report.differing.length).toBeGreaterThan(0);
    expect(report.embeddedTwice?.differing.length).toBeGreaterThan(0);
    expect(report.isConsistent).toBe(false);
  });

  it("writes only on request, and never into a namespace that exists", async () => {
    const { store } = openHashing();
    await store.upsert(dishes);
    await store.upsert(dishes.slice(0, 2), { namespace: "mine" });
    const writes: string[] = [];
    const watched = withMethod(store, "upsert", async (...words) => {
      writes.push(words[1]?.namespace ?? "");
      return store.upsert(...words);
    });
    expect((await consistency({ store: watched })).embeddedTwice).toBeUndefined();
    for (const scratchNamespace of ["mine", ""]) {
      await expect(consistency({ store: watched }, { scratchNamespace })).rejects.toMatchObject({
        code: "usage",
      });
    }
    expect(writes).toEqual([]);
    expect((await store.info()).namespaces).toEqual({ "": 40, mine: 2 });
  });

  it("removes its namespace if it is cancelled", async () => {
    const { store } = openHashing();
    await store.upsert(dishes);
    const broken: VectorStore = withMethod(store, "fetch", (ids, options) => {
      if (options?.namespace === "scratch") throw new Error("cut");
      return store.fetch(ids, options);
    });
    await expect(consistency({ store: broken }, { scratchNamespace: "scratch" })).rejects.toThrow("cut");
    expect(await store.listNamespaces()).toEqual([""]);
  });
});

describe("knownQuestions (MIG-9)", () => {
  const judged = (id: string, text: string, ...expected: string[]) => ({
    id,
    text,
    judgements: new Map(expected.map((record) => [record, 1])),
  });
  const right = dishes.map(({ id, text }) => judged(`q-${id}`, text, id));

  it("passes if enough questions find an expected record among the first three, and names the others", async () => {
    const { store } = openHashing();
    await store.upsert(dishes);
    const wrong = judged("wrong", dishes[3]?.text ?? "", "d0", "gone");
    const report = await knownQuestions({
      target: { store },
      queries: [...right, wrong, judged("other data", "x", "gone")],
    });
    expect(report).toMatchObject({ k: 3, unanswerable: ["other data"], outcome: "passed" });
    expect(report.hits).toEqual({ source: undefined, target: dishes.length });
    expect(report.requiredHits).toBe(Math.ceil(0.8 * (dishes.length + 1)));
    expect(report.checks.at(-1)).toMatchObject({ id: "wrong", expected: ["d0", "gone"] });
    expect(report.checks[3]).toMatchObject({ id: "q-d3", target: { rank: 1, ndcg: 1 }, source: undefined });
    const text = knownQuestionsMarkdown(report);
    expect(text).toContain(`# Known questions: the target hits ${dishes.length} of ${dishes.length + 1}`);
    expect(text).toMatch(/holds none of their expected records: 1 \(other data\)/);
    const strict = await knownQuestions({ target: { store }, queries: [...right, wrong], minimumHits: 1 });
    expect(strict.outcome).toBe("too-few-hits");
  });

  it("requires no more of the target than of the source, and separates a loss from chance by the paired test", async () => {
    const { store } = openHashing();
    await store.upsert(dishes);
    const nothing = withMethod(store, "query", async () => []);
    const both = await knownQuestions({
      source: { store: nothing },
      target: { store: nothing },
      queries: right,
    });
    expect(both).toMatchObject({ requiredHits: 0, outcome: "passed", judged: { source: 0, target: 0 } });
    // Every answer is one place down: a hit still, and worse in each question.
    const lower = withMethod(store, "query", async (...words) => {
      const [first, second, ...rest] = await store.query(...words);
      return [second, first, ...rest].filter((match) => match !== undefined);
    });
    const worse = await knownQuestions({ source: { store }, target: { store: lower }, queries: right });
    expect(worse).toMatchObject({ hits: { source: dishes.length, target: dishes.length }, outcome: "worse" });
    expect(worse.judged?.test.pValue).toBeLessThan(0.05);
  });

  it("refuses questions on other data", async () => {
    const { store } = openHashing();
    await store.upsert(dishes);
    const asking = knownQuestions({ target: { store }, queries: [judged("q", "x", "gone")] });
    await expect(asking).rejects.toThrow(/none of the records/);
  });
});

describe("probeModel", () => {
  it("knows the model that made the vectors from another of the same dimension", async () => {
    const { store } = openHashing();
    await store.upsert(dishes);
    const hashing = new HashingEmbedder(256);
    const embed = (texts: readonly string[]) => hashing.embed(texts);
    const model = { model: "hashing", dimension: 256, embed };
    expect(await probeModel({ store }, model)).toMatchObject({ checked: 10, isSame: true });
    const turned = {
      ...model,
      embed: async (texts: readonly string[]) => (await embed(texts)).map((v) => v.toReversed()),
    };
    expect(await probeModel({ store }, turned)).toMatchObject({ isSame: false });
    expect(await probeModel({ store }, { ...model, dimension: 5 })).toMatchObject({
      checked: 0,
      isSame: false,
    });
  });
});
