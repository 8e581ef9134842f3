import { describe, expect, it } from "vitest";
import type { Food } from "../../src/foods/food.ts";
import { foodEngine } from "../helpers/food-engine.ts";

const base = { region: "Spain", continent: "Europe", allergens: [], mayContain: [], diet: ["vegetarian"] };

function foodOf(name: string, type: string, text: string, more: Partial<Food> = {}): Food {
  return { ...base, id: name.toLowerCase(), name, type, text: `${name} is a ${type}. ${text}`, ...more };
}

const foods: Food[] = [
  foodOf("Ndolé", "Stew", "Leaves simmer with peanuts.", {
    region: "Cameroon",
    ingredients: ["leaves", "peanuts"],
    allergens: ["peanuts"],
  }),
  foodOf("Moambe", "Stew", "Some cooks stir in peanut butter.", {
    region: "Congo",
    ingredients: ["chicken"],
    mayContain: ["peanuts"],
  }),
  foodOf("Stroopwafel", "Cookie", "It is pressed in a hot iron.", { ingredients: ["flour"] }),
  foodOf("Lentil", "Legume", "It is a good source of iron, folate and protein.", {
    ingredients: ["lentils"],
  }),
  foodOf("Cassava", "Vegetable", "It is low in protein.", { ingredients: ["cassava"] }),
  foodOf("Strawberry", "Fruit", "Low in calories and rich in vitamin C.", { ingredients: ["strawberry"] }),
  foodOf("Fig", "Fruit", "It grows on trees.", { ingredients: ["fig"] }),
  foodOf("Tomato", "Vegetable", "It is a fruit in botany.", { ingredients: ["tomato"] }),
  foodOf("Spinach", "Vegetable", "It wilts in minutes.", { ingredients: ["spinach"] }),
  foodOf("Ajvar", "Sauce", "It goes with grilled meat and tomato stew.", { ingredients: ["pepper"] }),
  foodOf("Gazpacho", "Soup", "It is cold.", { ingredients: ["tomato"], diet: ["vegan", "vegetarian"] }),
  foodOf("Minestrone", "Soup", "It is hot.", { ingredients: ["tomato"], region: "Italy" }),
  foodOf("Rasam", "Soup", "It is thin.", { ingredients: ["tomato"], region: "India", continent: "Asia" }),
  foodOf("Cacao", "Seed", "It has theobromine, which harms dogs.", { ingredients: ["cacao beans"] }),
  foodOf("Pesto", "Sauce", "Basil and pine nuts.", {
    ingredients: ["basil", "pine nuts"],
    mayContain: ["nuts"],
  }),
];

async function ask(...questions: readonly string[]): Promise<string> {
  const { engine } = await foodEngine({ topK: 5 }, foods);
  const history: { question: string; answer: string }[] = [];
  for (const question of questions) {
    const { text } = await engine.ask(question, { history: [...history] });
    history.push({ question, answer: text });
  }
  return history.at(-1)?.answer ?? "";
}

const declined = "I found nothing relevant";

describe("what a question wants to be in foods (RAG-12)", () => {
  it("counts foods apart that only may contain it, and names them last", async () => {
    const [first, ...lines] = (await ask("Which stews contain peanuts?")).split("\n");
    expect(first).toBe("1 food (only: Stew, with peanuts), and 1 that only may contain it:");
    expect(lines[0]).toMatch(/^- Ndolé/);
    expect(lines[1]).toMatch(/^- Moambe .*Only may contain it\./);
  });

  it("is a nutrient by what texts say of it: a hot iron is none", async () => {
    expect(await ask("vegetarian food rich in iron")).toMatch(/^1 food .*a source of iron.*\n- Lentil/);
    expect(await ask("Which fruits have a lot of vitamin C?")).toMatch(/^1 food .*\n- Strawberry/);
    expect(await ask("Which foods are low in protein?")).toMatch(
      /^1 food \(only: low in protein\):\n- Cassava/,
    );
    expect(await ask("Which foods have no protein?")).toMatch(/^1 food \(only: low in protein\)/);
    expect(await ask("Which fruits have little protein?")).toMatch(/^No record meets this/);
    expect(await ask("Which foods have vitamin B12?")).toBe(
      "No record meets this: only: a source of vitamin B12.",
    );
  });

  it("is not what goes with it", async () => {
    expect(await ask("Which sauces go with tomato stew?")).toContain("- Ajvar");
    expect(await ask("Which soups do people eat with bread in India?")).toMatch(/from India.*\n- Rasam/);
    expect(await ask("What can I eat with a peanut allergy?")).toContain("without: peanuts");
  });

  it("is looked for in what foods may contain, if the question says so", async () => {
    expect(await ask("Which stews may contain peanuts?")).toContain("- Moambe");
  });

  it("is never given up in a question for whether it is there", async () => {
    expect(await ask("Are there peanuts in Italian soups?")).toContain("No record meets all of this");
    expect(await ask("Are there peanuts in satay stew?")).toContain("satay usually contains peanuts");
  });
});

describe("what a question asks of one food (RAG-12)", () => {
  it("is the kind of food that it is", async () => {
    expect(await ask("are tomatoes fruit")).toContain("It is a fruit in botany.");
    expect(await ask("is ketchup a vegetable")).toContain(declined);
  });

  it("is said not to be in the record, for a word that the record lacks", async () => {
    expect(await ask("Does spinach contain oxalate?")).toBe(
      "The record of Spinach does not mention “oxalate”. [1]",
    );
  });

  it("has no answer from other foods that share a word", async () => {
    expect(await ask("can i eat snow")).toContain(declined);
    expect(await ask("why is fruit sweet")).toContain(declined);
    expect(await ask("What can I use in place of eggs in a cake?")).toContain(declined);
  });

  it("is a nutrient that its record does not mention", async () => {
    expect(await ask("Is lentil high in calcium?")).toMatch(
      /^The record of Lentil does not mention calcium\./,
    );
    expect(await ask("Is lentil high in iron?")).toMatch(/^Lentil: It is a good source of iron|^Lentil is/);
  });

  it("has no answer from the record of what it is made of: chocolate is no cacao", async () => {
    expect(await ask("Does chocolate contain milk?")).not.toContain("Cacao");
  });

  it("has a reason only in a sentence on what is asked", async () => {
    expect(await ask("Why is ajvar sweet?")).toMatch(/^The record of Ajvar does not say why\./);
  });

  it("names pine nuts to someone who asks about nuts", async () => {
    expect(await ask("Does pesto have nuts in it?")).toContain(
      "Has pine nuts, which some people with an allergy to nuts avoid.",
    );
  });

  it("has no amounts to compare", async () => {
    expect(await ask("Which food has more iron and folate, pulses or rice?")).toContain(
      "This is no comparison",
    );
    expect(await ask("Compare the protein of lentil and chicken")).toContain("only one of them: Lentil");
  });
});

describe("conditions that a question changes (RAG-12)", () => {
  it("are one where letters are in the wrong order", async () => {
    expect(await ask("show me veagn soups")).toMatch(/^1 food \(only: vegan, Soup\)/);
  });

  it("are a place that takes the place of one that was left out", async () => {
    expect(await ask("Find soups not from Europe", "only from Italy")).toMatch(
      /\(only: Soup, from Italy\):\n- Minestrone/,
    );
    expect(await ask("soups from India", "not from India")).not.toContain("Rasam");
  });

  it("leave out what stands after `besides`", async () => {
    expect(await ask("Which soups are there besides Italian ones?")).not.toContain("Minestrone");
    expect(await ask("Which foods are a source of iron besides lentils?")).not.toContain("- Lentil");
  });
});
