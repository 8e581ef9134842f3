import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { tokenize } from "../../src/embedding/tokenizer.ts";
import { validateFile } from "../../src/foods/validate.ts";

interface ShippedFood {
  readonly id: string;
  readonly name: string;
  readonly text: string;
  readonly region: string;
  readonly continent: string;
  readonly type: string;
  readonly allergens: string[];
  readonly diet: string[];
  readonly season: string[];
}

const foods: ShippedFood[] = JSON.parse(readFileSync("data/foods.json", "utf8"));

/** Texts that share more of their words than this say the same thing twice. */
const mostSharedWords = 0.45;

/** The foods for which something holds, by id: a test that fails names them. */
const offenders = (holds: (food: ShippedFood) => boolean) => foods.filter(holds).map(({ id }) => id);

describe("data/foods.json (RAG-7)", () => {
  it("keeps to its schema and its vocabulary", () => {
    const ajv = new Ajv2020({ allErrors: true, strict: true });
    const validate = ajv.compile(JSON.parse(readFileSync("data/foods.schema.json", "utf8")));
    validate(foods);
    expect(validate.errors?.map(({ instancePath, message }) => `${instancePath} ${message}`) ?? []).toEqual(
      [],
    );
  });

  it("has at least 500 foods, of all continents, 40 regions and 25 types", () => {
    expect(foods.length).toBeGreaterThanOrEqual(500);
    expect(new Set(foods.map(({ continent }) => continent)).size).toBe(7);
    expect(new Set(foods.map(({ region }) => region)).size).toBeGreaterThanOrEqual(40);
    expect(new Set(foods.map(({ type }) => type)).size).toBeGreaterThanOrEqual(25);
  });

  it("has each region on one continent", () => {
    const continents = new Map<string, string>();
    for (const { region, continent } of foods) {
      expect(continents.get(region) ?? continent).toBe(continent);
      continents.set(region, continent);
    }
  });

  it("has unique ids and names, and no two texts that say the same", () => {
    expect(new Set(foods.map(({ id }) => id)).size).toBe(foods.length);
    expect(new Set(foods.map(({ name }) => name.toLowerCase())).size).toBe(foods.length);
    const words = foods.map(({ text }) => new Set(tokenize(text)));
    const alike: string[] = [];
    for (let left = 0; left < foods.length; left++) {
      for (let right = 0; right < left; right++) {
        const [first, second] = [words[left] as Set<string>, words[right] as Set<string>];
        let shared = 0;
        for (const word of first) if (second.has(word)) shared++;
        if (shared / (first.size + second.size - shared) > mostSharedWords)
          alike.push(`${foods[left]?.id} ~ ${foods[right]?.id}`);
      }
    }
    expect(alike).toEqual([]);
  });

  it("does not contradict itself on diet and allergens", () => {
    const has = (list: readonly string[], ...words: string[]) => words.some((word) => list.includes(word));
    expect(
      offenders(({ diet }) => has(diet, "vegan") && !(has(diet, "vegetarian") && has(diet, "dairy-free"))),
    ).toEqual([]);
    expect(offenders(({ diet }) => has(diet, "vegetarian") && !has(diet, "pescatarian"))).toEqual([]);
    expect(
      offenders(({ diet, allergens }) => has(diet, "vegan", "dairy-free") && has(allergens, "milk")),
    ).toEqual([]);
    expect(offenders(({ diet, allergens }) => has(diet, "vegan") && has(allergens, "eggs"))).toEqual([]);
    expect(offenders(({ diet, allergens }) => has(diet, "gluten-free") && has(allergens, "gluten"))).toEqual(
      [],
    );
    expect(
      offenders(
        ({ diet, allergens }) => has(diet, "vegetarian") && has(allergens, "fish", "crustaceans", "molluscs"),
      ),
    ).toEqual([]);
    expect(offenders(({ season }) => has(season, "all year") && season.length > 1)).toEqual([]);
  });

  it("loads as any user's file does", async () => {
    expect(await validateFile("data/foods.json")).toMatchObject({
      count: foods.length,
      repeatedTexts: 0,
      longTexts: 0,
    });
  });
});
