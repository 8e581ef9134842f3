import { describe, expect, it } from "vitest";
import type { Food } from "../../src/foods/food.ts";
import { foodEngine } from "../helpers/food-engine.ts";

const plain = { region: "France", mayContain: [], allergens: [] as string[], diet: ["gluten-free"] };
const cheese = { ...plain, type: "Cheese", allergens: ["milk"], diet: ["vegetarian"] };
const bread = { ...plain, type: "Bread" };
const foods: Food[] = [
  { ...cheese, id: "brie", name: "Brie", text: "Brie is a cow's milk cheese.", ingredients: ["cow's milk"] },
  {
    ...cheese,
    id: "feta",
    name: "Feta",
    text: "Feta is a white cheese.",
    ingredients: ["sheep's milk", "goat's milk"],
  },
  {
    ...cheese,
    id: "halloumi",
    name: "Halloumi",
    text: "Halloumi is a cheese, often with cow's milk added.",
    ingredients: ["sheep's milk"],
  },
  { ...cheese, id: "paneer", name: "Paneer", text: "Paneer is a fresh cheese.", ingredients: ["milk"] },
  { ...bread, id: "queijo", name: "Pão de Queijo", text: "A roll of cassava.", ingredients: ["cassava"] },
  {
    ...bread,
    id: "arepa",
    name: "Arepa",
    text: "A corn disc.",
    type: "Flatbread",
    ingredients: ["corn"],
  },
  {
    ...plain,
    id: "pho",
    name: "Pho",
    text: "Pho is a noodle soup. It keeps a day in the fridge.",
    type: "Soup",
    ingredients: ["noodles"],
  },
  {
    ...plain,
    id: "ramen",
    name: "Ramen",
    text: "Ramen is a soup.",
    type: "Noodle Dish",
    ingredients: ["egg"],
  },
];

async function answerTo(question: string, ...ignore: string[]) {
  const { engine } = await foodEngine({}, foods);
  const { text, sources, plan } = await engine.ask(question, { ignore });
  return { text, plan, ids: sources.map(({ id }) => id) };
}

describe("kinds of food (RAG-13)", () => {
  it.each([
    "which cheese is not from cow",
    "which cheese is not made from cow's milk",
    "wich chese is not from cow",
    "cheese without cow's milk",
  ])("names only cheese whose record names the milk of another animal: %s", async (question) => {
    const { text, ids } = await answerTo(question);
    expect(ids).toEqual(["feta"]);
    expect(text).toMatch(/^1 food \(only: Cheese, with milk of another animal; without: cow's milk\)/);
  });

  it("takes cow's milk for any milk, if a person is allergic to it", async () => {
    const { ids } = await answerTo("I am allergic to cow's milk, which cheese can I eat?");
    expect(ids).toEqual([]);
  });

  it("says that a record does not mention freezing, before what it says on keeping", async () => {
    expect((await answerTo("Can I freeze pho?")).text).toMatch(
      /^The record of Pho does not mention freezing\..* It keeps a day in the fridge\./,
    );
  });

  it("counts flatbread as bread", async () => {
    const { ids } = await answerTo("I am celiac, what bread can I eat?");
    expect(ids.toSorted()).toEqual(["arepa", "queijo"]);
  });

  it("searches for a type as a word, if its condition is removed", async () => {
    expect((await answerTo("a soup")).ids).toEqual(["pho"]);
    const { ids, plan } = await answerTo("a soup", "type:soup");
    expect(plan.constraints).toEqual([]);
    expect(ids.toSorted()).toEqual(["pho", "ramen"]);
  });
});
