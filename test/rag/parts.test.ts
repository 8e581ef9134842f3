import { describe, expect, it } from "vitest";
import { splitQuestion } from "../../src/rag/understanding/parts.ts";
import { foodEngine } from "../helpers/food-engine.ts";

const foods = [
  {
    id: "hummus",
    name: "Hummus",
    text: "Hummus is a dip of chickpeas. It is mild.",
    region: "Levant",
    type: "Dip",
    diet: ["vegan"],
    allergens: ["sesame"],
    energy: 177,
  },
  {
    id: "misoshiru",
    name: "Miso Soup",
    text: "Miso soup is a clear soup.",
    region: "Japan",
    type: "Soup",
    diet: ["vegan"],
  },
  {
    id: "tarte",
    name: "Tarte Tatin",
    text: "Tarte tatin is baked upside down.",
    region: "France",
    type: "Dessert",
    diet: ["vegetarian"],
  },
];

async function answerTo(question: string) {
  const { engine } = await foodEngine({}, foods);
  return await engine.ask(question);
}

describe("a question that consists of several", () => {
  it.each([
    ["How many calories does it have, and is it vegan?", ["How many calories does it have", "is it vegan?"]],
    ["Is it vegan? And what goes with it?", ["Is it vegan", "what goes with it?"]],
    ["Where is it from and who invented it?", ["Where is it from", "who invented it?"]],
    ["Is tofu vegan, and is seitan?", ["Is tofu vegan", "is seitan?"]],
  ])("is split: %s", (question, parts) => expect(splitQuestion(question)).toEqual(parts));

  it.each([
    "Which dishes are spicy and are eaten cold?",
    "What is made of milk and eggs?",
    "I am allergic to nuts. What can I eat, and what should I avoid?",
    "I have coeliac disease; can I eat injera?",
    "What can I eat in Japan if I am vegan, and what should I avoid?",
    "When I am in Peru, what can I eat?",
  ])("is not: %s", (question) => expect(splitQuestion(question)).toEqual([question]));

  it("gets an answer to each, and `it` is the food of the part before", async () => {
    const { text, plan } = await answerTo("How many calories does hummus have, and is it vegan?");
    expect(text).toContain("Hummus has 177 kcal per 100 g");
    expect(text).toContain("Yes, Hummus is vegan");
    expect(plan.asked.facts).toEqual(["energy"]);
  });

  it("says which part has no answer, and takes the place from it", async () => {
    const { text, sources } = await answerTo("What is the capital of France and what do they eat there?");
    expect(text).toMatch(/^“What is the capital of France”: I found nothing relevant/);
    expect(sources.map(({ id }) => id)).toEqual(["tarte"]);
  });

  it("finds two wishes with their own places, and no unsafe food in either", async () => {
    const { sources } = await answerTo("a soup from Japan and a dessert from France");
    expect(sources.map(({ id, number }) => [id, number])).toEqual([
      ["misoshiru", 1],
      ["tarte", 2],
    ]);
    const vegan = await answerTo("a vegan soup from Japan and a dessert from France");
    expect(vegan.sources.map(({ id }) => id)).toEqual(["misoshiru"]);
    expect(vegan.text).toContain("“a dessert from France”");
  });
});
