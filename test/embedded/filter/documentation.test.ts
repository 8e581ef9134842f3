import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { compileFilter, parseFilter } from "../../../src/embedded/filter/index.ts";
import type { Food } from "../../../src/foods/food.ts";

const page = readFileSync(new URL("../../../docs/filters.md", import.meta.url), "utf8");
const shipped = readFileSync(new URL("../../../data/foods.json", import.meta.url), "utf8");
const foods = JSON.parse(shipped) as Food[];

const blocks = Array.from(page.matchAll(/^```(?:json)?\n(.*?)^```/gms), (match) => match[1] as string);
const [shownFood = "", examples = "", ownRecord = "", ownExamples = ""] = blocks;
const errors = blocks.find((block) => block.startsWith("Invalid filter.")) ?? "";
/** Filters in running text, unless they are only a word or a piece of one. */
const inline = Array.from(
  page.matchAll(/`([a-z_]+[^`\n]* (?:=|!=|<|GLOB|CONTAINS) [^`\n]+)`/g),
  (match) => match[1],
);

function lines(block: string): string[] {
  return block.trim().split("\n");
}

function holds(filter: string, record: unknown): boolean {
  return compileFilter(parseFilter(filter))(record);
}

describe("docs/filters.md", () => {
  const food = JSON.parse(shownFood) as Food;
  const own = JSON.parse(ownRecord) as unknown;

  test("shows an unchanged food of the shipped data", () => {
    expect(foods.find(({ id }) => id === food.id)).toMatchObject(food);
  });

  test.each(lines(examples))("its example is true of that food, and not of every food: %s", (filter) => {
    expect(holds(filter, food)).toBe(true);
    expect(foods.some((other) => !holds(filter, other))).toBe(true);
  });

  test.each(lines(ownExamples))("its example is true of a record of one's own: %s", (filter) => {
    expect(holds(filter, own)).toBe(true);
  });

  test("its way to have the records without a field as well finds some of both kinds", () => {
    const filter = "occasion NOT CONTAINS 'Christmas' OR HAS NOT FIELD occasion";
    expect(page).toContain(`\n${filter}\n`);
    const found = foods.filter((each) => holds(filter, each));
    expect(found.some((each) => "occasion" in each)).toBe(true);
    expect(found.some((each) => !("occasion" in each))).toBe(true);
    expect(holds("occasion NOT CONTAINS 'Christmas'", food)).toBe(false);
  });

  test.each(lines(errors))("its error is the one thrown: %s", (line) => {
    const [message = "", filter = ""] = line.split(/ {6}/);
    expect(() => parseFilter(filter)).toThrow(expect.objectContaining({ message }));
  });

  test.each([
    "energy_kcal_per_100g = '514'",
    "energy_kcal_per_100g != '514'",
    "energy_kcal_per_100g NOT GLOB '4*'",
    "region NOT CONTAINS 'x'",
    "allergens != 'milk'",
    "region < 'x'",
    "allergens#-1] = 'milk'",
  ])("what it calls unknown or missing is not true: %s", (filter) => {
    expect(inline).toContain(filter);
    expect(holds(filter, food)).toBe(false);
  });

  test("a key is not looked for in a list, and booleans have no order", () => {
    expect(holds("HAS FIELD allergens.length OR HAS FIELD allergens.0", food)).toBe(false);
    expect(holds("vegan < 1", own)).toBe(false);
  });

  test("what it says of booleans and of a stored null", () => {
    expect(holds("vegan = 0 AND vegan = false AND HAS FIELD harvest", own)).toBe(true);
    expect(holds("harvest = 'x' OR harvest != 'x'", own)).toBe(false);
  });
});
