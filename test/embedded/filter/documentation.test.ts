import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compileFilter, parseFilter } from "../../../src/embedded/filter/index.ts";

const page = readFileSync(new URL("../../../docs/filters.md", import.meta.url), "utf8");
const blocks = Array.from(page.matchAll(/^```(?:json)?\n(.*?)^```/gms), (match) => match[1] as string);
const [record = "", examples = ""] = blocks;
const errors = blocks.find((block) => block.startsWith("Invalid filter.")) ?? "";

describe("docs/filters.md", () => {
  const food = JSON.parse(record) as unknown;

  test.each(examples.trim().split("\n"))("its example is true of its record: %s", (filter) => {
    const expected = !filter.startsWith("energy < 400");
    expect(compileFilter(parseFilter(filter))(food)).toBe(expected);
  });

  test.each(errors.trim().split("\n"))("its error is the one thrown: %s", (line) => {
    const [message = "", filter = ""] = line.split(/ {6}/);
    expect(() => parseFilter(filter)).toThrow(expect.objectContaining({ message }));
  });

  test.each([
    "energy = '420'",
    "energy != '420'",
    "energy NOT GLOB '4*'",
    "region NOT CONTAINS 'x'",
    "allergens != 'milk'",
    "energy < 'x'",
    "vegan < 1",
    "HAS FIELD allergens.length",
    "HAS FIELD allergens.0",
    "allergens#-1] = 'nuts'",
    "season != 'winter' OR HAS NOT FIELD season",
  ])("what it calls unknown or missing is not true: %s", (filter) => {
    expect(compileFilter(parseFilter(filter))(food)).toBe(false);
  });

  test("what it says of booleans and of a stored null", () => {
    expect(compileFilter(parseFilter("vegan = 0 AND vegan = false AND HAS FIELD season"))(food)).toBe(true);
  });
});
