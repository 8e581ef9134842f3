import { describe, expect, it } from "vitest";
import { HashingEmbedder } from "../../../src/embedding/hashing.ts";
import { seededRandom } from "../../../src/evaluation/index.ts";
import { ServiceFaultError } from "../../../src/foundation/errors.ts";
import { type CompareOptions, compare } from "../../../src/migration/compare/compare.ts";
import { judgedQueries, leaveOneOutQueries, textQueries } from "../../../src/migration/compare/query.ts";
import type { ComparisonFinding } from "../../../src/migration/compare/report.ts";
import type { Match, StoreRecord } from "../../../src/store/document.ts";
import { parseFilter } from "../../../src/store/filter.ts";
import type { VectorStore } from "../../../src/store/store.ts";
import { filled, makeRecords, openIndex, withMethod } from "./stores.ts";

/** The store with other answers to queries. */
function answering(store: VectorStore, change: (matches: Match[]) => Match[]): VectorStore {
  return withMethod(store, "query", async (...words) => change(await store.query(...words)));
}

async function compared(
  source: VectorStore,
  target: VectorStore,
  options: Partial<CompareOptions> & { sample?: Parameters<typeof leaveOneOutQueries>[2] } = {},
) {
  const { sample, ...rest } = options;
  const queries =
    rest.queries ??
    (await leaveOneOutQueries({ store: source }, { store: target }, { count: 25, ...sample }));
  return compare({ source: { store: source }, target: { store: target }, ...rest, queries });
}

const kinds = (findings: readonly ComparisonFinding[], outcome: ComparisonFinding["outcome"]) =>
  [...new Set(findings.filter((finding) => finding.outcome === outcome).map(({ code }) => code))].sort();

describe("compare: a clean copy (MIG-8)", () => {
  it("is the same, with full agreement and nothing to explain", async () => {
    const records = makeRecords(300);
    const [source, target] = [await filled(records), await filled(records.toReversed())];
    const report = await compared(source.store, target.store);
    expect(report).toMatchObject({
      outcome: "same",
      relation: "carried",
      agreement: { queries: 25, overlap: { mean: 1, minimum: 1 }, sameTop: 1, sameSet: 1 },
      worst: [],
    });
    expect(report.sides.target.exactRecall?.mean).toBe(1);
    expect(kinds(report.findings, "fault")).toEqual([]);
    expect(report.verdict).toMatch(/^The same but for ties: no fault\./);
  });

  it("attributes equal scores to ties: many copies of one vector", async () => {
    const [first] = makeRecords(1);
    const copies = makeRecords(80).map((record, place) =>
      place < 40 ? { ...record, vector: first?.vector as Float32Array } : record,
    );
    const [source, target] = [await filled(copies), await filled(copies.toReversed())];
    const report = await compared(source.store, target.store);
    expect(report.outcome).toBe("same");
    expect(Object.keys(report.differences.atK.byCause)).toEqual(["tie"]);
    expect(report.differences.atK.byCause.tie).toBeGreaterThan(10);
    const reembedded = await compared(source.store, target.store, { vectors: "re-embedded" });
    expect(Object.keys(reembedded.differences.atK.byCause)).toEqual(["tie"]);
  });

  it("sees ties of texts by their scores, behind the record itself", async () => {
    const embedders = { dense: new HashingEmbedder(64) };
    const settings = { dimension: 64, embeddingModel: "TEST_HASHING_64" };
    const documents = Array.from({ length: 30 }, (_, place) => ({
      id: `d${place}`,
      text: place < 12 ? "the same dish" : `another dish ${place}`,
      metadata: {},
    }));
    const stores = [openIndex(settings, embedders).store, openIndex(settings, embedders).store] as const;
    await stores[0].upsert(documents);
    await stores[1].upsert(documents.toReversed());
    const report = await compared(...stores, { sample: { subject: "text" }, k: 10 });
    expect(report.outcome).toBe("same");
    expect(Object.keys(report.differences.atK.byCause)).toEqual(["tie"]);
  });

  it("agrees for texts too, although only the answers of the stores are known", async () => {
    const embedders = { dense: new HashingEmbedder(64) };
    const settings = { dimension: 64, embeddingModel: "TEST_HASHING_64" };
    const stores = [openIndex(settings, embedders).store, openIndex(settings, embedders).store] as const;
    const documents = Array.from({ length: 50 }, (_, place) => ({
      id: `d${place}`,
      text: `dish ${place} with ${["rice", "bread", "soup", "cheese"][place % 4]}`,
      metadata: {},
    }));
    for (const store of stores) await store.upsert(documents);
    const report = await compared(...stores, { queries: textQueries(["rice dish", "bread 7", "cheese"]) });
    expect(report).toMatchObject({ outcome: "same", agreement: { sameTop: 1 } });
    expect(report.sides.target.exactRecall).toBeUndefined();
  });
});

describe("compare: expected differences (MIG-8)", () => {
  it("attributes other neighbours to the metric if each side is right by its own", async () => {
    const records = makeRecords(300, 3);
    const source = await filled(records, { similarityFunction: "EUCLIDEAN" });
    const target = await filled(records);
    const report = await compared(source.store, target.store);
    expect(report.outcome).toBe("expected");
    expect(report.agreement.overlap?.mean).toBeLessThan(0.9);
    const { differing, byCause } = report.differences.atK;
    expect((byCause.metric ?? 0) + (byCause.tie ?? 0)).toBe(differing);
    expect(byCause.metric).toBeGreaterThan(40);
    expect(report.sides.source.exactRecall?.mean).toBe(1);
    expect(report.sides.target.exactRecall?.mean).toBe(1);
    expect(report.sides.source.norms?.maximum).toBeGreaterThan(2);
    const metric = report.findings.find(({ code }) => code === "metric");
    expect(metric?.message).toMatch(/EUCLIDEAN and COSINE; vectors are 1\.\d\d to [23]\.\d\d long/);
    expect(metric?.hint).toContain("create the target with EUCLIDEAN");
  });

  it("finds no difference between the metrics if all vectors have one length", async () => {
    const records = makeRecords(300);
    const source = await filled(records, { similarityFunction: "EUCLIDEAN" });
    const report = await compared(source.store, (await filled(records)).store);
    expect(report.outcome).toBe("same");
    expect(report.sides.source.metricInEffect).toBe("EUCLIDEAN");
  });

  it("attributes other neighbours to the model if each side is right by its own vectors", async () => {
    const texts = Array.from({ length: 200 }, (_, place) => ({
      id: `d${place}`,
      text: `${["red", "green", "blue", "white"][place % 4]} ${["soup", "cake", "stew"][place % 3]} ${place}`,
      metadata: {},
    }));
    const open = async (size: number) => {
      const settings = { dimension: size, embeddingModel: `TEST_HASHING_${size}` };
      const { store } = openIndex(settings, { dense: new HashingEmbedder(size) });
      await store.upsert(texts);
      return store;
    };
    const [source, target] = [await open(64), await open(16)];
    const report = await compared(source, target);
    expect(report).toMatchObject({ outcome: "expected", relation: "re-embedded" });
    const { differing, byCause } = report.differences.atK;
    expect((byCause.model ?? 0) + (byCause.tie ?? 0)).toBe(differing);
    expect(byCause.model).toBeGreaterThan(50);
    const asked = await compared(source, target, { queries: textQueries(["red soup", "blue cake"]) });
    expect(asked.outcome).toBe("undecided");
    expect(asked.verdict).toContain("nothing shows whether they are as good");
  });

  it("distinguishes an approximate search of the source from one of the target", async () => {
    const records = makeRecords(300);
    const random = seededRandom(5);
    const drop = (matches: Match[]) => matches.filter(() => random() >= 0.1);
    const [left, right] = [(await filled(records)).store, (await filled(records)).store];
    const weakTarget = await compared(left, answering(right, drop));
    expect(weakTarget.outcome).toBe("expected");
    expect(Object.keys(weakTarget.differences.atK.byCause)).toEqual(["target-search"]);
    expect(weakTarget.sides.target.exactRecall?.mean).toBeGreaterThan(0.85);
    expect(weakTarget.sides.target.exactRecall?.mean).toBeLessThan(0.95);
    const weakSource = await compared(answering(left, drop), right);
    expect(weakSource.outcome).toBe("expected");
    expect(Object.keys(weakSource.differences.atK.byCause)).toEqual(["source-search"]);
    expect(weakSource.sides.target.exactRecall?.mean).toBe(1);
  });

  it("takes normalised copies for what they are under cosine", async () => {
    const records = makeRecords(100, 3);
    const unit = records.map((record) => {
      const norm = Math.hypot(...(record.vector ?? []));
      return { ...record, vector: Float32Array.from(record.vector ?? [], (component) => component / norm) };
    });
    const report = await compared((await filled(records)).store, (await filled(unit)).store);
    expect(report.outcome).toBe("same");
  });
});

describe("compare: faults (MIG-8)", () => {
  async function faulty(change: (records: StoreRecord[]) => StoreRecord[]) {
    const records = makeRecords(300);
    const target = await filled(change(records.map((record) => ({ ...record }))));
    return compared((await filled(records)).store, target.store);
  }

  it("attributes results to records that were dropped, one in fifty", async () => {
    const report = await faulty((records) => records.filter((_, place) => place % 50 !== 7));
    expect(report.outcome).toBe("fault");
    expect(report.verdict).toContain("the sides do not hold the same records");
    expect(Object.keys(report.differences.atK.byCause)).toEqual(["records"]);
    expect(report.sides.target.exactRecall?.mean).toBe(1);
  });

  it("attributes results to records that the source never had", async () => {
    const report = await faulty((records) => [
      ...records,
      ...records.slice(0, 50).map((record) => ({ ...record, id: `copy-${record.id}` })),
    ]);
    expect(report.differences.atK.byCause.records).toBeGreaterThan(0);
    expect(report.findings[0]?.hint).toContain("ragfood migrate verify");
    expect(report.outcome).toBe("fault");
  });

  it("attributes results to vectors that were swapped", async () => {
    const report = await faulty((records) =>
      records.map((record, place) => ({
        ...record,
        vector: records[place < 60 ? (place + 1) % 60 : place]?.vector as Float32Array,
      })),
    );
    expect(report.outcome).toBe("fault");
    expect(Object.keys(report.differences.atK.byCause)).toEqual(["records"]);
  });

  it("leaves texts and metadata that change no result to the verification", async () => {
    const report = await faulty((records) =>
      records.map((record, place) =>
        place % 100 === 0 ? { ...record, text: `${record.text}!`, metadata: { topic: "other" } } : record,
      ),
    );
    expect(report).toMatchObject({ outcome: "same", agreement: { sameTop: 1 } });
  });

  it("accepts a text enriched and metadata joined", async () => {
    const report = await faulty((records) =>
      records.map((record) => ({
        ...record,
        text: `${record.text} This food is popular in India.`,
        metadata: { ...record.metadata, region: "India", original_text: record.text },
      })),
    );
    expect(report.outcome).toBe("same");
  });

  it("does not attribute it to a model if all vectors differ and no model is named", async () => {
    const report = await faulty((records) =>
      makeRecords(records.length, 1, 99).map((record, place) => ({ ...records[place], ...record })),
    );
    expect(report).toMatchObject({ outcome: "fault", relation: "carried" });
  });

  it("refuses a target whose search loses too much, and one that answers by another metric than it says", async () => {
    const records = makeRecords(300, 3);
    const [source, target] = [(await filled(records)).store, (await filled(records)).store];
    const random = seededRandom(5);
    const weak = await compared(
      source,
      answering(target, (matches) => matches.filter(() => random() >= 0.4)),
    );
    expect(kinds(weak.findings, "fault")).toEqual(["recall"]);
    expect(weak.verdict).toMatch(/mean recall@10 \d+\.\d % \(at least 85 %\)/);
    const euclidean = (await filled(records, { similarityFunction: "EUCLIDEAN" })).store;
    const lying = withMethod(euclidean, "info", async () => ({
      ...(await euclidean.info()),
      similarityFunction: "COSINE",
    }));
    const declared = await compared(source, lying);
    expect(declared.sides.target.metricInEffect).toBe("EUCLIDEAN");
    expect(declared.verdict).toContain("the target declares COSINE and answers by EUCLIDEAN");
  });

  it("waits for a target that still indexes", async () => {
    const records = makeRecords(300);
    const { index, store } = openIndex();
    await store.upsertRecords(records.slice(0, 200));
    index.indexingDelay.delayMs = 60_000;
    await store.upsertRecords(records.slice(200));
    const report = await compared((await filled(records)).store, store);
    expect(report.outcome).toBe("unfinished");
    expect(report.verdict).toContain("100 records of the target not yet found by queries");
    expect(Object.keys(report.differences.atK.byCause)).toEqual(["target-indexing"]);
  });

  it("finds a filter that one side reads differently", async () => {
    const records = makeRecords(300);
    const [source, target] = [(await filled(records)).store, (await filled(records)).store];
    const sample = { filter: parseFilter("topic < 3") };
    const report = await compared(source, target, { sample });
    expect(report.outcome).toBe("same");
    const strict = answering(target, (matches) =>
      matches.filter(({ metadata }) => Number(metadata?.topic) < 1),
    );
    const other = await compared(source, strict, { sample });
    expect(kinds(other.findings, "fault")).toContain("filter");
  });

  it("takes metadata that was joined for what it is: a filter on it finds nothing in the source (MIG-13)", async () => {
    const records = makeRecords(300);
    const bare = records.map(({ metadata: _, ...record }) => record);
    const sample = { filter: parseFilter("topic < 3") };
    const target = (await filled(records)).store;
    const report = await compared((await filled(bare)).store, target, { sample });
    expect(report.outcome).toBe("expected");
    expect(Object.keys(report.differences.atK.byCause)).toEqual(["joined-metadata"]);
    const partly = records.map(({ metadata, ...record }, place) =>
      place % 2 === 0 ? { ...record, ...(metadata && { metadata }) } : record,
    );
    const half = await compared((await filled(partly)).store, target, { sample });
    expect(half.outcome).toBe("expected");
    expect(Object.keys(half.differences.atK.byCause)).toEqual(["joined-metadata"]);
  });

  it("counts unexplained differences if only texts are asked", async () => {
    const embedders = { dense: new HashingEmbedder(64) };
    const settings = { dimension: 64, embeddingModel: "TEST_HASHING_64" };
    const documents = Array.from({ length: 60 }, (_, place) => ({
      id: `d${place}`,
      text: `dish ${place} ${["rice", "bread", "soup", "cheese"][place % 4]} ${place * 7}`,
      metadata: {},
    }));
    const [left, right] = [openIndex(settings, embedders).store, openIndex(settings, embedders).store];
    await left.upsert(documents);
    await right.upsert(documents);
    const queries = textQueries(documents.slice(0, 20).map(({ text }) => text));
    const shuffled = answering(right, (matches) => matches.slice(4));
    const report = await compared(left, shuffled, { queries });
    expect(kinds(report.findings, "fault")).toEqual(["recall", "unexplained"]);
  });

  it("reports queries that fail on one side, and stops for a caller who gives up", async () => {
    const records = makeRecords(100);
    const [source, target] = [(await filled(records)).store, (await filled(records)).store];
    let calls = 0;
    const flaky = withMethod(target, "query", async (...words) => {
      if (++calls % 10 === 0) throw new ServiceFaultError("upstash", "out of order");
      return target.query(...words);
    });
    const report = await compared(source, flaky, { sample: { count: 50 } });
    expect(report).toMatchObject({ outcome: "fault", agreement: { queries: 45, sameTop: 1 } });
    expect(report.verdict).toContain("5 queries failed on the target: out of order");
    const controller = new AbortController();
    const queries = await leaveOneOutQueries({ store: source }, { store: target }, { count: 5 });
    const stopped = compare({
      source: { store: source },
      target: { store: target },
      queries,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ code: "cancelled" });
  });
});

describe("compare: judged queries (MIG-8)", () => {
  it("calls a target worse that answers judged queries worse, by the paired test", async () => {
    const embedders = { dense: new HashingEmbedder(64) };
    const settings = { dimension: 64, embeddingModel: "TEST_HASHING_64" };
    const documents = Array.from({ length: 60 }, (_, place) => ({
      id: `d${place}`,
      text: `dish ${place * 13} of the house number ${place}`,
      metadata: {},
    }));
    const [left, right] = [openIndex(settings, embedders).store, openIndex(settings, embedders).store];
    await left.upsert(documents);
    await right.upsert(documents);
    const queries = judgedQueries(
      documents.slice(0, 30).map(({ id, text }) => ({ id, text, judgements: new Map([[id, 1]]) })),
    );
    const same = await compared(left, right, { queries });
    expect(same.judged).toMatchObject({ source: 1, target: 1, queries: 30, test: { pValue: 1 } });
    expect(same.outcome).toBe("same");
    const worse = await compared(
      left,
      answering(right, (matches) => matches.toReversed()),
      { queries },
    );
    expect(worse.judged?.test.meanDifference).toBeLessThan(-0.3);
    expect(kinds(worse.findings, "fault")).toContain("quality");
    const few = await compared(
      left,
      answering(right, (matches) => matches.toReversed()),
      {
        queries: queries.slice(0, 3),
        vectors: "re-embedded",
      },
    );
    expect(few.outcome).toBe("undecided");
    expect(few.verdict).toContain("a loss of more than 0.05 is not ruled out");
    const better = await compared(
      answering(left, (matches) => matches.toReversed()),
      right,
      {
        queries,
        vectors: "re-embedded",
      },
    );
    expect(kinds(better.findings, "fault")).not.toContain("quality");
  });
});

it("compares one namespace of each, and counts only its records", async () => {
  const records = makeRecords(60);
  const [source, target] = [(await filled(records)).store, openIndex().store];
  await target.upsertRecords(records, { namespace: "foods" });
  await target.upsertRecords(makeRecords(20, 1, 4), { namespace: "others" });
  const sides = { source: { store: source }, target: { store: target, namespace: "foods" } };
  const queries = await leaveOneOutQueries(sides.source, sides.target, { count: 20 });
  const report = await compare({ ...sides, queries });
  expect(report).toMatchObject({ outcome: "same", sides: { target: { recordCount: 60 } } });
});

it("refuses to compare by no query, or to a depth that no store gives", async () => {
  const { store } = await filled(makeRecords(5));
  const sides = { source: { store }, target: { store } };
  await expect(compare({ ...sides, queries: [] })).rejects.toMatchObject({ code: "usage" });
  await expect(compare({ ...sides, queries: textQueries(["x"]), k: 0 })).rejects.toMatchObject({
    code: "usage",
  });
});
