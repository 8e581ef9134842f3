import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sampleFoods } from "../helpers/foods.ts";
import { runHere } from "../helpers/run-here.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

function project() {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "foods.json"), JSON.stringify(sampleFoods));
  writeFileSync(join(directory, ".env"), "JSON_FILE=foods.json\n");
  writeFileSync(
    join(directory, "golden.json"),
    JSON.stringify([
      { id: "g1", question: "Which curry is fiery?", relevant: ["vindaloo"] },
      { id: "g2", question: "a raw, cold or fragrant soup", relevant: { gazpacho: 2, pho: 1 } },
      { id: "g3", question: "kaleidoscope", relevant: ["brie"] },
    ]),
  );
  return directory;
}

describe("evaluate (OPS-5)", () => {
  it("fills the index at first use, prints a line a query and the figures, and JSON for a program", async () => {
    const directory = project();
    const text = await runHere(["evaluate", "--queries", "golden.json"], { directory });
    expect(text.code).toBe(0);
    expect(text.out).toMatch(
      /^query {2}nDCG@10 {2}recall {2}first {2}text\ng1 +1\.0000 +1\.0000 +1 {2}Which curry/,
    );
    expect(text.out).toMatch(/g3 +0\.0000 +0\.0000 +– {2}kaleidoscope/);
    expect(text.out).toMatch(
      /\nnDCG@10 0\.6667 \(95 %: 0\.\d{4} to \d\.\d{4}\)\nrecall@10 0\.6667 · precision@10 0\.1000/,
    );
    const json = await runHere(["evaluate", "--queries", "golden.json", "-k", "1", "--json"], { directory });
    expect(JSON.parse(json.out)).toMatchObject({
      store: "embedded",
      k: 1,
      means: { recall: 0.5 },
      queries: [
        { id: "g1", ndcg: 1 },
        { id: "g2", ndcg: 1, recall: 0.5 },
        { id: "g3", ndcg: 0 },
      ],
    });
  });

  it("ends with code 1 below the minimum, and 0 at it", async () => {
    const directory = project();
    const golden = ["evaluate", "--queries", "golden.json", "--minimum"];
    expect((await runHere([...golden, "0.6"], { directory })).code).toBe(0);
    const below = await runHere([...golden, "0.7"], { directory });
    expect(below).toMatchObject({ code: 1, error: expect.stringContaining("below the minimum of 0.7") });
    const json = await runHere([...golden, "0.7", "--json"], { directory });
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({ minimum: 0.7, isBelow: true });
  });

  it("fails with a hint without records or without a file of queries", async () => {
    const directory = project();
    const other = ["evaluate", "--queries", "golden.json", "--namespace", "other"];
    const none = await runHere(other, { directory });
    expect(none).toMatchObject({ code: 1, out: "" });
    expect(none.error).toContain("Fill the namespace with: ragfood ingest --namespace other");
    await runHere(["ingest"], { directory });
    const empty = await runHere(other, { directory });
    expect(empty).toMatchObject({ code: 1, out: "" });
    expect(empty.error).toContain('The index holds no records to measure in the namespace "other".');
    expect(empty.error).toContain("ragfood ingest --namespace other");
    const missing = await runHere(["evaluate", "--queries", "nowhere.json"], { directory });
    expect(missing).toMatchObject({ code: 1, out: "" });
    expect(missing.error).toContain("nowhere.json does not exist.\nName a file of queries with --queries.");
  });

  it("takes queries and judgements in BEIR's form, with either gain", async () => {
    const directory = project();
    writeFileSync(
      join(directory, "queries.jsonl"),
      '{"_id":"1","text":"raw cold fragrant soup"}\n{"_id":"2","text":"x"}\n',
    );
    writeFileSync(join(directory, "qrels.tsv"), "query-id\tcorpus-id\tscore\n1\tgazpacho\t1\n1\tpho\t3\n");
    const words = ["evaluate", "--queries", "queries.jsonl", "--judgements", "qrels.tsv", "--json"];
    const linear = JSON.parse((await runHere(words, { directory })).out);
    const discount = 1 / Math.log2(3);
    expect(linear.queries).toHaveLength(1);
    expect(linear.means.ndcg).toBeCloseTo((1 + 3 * discount) / (3 + discount), 12);
    const exponential = JSON.parse((await runHere([...words, "--gain", "exponential"], { directory })).out);
    expect(exponential.means.ndcg).toBeCloseTo((1 + 7 * discount) / (7 + discount), 12);
  });

  it.each([
    [["--top-k", "0"], "--top-k has to be"],
    [["--minimum", "2"], "--minimum has to be a number from 0 to 1"],
    [["--minimum", ""], "--minimum has to be a number from 0 to 1"],
    [["--gain", "square"], "--gain has to be linear or exponential"],
    [["--judgements", "qrels.tsv"], "--judgements needs --queries"],
  ])("refuses %j with code 2", async (words, message) => {
    const result = await runHere(["evaluate", ...words], { directory: project() });
    expect(result).toMatchObject({ code: 2, error: expect.stringContaining(message) });
  });

  it("names a file that holds no queries, with code 1", async () => {
    const directory = project();
    const missing = await runHere(["evaluate", "--queries", "none.json"], { directory });
    expect(missing).toMatchObject({ code: 1, error: expect.stringContaining("none.json") });
    const foods = await runHere(["evaluate", "--queries", "foods.json"], { directory });
    expect(foods).toMatchObject({ code: 1, error: expect.stringContaining('line 1: "question"') });
    expect(foods.error).toContain('A query looks like {"id": "q01"');
  });

  it("judges answers by kind, and compares with a saved run", async () => {
    const directory = project();
    const asked = ["evaluate", "answers", "--queries", "golden.json"];
    const first = await runHere([...asked, "--json"], { directory });
    expect(JSON.parse(first.out).total).toMatchObject({ count: 3, outcomes: { well: 2 } });
    writeFileSync(join(directory, "run.json"), first.out);
    const again = await runHere([...asked, "--against", "run.json", "--minimum", "0.9"], { directory });
    expect(again.code).toBe(1);
    expect(again.out).toMatch(/g3 +declined/);
    expect(again.out).toMatch(/well 0\.0 % \(p = 1\.000\).*over 3 questions of both runs/);
    for (const [wrong, message] of [
      [["evaluate", "answer"], /no action "answer"/],
      [["evaluate", "--split", "tune"], /evaluate ranking has no --split. These have it: evaluate answers/],
      [[...asked, "--gain", "linear"], /evaluate answers has no --gain. These have it: evaluate ranking/],
      [[...asked, "--split", "tune"], /no question of this kind and split/],
      [[...asked, "--against", "golden.json"], /golden\.json (cannot be read as|is not) a saved run/],
    ] as const) {
      const { code, error } = await runHere([...wrong], { directory });
      expect(code).not.toBe(0);
      expect(error).toMatch(message);
    }
  });
});
