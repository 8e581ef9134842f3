import { describe, expect, it } from "vitest";
import { bm25 } from "../../src/embedding/bm25.ts";
import { tokenize } from "../../src/embedding/tokenizer.ts";

describe("tokenize", () => {
  it.each([
    ["The spicy dishes of India", ["spici", "dish", "india"]],
    ["Jalapeño, CRÈME brûlée", ["jalapeno", "creme", "brule"]],
    ["Don't eat Grandma's cookies", ["eat", "grandma", "cooki"]],
    ["100 g of omega-3", ["100", "g", "omega", "3"]],
    ["日本 寿司", ["日本", "寿司"]],
    ["the of and", []],
    ["", []],
  ])("the text %j has the tokens %j", (text, terms) => {
    expect(tokenize(text)).toEqual(terms);
  });
});

describe("bm25", () => {
  it("weighs a document's terms by tf(k1+1)/(tf+k1(1−b+b·length/32)), k1 1.2, b 0.75", () => {
    const { values } = bm25.embed("rice rice beans", "document");
    const saturation = 1.2 * (0.25 + (0.75 * 3) / 32);
    expect(values).toEqual([Math.fround((2 * 2.2) / (2 + saturation)), Math.fround(2.2 / (1 + saturation))]);
  });

  it("weighs a query's terms 1, each once, and puts a term at the same index in both", () => {
    const query = bm25.embed("rice and rices and beans", "query");
    const document = bm25.embed("beans with rice", "document");
    expect(query.values).toEqual([1, 1]);
    expect([...query.indices].sort()).toEqual([...document.indices].sort());
  });

  it("makes int32 indices, and at most the 1,000 heaviest of a long text", () => {
    const words = Array.from({ length: 1_500 }, (_, n) => `word${n}`);
    const { indices, values } = bm25.embed(`${words.join(" ")} ${"word7 ".repeat(50)}`, "document");
    expect(indices).toHaveLength(1_000);
    expect(indices.every((index) => Number.isInteger(index) && index >= 0 && index <= 0x7fffffff)).toBe(true);
    expect(indices).toContain(bm25.embed("word7", "query").indices[0]);
    expect(Math.max(...values)).toBe(values[0]);
  });
});
