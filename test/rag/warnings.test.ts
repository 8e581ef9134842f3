import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Food } from "../../src/foods/food.ts";
import { foodEngine } from "../helpers/food-engine.ts";

const foods = JSON.parse(readFileSync(new URL("../../data/foods.json", import.meta.url), "utf8")) as (Food & {
  name: string;
})[];
const names = `Makowiec,Baklava,Tiramisù,Coq au Vin,Dark Chocolate,Cacao,Grape,Honey,Hummus,Fig,Poppy Seed,Mango`;
const some = foods.filter(({ name }) => names.split(",").includes(name));

async function ask(question: string): Promise<string> {
  const { engine } = await foodEngine({}, some);
  return (await engine.ask(question)).text;
}

describe("a warning about an ingredient, for the dishes with it", () => {
  it.each([
    ["Is makowiec ok for a baby?", /^Makowiec contains honey\. Honey is not for babies under twelve months/],
    ["Can my 8 month old eat baklava?", /^Baklava may contain honey\. Honey is not for babies/],
    ["Is coq au vin ok during pregnancy?", /^Coq au Vin contains alcohol\. Alcohol is not for children/],
    ["Is tiramisu ok for kids?", /^Tiramisù may contain alcohol\. /],
    ["Can dogs have dark chocolate?", /^Dark Chocolate: Chocolate and cocoa have .* toxic to dogs and cats/],
    ["Are grapes poisonous to dogs?", /^Grapes and raisins are toxic to dogs\./],
  ])("a warning is given first: %s", async (question, start) => {
    expect(await ask(question)).toMatch(start);
  });

  it("stands in a list for a child", async () => {
    expect(await ask("my son is 10 months, honey cake ok?")).toContain(
      "- Makowiec: Makowiec contains honey. Honey is not for babies",
    );
  });

  it("is not said where the record says it itself, or only compares", async () => {
    expect(await ask("Can my 1 year old eat honey?")).not.toContain("Honey is not for babies");
    expect(await ask("Can my baby eat figs?")).toContain("does not mention babies or children");
  });
});
