import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { namesAllergen } from "../../src/rag/record/allergens.ts";
import { isForbidden } from "../../src/rag/record/judge.ts";
import { readVocabulary } from "../../src/rag/vocabulary/vocabulary.ts";

interface ShippedFood {
  readonly id: string;
  readonly region: string;
  readonly continent: string;
  readonly type: string;
  readonly ingredients: readonly string[];
  readonly allergens: readonly string[];
  readonly mayContain: readonly string[];
  readonly diet: readonly string[];
  readonly meal: readonly string[];
  readonly occasion?: readonly string[];
}

const foods: ShippedFood[] = JSON.parse(readFileSync("data/foods.json", "utf8"));
const vocabulary = readVocabulary();

/** Families that mean one value of the fields; `nuts` and `shellfish` mean several. */
const families = vocabulary.allergens.filter(
  ({ name, members }) =>
    members === undefined &&
    (name === "tree nuts" || foods.some(({ allergens }) => allergens.includes(name))),
);

describe("data/vocabulary, against the shipped foods (RAG-12)", () => {
  it("knows every region and continent as a place", () => {
    const places = new Set(vocabulary.places.map(({ name }) => name));
    const values = new Set(foods.flatMap(({ region, continent }) => [region, continent]));
    expect([...values].filter((value) => !places.has(value))).toEqual([]);
  });

  it("gives no word to two places", () => {
    const words = vocabulary.places.flatMap(({ name, words }) =>
      [name, ...words].map((word) => word.toLowerCase()),
    );
    expect(words.filter((word, place) => words.indexOf(word) !== place)).toEqual([]);
  });

  it.each(["type", "meal", "occasion"] as const)("has words for every %s", (role) => {
    const known = Object.keys(vocabulary.values[role] ?? {});
    const values = new Set(foods.flatMap((food) => food[role] ?? []));
    expect([...values].filter((value) => value !== "ingredient" && !known.includes(value))).toEqual([]);
  });

  it.each(families.map((family) => [family.name, family] as const))(
    "names %s in no ingredient whose record does not list it",
    (name, family) => {
      const value = name === "tree nuts" ? "nuts" : name;
      const lacking = foods.flatMap(({ id, ingredients, allergens, mayContain }) => {
        const named = ingredients.filter((ingredient) => namesAllergen(ingredient, family));
        return named.length > 0 && ![...allergens, ...mayContain].includes(value) ? [`${id}: ${named}`] : [];
      });
      expect(lacking).toEqual([]);
    },
  );

  it.each(["vegan", "vegetarian", "pescatarian"])("forbids no ingredient of a %s food", (diet) => {
    const rule = vocabulary.diets.find(({ name }) => name === diet);
    if (rule === undefined) throw new TypeError(`no rule for ${diet}`);
    const forbidden = foods.flatMap((food) =>
      food.diet.includes(diet)
        ? food.ingredients
            .filter((ingredient) => isForbidden(ingredient, rule))
            .map((each) => `${food.id}: ${each}`)
        : [],
    );
    expect(forbidden).toEqual([]);
  });
});
