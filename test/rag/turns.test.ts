import { describe, expect, it } from "vitest";
import type { Food } from "../../src/foods/food.ts";
import { Conversation } from "../../src/rag/conversation.ts";
import { foodEngine } from "../helpers/food-engine.ts";

const free = { allergens: [], mayContain: [], region: "Japan", diet: ["vegetarian"] };
const soup = { ...free, type: "Soup", meal: ["dinner"] };
const foods: Food[] = [
  { ...soup, id: "onion", name: "Onion Soup", text: "Onion soup warms.", diet: [], ingredients: ["beef"] },
  { ...soup, id: "miso", name: "Miso Soup", text: "Miso soup is quick.", ingredients: ["miso"] },
  { ...soup, id: "kale", name: "Kale Soup", text: "Kale soup is green.", ingredients: ["kale"] },
  { ...soup, id: "leek", name: "Leek Soup", text: "Leek soup is mild.", ingredients: ["leek"] },
  { ...soup, id: "bean", name: "Bean Soup", text: "Bean soup fills.", ingredients: ["beans"] },
  {
    ...free,
    id: "honey",
    name: "Honey",
    text: "Honey is sweet. Never give it to babies under twelve months.",
    type: "Sweetener",
    region: "Romania",
    ingredients: ["honey"],
  },
  {
    ...free,
    id: "mochi",
    name: "Mochi",
    text: "Mochi is a sweet of rice.",
    type: "Dessert",
    meal: ["dessert", "snack"],
    ingredients: ["rice"],
  },
  {
    ...free,
    id: "sausage",
    name: "Bratwurst",
    text: "Bratwurst is a sausage.",
    type: "Meat",
    ingredients: ["beans", "sausage"],
  },
];

/** The answers of a conversation. */
async function answersOf(...questions: string[]) {
  const conversation = new Conversation((await foodEngine({}, foods)).engine);
  const answers = [];
  for (const question of questions) {
    for await (const event of conversation.ask(question)) {
      if (event.kind !== "answer") continue;
      const { text, sources, plan } = event.answer;
      const conditions = plan.constraints.map(({ key }) => key);
      answers.push({ text, plan, conditions, ids: sources.map(({ id }) => id) });
    }
  }
  return answers;
}

describe("the next question of a conversation (RAG-15)", () => {
  it("takes another course for the one before", async () => {
    const [, next] = await answersOf("a vegetarian dinner", "a dessert for them too");
    expect(next?.conditions).toEqual(["diet:vegetarian", "type:dessert"]);
    expect(next?.ids).toEqual(["mochi"]);
  });

  it("takes another religion for the one before", async () => {
    const [, next] = await answersOf(
      "I am muslim, what sausage can I eat then?",
      "What about jewish people on passover?",
    );
    expect(next?.conditions).toEqual(["diet:kosher"]);
    expect(next?.text).toContain("could not be checked which foods are kosher");
  });

  it("takes another kind of food for the one before", async () => {
    const [, next] = await answersOf("I am vegetarian, what sausage can I eat?", "And what soup?");
    expect(next?.conditions).toEqual(["diet:vegetarian", "type:soup"]);
    expect(next?.plan.terms).not.toContain("sausag");
  });

  it("asks the same of something that has no record", async () => {
    const [, next] = await answersOf("Can a baby eat honey?", "What about raw fish?");
    expect(next?.plan.takenAs).toBe("Can a baby eat raw fish?");
    expect(next?.ids).not.toContain("honey");
  });

  it("leaves the food before for another region", async () => {
    const [, next] = await answersOf("Can a baby eat honey?", "So what snack from Japan is ok for toddlers?");
    expect(next?.conditions).toContain("region:japan");
    expect(next?.ids).toEqual(["mochi"]);
  });

  it.each(["give me other one", "another one", "something else", "What else is similar?"])(
    "lists others: %s",
    async (question) => {
      const [first, , next, last] = await answersOf(
        "a vegetarian soup",
        "it have egg?",
        question,
        "another one please",
      );
      expect(first?.ids).toHaveLength(3);
      expect(next?.text).toMatch(/^1 other food \(only: vegetarian, Soup\)/);
      expect(first?.ids).not.toContain(next?.ids[0]);
      expect(last?.text).toBe("The data has no other record of that (only: vegetarian, Soup).");
    },
  );

  it("asks what else is in a food, and lists no others", async () => {
    const [, , next] = await answersOf("a vegetarian soup", "Is honey sweet?", "What else is in it?");
    expect(next?.ids).toEqual(["honey"]);
  });

  it("adds a condition to a list: make it vegetarian", async () => {
    const [, next, last] = await answersOf(
      "a soup that warms",
      "Make it vegetarian",
      "Which of these is the quickest?",
    );
    expect(next?.text).toMatch(/^4 foods found \(only: Soup, vegetarian\)/);
    expect(last?.text).toMatch(/^No record has a figure for how quick it is.*\n4 foods found/);
  });

  it("asks what goes with a list of all its foods", async () => {
    const [first, next] = await answersOf("a vegetarian soup", "and which drink goes with that?");
    expect(next?.ids).toEqual(first?.ids);
  });

  it("is about the first food of a list, not about an ingredient in its heading", async () => {
    const [, next] = await answersOf("What can I make with beans?", "Is it vegetarian?");
    expect(next?.plan.foods.map(({ name }) => name)).toEqual(["Bean Soup"]);
  });

  it.each(["from Japan", "not from Romania", "for dinner", "no beans"])(
    "keeps a diet if it is only a further condition: %s",
    async (question) => {
      const [, next] = await answersOf("a vegetarian soup", question);
      expect(next?.conditions).toEqual(expect.arrayContaining(["diet:vegetarian", "type:soup"]));
    },
  );

  it("names the conditions by now, once", async () => {
    const [, , last] = await answersOf("a warm vegetarian soup", "from Japan", "for dinner");
    expect(last?.plan.takenAs).toBe("a warm vegetarian soup · vegetarian, Soup, Japan, dinner");
  });
});

it("compares the two foods that were asked about last", async () => {
  const conversation = new Conversation(
    (
      await foodEngine({}, [
        { ...soup, id: "miso", name: "Miso Soup", text: "Miso soup is quick.", energy_kcal_per_100g: 40 },
        { ...soup, id: "leek", name: "Leek Soup", text: "Leek soup is mild.", energy_kcal_per_100g: 30 },
      ])
    ).engine,
  );
  let last = "";
  for (const question of [
    "How many calories does miso soup have?",
    "And leek soup?",
    "Which one of the two has less?",
  ])
    for await (const event of conversation.ask(question))
      if (event.kind === "answer") last = event.answer.text;
  expect(last).toMatch(/^Leek Soup has less energy: Leek Soup 30 kcal per 100 g, Miso Soup 40 kcal/);
});
