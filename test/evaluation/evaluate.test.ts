import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { bm25 } from "../../src/embedding/bm25.ts";
import {
  type EvaluationReport,
  evaluate,
  evaluationMarkdown,
  readBeirQueries,
  readGoldenQueries,
} from "../../src/evaluation/index.ts";
import { parseFilter } from "../../src/store/filter.ts";
import { sampleFoods } from "../helpers/foods.ts";
import { temporaryFile } from "../helpers/temporary.ts";
import { openIndex } from "../migration/compare/stores.ts";

async function foods() {
  const { store } = openIndex(
    { type: "SPARSE", dimension: 0, sparseEmbeddingModel: "BM25" },
    { sparse: bm25 },
  );
  await store.upsert(sampleFoods.map(({ id, text, ...metadata }) => ({ id, text, metadata })));
  return store;
}

describe("evaluate (OPS-5)", () => {
  it("gives the figures of every query, and means over those that can be judged", async () => {
    const store = await foods();
    const report: EvaluationReport = await evaluate(
      store,
      [
        { id: "curry", text: "fiery curry", judgements: new Map([["vindaloo", 1]]) },
        {
          id: "soup",
          text: "soup",
          judgements: new Map([
            ["pho", 2],
            ["gazpacho", 1],
            ["brie", 1],
          ]),
        },
        { id: "lost", text: "zzz", judgements: new Map([["brie", 1]]) },
        { id: "unjudged", text: "soup", judgements: new Map([["pho", 0]]) },
      ],
      { k: 5 },
    );
    expect(report.unjudged).toEqual(["unjudged"]);
    expect(report.queries.map(({ id }) => id)).toEqual(["curry", "soup", "lost"]);
    expect(report.queries[0]).toMatchObject({ ndcg: 1, recall: 1, precision: 0.2, reciprocalRank: 1 });
    expect(report.queries[1]).toMatchObject({ recall: 2 / 3, relevantCount: 3 });
    expect(report.queries[2]).toMatchObject({ ndcg: 0, recall: 0, reciprocalRank: 0, found: [] });
    expect(report.means.recall).toBeCloseTo((1 + 2 / 3) / 3, 12);
    expect(report.ndcgInterval?.low).toBeLessThan(report.means.ndcg);
    const lines = evaluationMarkdown(report).split("\n");
    expect(lines[2]).toMatch(/^\*\*nDCG@5 0\.\d{4}\*\*/);
    expect(lines.find((line) => line.startsWith("| lost"))).toContain("| none |");
  });

  it("asks with the query's filter, and in the namespace", async () => {
    const store = await foods();
    await store.upsert([{ id: "other", text: "soup of the day", metadata: {} }], { namespace: "n" });
    const judgements = new Map([["gazpacho", 1]]);
    const filter = parseFilter("region = 'Spain'");
    const filtered = await evaluate(store, [{ id: "q", text: "soup", filter, judgements }]);
    expect(filtered.queries[0]?.found).toEqual(["gazpacho"]);
    const elsewhere = await evaluate(store, [{ id: "q", text: "soup", judgements }], { namespace: "n" });
    expect(elsewhere.queries[0]?.found).toEqual(["other"]);
  });

  it("has nothing to say without a relevant record", async () => {
    const store = await foods();
    await expect(evaluate(store, [{ id: "q", text: "soup", judgements: new Map() }])).rejects.toMatchObject({
      code: "usage",
    });
  });
});

describe("readGoldenQueries", () => {
  it("reads the golden queries of the project, each with ids of grade 1", async () => {
    const queries = await readGoldenQueries("data/golden-queries.json");
    expect(queries.length).toBeGreaterThanOrEqual(30);
    expect(queries[1]?.judgements).toEqual(
      new Map([
        ["ful-medames", 1],
        ["feteer-meshaltet", 1],
      ]),
    );
  });

  it("takes grades, filters and JSON Lines", async () => {
    const file = temporaryFile(
      '{"id":"a","question":"soup?","relevant":{"pho":2},"filter":"region = \'Vietnam\'"}\n{"id":"b","question":"x","relevant":["y"]}\n',
    );
    const [first] = await readGoldenQueries(file);
    expect(first).toMatchObject({ id: "a", text: "soup?", filter: parseFilter("region = 'Vietnam'") });
    expect(first?.judgements.get("pho")).toBe(2);
  });

  it.each([
    ["no question", '[{"id":"a","relevant":["x"]}]', /line 1: "question"/],
    ["no relevant record", '[{"id":"a","question":"q","relevant":[]}]', /"relevant"/],
    [
      "one id twice",
      '{"id":"a","question":"q","relevant":["x"]}\n{"id":"a","question":"r","relevant":["x"]}',
      /line 2: the id comes twice/,
    ],
    ["nothing", "[]", /it holds no query/],
  ])("names what is wrong: %s", async (_, content, message) => {
    await expect(readGoldenQueries(temporaryFile(content))).rejects.toThrow(message);
  });
});

describe("readBeirQueries", () => {
  const queries = '{"_id":"q1","text":"one"}\n{"_id":"q2","text":"two"}\n{"_id":"q3","text":"three"}\n';

  it("joins texts and grades, gzipped or not, and leaves out what is not judged", async () => {
    const texts = temporaryFile(gzipSync(queries), "queries.jsonl.gz");
    const judgements = temporaryFile(
      gzipSync("query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\td2\t0\nq3\td 3\t1\r\n"),
      "qrels.tsv.gz",
    );
    const read = await readBeirQueries(texts, judgements);
    expect(read.map(({ id, text }) => [id, text])).toEqual([
      ["q1", "one"],
      ["q3", "three"],
    ]);
    expect(read[0]?.judgements).toEqual(
      new Map([
        ["d1", 2],
        ["d2", 0],
      ]),
    );
    expect(read[1]?.judgements).toEqual(new Map([["d 3", 1]]));
  });

  it("takes TREC's four columns", async () => {
    const read = await readBeirQueries(temporaryFile(queries), temporaryFile("q2 0 d9 3\nq2 0 d8 -1\n", "q"));
    expect(read).toMatchObject([
      {
        id: "q2",
        judgements: new Map([
          ["d9", 3],
          ["d8", -1],
        ]),
      },
    ]);
  });

  it.each([
    ["a grade that is no number", "q1\td1\tgood\n", /line 1 is no judgement/],
    ["too few columns", "q1\td1\t1\nq1\td2\n", /line 2 is no judgement/],
    ["a query without a text", "q9\td1\t1\n", /judges 1 queries that .* does not have, such as q9/],
    ["no judgement at all", "query-id\tcorpus-id\tscore\n", /holds no judgement/],
  ])("names what is wrong: %s", async (_, judgements, message) => {
    const reading = readBeirQueries(temporaryFile(queries), temporaryFile(judgements, "qrels.tsv"));
    await expect(reading).rejects.toThrow(message);
  });

  it("names a file that is not there", async () => {
    await expect(readBeirQueries(temporaryFile(queries), "/nowhere/qrels.tsv")).rejects.toMatchObject({
      code: "data",
      message: expect.stringContaining("/nowhere/qrels.tsv cannot be read"),
    });
  });
});
