import { describe, expect, it } from "vitest";
import { foodEngine } from "../helpers/food-engine.ts";

const plain = { region: "France", type: "Soup", mayContain: [] as string[], alcohol: false };
const foods = [
  {
    ...plain,
    id: "leek",
    name: "Leek Soup",
    text: "Leek soup is a soup of leeks.",
    ingredients: ["leeks"],
    allergens: ["celery"],
    mayContain: ["mustard"],
    diet: ["vegan"],
  },
  {
    ...plain,
    id: "cream",
    name: "Cream Soup",
    text: "Cream soup is a soup with cream.",
    ingredients: ["cream"],
    allergens: ["milk"],
    diet: ["vegetarian"],
  },
];

const filter = "diet CONTAINS 'vegan' AND allergens NOT CONTAINS 'milk' AND region = 'France'";

describe("conditions of a filter on what a person must avoid", () => {
  it("get the same care as words", async () => {
    const { engine } = await foodEngine({}, foods);
    const { text, plan } = await engine.ask("a soup", { filter });
    expect(plan.constraints.map(({ key }) => key)).toEqual(["type:soup", "diet:vegan", "excluded:milk"]);
    expect(text).toContain("vegan; without: milk");
    expect(text).toContain("contains celery; may contain mustard");
    expect(text).toContain("check the label");
  });

  it("can be ignored as a part, and still filter", async () => {
    const { engine } = await foodEngine({}, foods);
    const { plan, sources } = await engine.ask("a soup", { filter, ignore: ["excluded:milk"] });
    expect(plan.constraints.map(({ key }) => key)).toEqual(["type:soup", "diet:vegan"]);
    expect(sources.map(({ id }) => id)).toEqual(["leek"]);
  });

  it("name a diet that foods must not be of", async () => {
    const { engine } = await foodEngine({}, foods);
    const { text, plan } = await engine.ask("a soup", { filter: "diet NOT CONTAINS 'vegan'" });
    expect(plan.constraints.map(({ key }) => key)).toEqual(["type:soup", "not:vegan"]);
    expect(text).toContain("1 food (only: Soup, not vegan)");
  });

  it("stay a filter if only one of them has to hold", async () => {
    const { engine } = await foodEngine({}, foods);
    const { plan } = await engine.ask("a soup", {
      filter: "allergens NOT CONTAINS 'milk' OR region = 'France'",
    });
    expect(plan.constraints.map(({ key }) => key)).toEqual(["type:soup"]);
  });
});
