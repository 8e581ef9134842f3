import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Food } from "../../src/foods/food.ts";
import { writeOutAges } from "../../src/rag/understanding/write-out.ts";
import { foodEngine } from "../helpers/food-engine.ts";

const foods = JSON.parse(readFileSync(new URL("../../data/foods.json", import.meta.url), "utf8")) as (Food & {
  name: string;
})[];
const some = foods.filter(({ name }) =>
  ["Honey", "Grape", "Makowiec", "Black Forest Cake", "Lamington", "Tamales", "Hummus"].includes(name),
);

describe("a question for a person of an age", () => {
  it.each([
    "Can my 1 year old eat honey?",
    "Can my 11 month old have honey?",
    "Can a two-year-old eat honey?",
    "Is honey ok at 10 months?",
    "my son is 10 months, is honey ok?",
    "Is honey fine for age 1?",
    "Is honey safe and vegan for my 1 year old with a milk allergy?",
  ])("gets the warning of the record: %s", async (question) => {
    const { engine } = await foodEngine({}, some);
    const { text } = await engine.ask(question);
    expect(text).toContain("Never give it to babies under twelve months");
    expect(text).not.toMatch(/does not mention “/);
  });

  it("begins with the warning", async () => {
    const { engine } = await foodEngine({}, some);
    expect((await engine.ask("Can a 3 year old eat grapes?")).text).toMatch(
      /^Grape: Cut them lengthwise in quarters for small children/,
    );
    expect((await engine.ask("What does honey taste like for my 1 year old?")).text).toMatch(
      /^Honey: Never give it/,
    );
  });

  it.each(["my son is 10 months, honey cake ok?", "a vegetarian cake for my 3 year old"])(
    "ends a list with the caution: %s",
    async (question) => {
      const { engine } = await foodEngine({}, some);
      expect((await engine.ask(question)).text).toContain("A record without a warning is no recommendation");
    },
  );

  it("is not seen in the age of a food", () => {
    for (const text of ["Is 3 year old rice safe?", "cheese aged 18 months", "a 20 year old balsamic"])
      expect(writeOutAges(text)).toBe(text);
  });
});
