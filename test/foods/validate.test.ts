import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Food } from "../../src/foods/food.ts";
import { readFoods, validateFile } from "../../src/foods/validate.ts";
import { DataError } from "../../src/foundation/errors.ts";
import { temporaryDirectory, temporaryFile } from "../helpers/temporary.ts";

async function faultsOf(content: string | Uint8Array): Promise<DataError> {
  const error = await validateFile(temporaryFile(content)).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(DataError);
  return error as DataError;
}

async function foodsOf(content: string | Uint8Array): Promise<Food[]> {
  const file = temporaryFile(content);
  const { count } = await validateFile(file);
  const foods: Food[] = [];
  for await (const food of readFoods(file)) foods.push(food);
  expect(foods).toHaveLength(count);
  return foods;
}

const good = [
  { id: "1", text: "A banana is yellow.", region: "Tropical", type: "Fruit" },
  { id: "2", text: "Extra fields stay.", dietary: ["Vegan"], nested: { a: 1 } },
];

describe("validateFile (VEC-7, RAG-7)", () => {
  it.each([
    ["a list", JSON.stringify(good, null, 2)],
    ["JSON Lines", good.map((food) => JSON.stringify(food)).join("\n")],
    ["a byte-order mark", `\uFEFF${JSON.stringify(good)}`],
    ["gzip", gzipSync(JSON.stringify(good))],
    ["Windows line ends", JSON.stringify(good, null, 2).replaceAll("\n", "\r\n")],
  ])("loads %s", async (_, content) => {
    expect(await foodsOf(content)).toEqual(good);
  });

  it("takes a region or type of null as absent", async () => {
    expect(await foodsOf('[{"id":"1","text":"x","region":null,"type":null}]')).toEqual([
      { id: "1", text: "x" },
    ]);
  });

  it("reports every fault at once, by line and id, with a hint", async () => {
    const error = await faultsOf(
      [
        "[",
        '{"id":"1","text":"fine"},',
        '{"id":"","text":"  "},',
        '{"text":5},',
        '{"id":7,"text":"number id"},',
        '{"id":"1","text":"taken"},',
        '{"id":"6","text":"x","region":["a"],"type":3},',
        '"no object",',
        '{"id":"8","text":"x","original_text":"y"}',
        "]",
      ].join("\n"),
    );
    expect(error.faults).toEqual([
      { line: 3, index: 1, problem: '"id" is empty' },
      { line: 3, index: 1, problem: '"text" is empty' },
      { line: 4, index: 2, problem: '"id" is missing' },
      { line: 4, index: 2, problem: '"text" has to be a string, this is a number' },
      { line: 5, index: 3, problem: '"id" has to be a string, this is a number' },
      { line: 6, index: 4, id: "1", problem: "the id is taken by record 1" },
      { line: 7, index: 5, id: "6", problem: '"region" has to be a string, this is a list' },
      { line: 7, index: 5, id: "6", problem: '"type" has to be a string, this is a number' },
      { line: 8, index: 6, problem: "a record has to be an object, this is a string" },
      {
        line: 9,
        index: 7,
        id: "8",
        problem: 'the field "original_text" is kept for the text itself; rename it',
      },
    ]);
    expect(error.message).toContain("10 faults in 8 records; nothing was written");
  });

  it("names the record by number and id in a file of one line", async () => {
    const list = [...good, { id: "3" }, { id: "1", text: "taken" }];
    const { message } = await faultsOf(JSON.stringify(list));
    expect(message).toContain('line 1, record 3 (id "3"): "text" is missing');
    expect(message).toContain('line 1, record 4 (id "1"): the id is taken by record 1');
    const broken = JSON.stringify(list).replace('"3"', "3,");
    expect((await faultsOf(broken)).message).toMatch(/line 1, record 3: unexpected "}"/);
    const unseparated = JSON.stringify(good).replace("},{", "}{");
    expect((await faultsOf(unseparated)).message).toMatch(/in place of "," or "]", after record 1/);
  });

  it("names the fields of a file of another shape", async () => {
    const error = await faultsOf('[{"key":"Greek Salad","words":"Tomatoes and feta."}]');
    expect(error.hint).toContain("key, words");
  });

  it("offers the fields that hold the text in a file of another shape", async () => {
    const error = await faultsOf('[{"id":"1","name":"Greek Salad","description":"Tomatoes and feta."}]');
    expect(error.hint).toContain('have no "text"');
    expect(error.hint).toContain("--text-field name --text-field description");
  });

  it.each([
    ['{"id":"1","text":"x","n":1610521604143693812}', /^n: 1610521604143693812 is an integer beyond 2\^53/],
    ['{"id":"1","text":"x","a":{"b":[1,1e400]}}', /^a\.b\[1\]: 1e400 is outside the range/],
    ['{"id":"1","text":"x","text":"y"}', /the key "text" occurs twice/],
    ['{"id":"1","text":"half \\ud800"}', /^text: a text holds half of a surrogate pair/],
    ['{"id":"1","text":"x","a\\udc00":1}', /half of a surrogate pair/],
    ['{"id":"1","text":"x","list":["\\ud83d"]}', /^list\[0\]: a text holds half/],
    ['{"id":"a\\u0000b","text":"x"}', /the id has the character U\+0000/],
    [JSON.stringify({ id: "1", text: "word ".repeat(220_000) }), /the text takes 110\d+ bytes/],
    [JSON.stringify({ id: "1", text: "word ".repeat(12_000) }), /the field "original_text"; the index takes/],
  ])("refuses %# before anything is written, with line, record and key", async (record, problem) => {
    const { faults } = await faultsOf(`{"id":"0","text":"fine"}\n${record}\n{"id":"2"}`);
    expect(faults[0]).toMatchObject({ line: 2, index: 1, problem: expect.stringMatching(problem) });
    expect(faults.at(-1)).toMatchObject({ line: 3, index: 2, problem: '"text" is missing' });
  });

  it("names the limit, not missing ids, in the advice on a text that is too long", async () => {
    const { hint } = await faultsOf(JSON.stringify([{ id: "1", text: "word ".repeat(12_000) }]));
    expect(hint).toContain("Split the text");
    expect(hint).not.toContain('string "id"');
  });

  it("takes a text of 50,000 characters if the template does not change it", async () => {
    const file = temporaryFile(JSON.stringify([{ id: "1", text: "word ".repeat(10_000).trim() }]));
    expect(await validateFile(file, { template: "{text}" })).toMatchObject({ count: 1 });
  });

  it("joins the fields that are named as the text, as sentences", async () => {
    const dish = { id: "1", name: "Greek Salad", tags: ["cold", "vegan"], description: "Tomatoes and feta." };
    const file = temporaryFile(JSON.stringify([dish]));
    const textFields = ["name", "tags", "description", "missing"];
    await validateFile(file, { textFields });
    const foods: Food[] = [];
    for await (const food of readFoods(file, textFields)) foods.push(food);
    expect(foods).toEqual([{ ...dish, text: "Greek Salad. cold, vegan. Tomatoes and feta." }]);
  });

  it("does not lose a text that is not among the fields that are named", async () => {
    const file = temporaryFile('[{"id":"1","text":"x","name":"y"}]');
    await expect(validateFile(file, { textFields: ["name"] })).rejects.toThrow(/"text" would be lost/);
  });

  it("counts faults past the twentieth", async () => {
    const error = await faultsOf(
      JSON.stringify(Array.from({ length: 30 }, () => ({ id: "same", text: "x" }))),
    );
    expect(error.faults).toHaveLength(20);
    expect(error.faultCount).toBe(29);
    expect(error.message).toContain("and 9 more");
  });

  it.each([
    ['[\n{"id": "1", "text": "x"},\n{"id": "2"\n "text": "y"}\n]', /line 4, record 2: unexpected/],
    ['[{"id": "1", "text": "x}]', /line 1, record 1: the file ends inside the record that starts on line 1/],
    ["{'id': 1}", /line 1, record 1: unexpected "'"/],
    ["not json", /line 1, record 1: unexpected "n"/],
  ])("says on which line %j is not JSON", async (content, message) => {
    expect((await faultsOf(content)).message).toMatch(message);
  });

  it("explains why a file cannot be read as text", async () => {
    expect((await faultsOf(Buffer.from("fffe5b005d00", "hex"))).message).toMatch(/UTF-16/);
    expect((await faultsOf(Buffer.from('[{"id":"1","text":"caf\xe9"}]', "latin1"))).message).toMatch(
      /not UTF-8/,
    );
    expect((await faultsOf(gzipSync(JSON.stringify(good)).subarray(0, 40))).message).toMatch(
      /cannot be read/,
    );
    expect((await faultsOf("[]")).message).toMatch(/holds no records/);
    const directory = temporaryDirectory();
    await expect(validateFile(directory)).rejects.toThrow(/is a directory/);
    await expect(validateFile(join(directory, "missing.json"))).rejects.toThrow(/does not exist/);
  });

  it("refuses a record whose metadata Upstash would not take, and counts repeated and long texts", async () => {
    const heavy = JSON.stringify([{ id: "1", text: "x", notes: "n".repeat(50_000) }]);
    expect((await faultsOf(heavy)).faults[0]?.problem).toMatch(
      /of them the field "notes"; the index takes 49152/,
    );
    const long = "word ".repeat(600);
    const file = temporaryFile(
      JSON.stringify([
        { id: "1", text: long },
        { id: "2", text: long },
        { id: "3", text: "short" },
      ]),
    );
    expect(await validateFile(file)).toMatchObject({ count: 3, longTexts: 2, repeatedTexts: 1 });
  });

  it("reads a large file in memory that does not grow with it", async () => {
    const file = join(temporaryDirectory(), "large.jsonl");
    const filler = "x".repeat(400);
    for (let part = 0; part < 10; part++) {
      const lines = Array.from(
        { length: 10_000 },
        (_, n) => `{"id":"${part}-${n}","text":"food ${part}-${n} ${filler}"}\n`,
      );
      writeFileSync(file, lines.join(""), { flag: "a" });
    }
    const before = process.memoryUsage().heapUsed;
    let peak = 0;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().heapUsed);
    }, 5);
    const { count } = await validateFile(file);
    clearInterval(watch);
    expect(count).toBe(100_000);
    // The file is 45 MB.
    expect(peak - before).toBeLessThan(150_000_000);
  });
});
