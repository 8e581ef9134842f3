import { describe, expect, it } from "vitest";
import type { Food } from "../../src/foods/food.ts";
import type { Answer } from "../../src/rag/answer.ts";
import { Conversation } from "../../src/rag/conversation.ts";
import { foodEngine } from "../helpers/food-engine.ts";

const base = { continent: "Asia", region: "India", allergens: [], mayContain: [], diet: [] as string[] };

const foods: Food[] = [
  {
    ...base,
    id: "rasam",
    name: "Rasam",
    text: "Rasam is a thin soup of tomato, good to eat in autumn.",
    type: "Soup",
    ingredients: ["tomato", "coriander leaf"],
    diet: ["vegan", "vegetarian", "gluten-free"],
  },
  {
    ...base,
    id: "samgyetang",
    name: "Samgyetang",
    text: "Samgyetang is a soup of chicken and noodles.",
    type: "Soup",
    region: "Korea",
    ingredients: ["chicken", "noodles"],
    energy_kcal_per_100g: 90,
  },
  {
    ...base,
    id: "cake",
    name: "Sponge Cake",
    text: "Sponge cake is a dessert of eggs and flour.",
    type: "Dessert",
    region: "France",
    continent: "Europe",
    ingredients: ["eggs", "wheat flour", "mascarpone"],
    allergens: ["eggs", "gluten", "milk"],
    diet: ["vegetarian"],
    energy_kcal_per_100g: 300,
  },
  {
    ...base,
    id: "poe",
    name: "Po'e",
    text: "Po'e is a dessert of bananas and lemon, high in protein. Risky in large amounts.",
    type: "Dessert",
    ingredients: ["banana", "soy protein"],
    diet: ["vegan", "vegetarian", "gluten-free"],
  },
  {
    ...base,
    id: "lemon",
    name: "Lemon",
    text: "Lemon is a fruit, which goes into ice. Its peel is unsuitable in pregnancy.",
    type: "Fruit",
    meal: ["ingredient"],
    ingredients: ["lemon"],
    diet: ["vegan", "vegetarian", "gluten-free"],
  },
  {
    ...base,
    id: "noodles",
    name: "Biangbiang",
    text: "Biangbiang are noodles of wheat, ready in 2 minutes. Duck or mince tops them, never raw or rare.",
    type: "Noodle Dish",
    ingredients: ["noodles"],
    allergens: ["gluten"],
    diet: ["vegan"],
  },
];

async function talk(...questions: readonly string[]): Promise<Answer> {
  const { engine } = await foodEngine({ topK: 5 }, foods);
  const conversation = new Conversation(engine);
  let answer: Answer | undefined;
  for (const question of questions) {
    for await (const event of conversation.ask(question)) if (event.kind === "answer") answer = event.answer;
  }
  return answer as Answer;
}

async function idsFor(...questions: readonly string[]): Promise<string[]> {
  return (await talk(...questions)).sources.map(({ id }) => id).sort();
}

describe("what a question leaves out (RAG-13)", () => {
  it.each([
    ["Which soups contain neither meat nor dairy?", ["rasam"]],
    ["soups without dairy or meat", ["rasam"]],
    ["eggless desserts", ["poe"]],
    ["glutenfree desserts", ["poe"]],
    ["glutenfre desserts", ["poe"]],
    ["Quels desserts sont sans gluten ?", ["poe"]],
    ["glutenfreie Desserts", ["poe"]],
    ["give me dessert no have eggs", ["poe"]],
    ["i no eat chicken, what soup i can eat", ["rasam"]],
  ])("is respected in every form: %s", async (question, ids) => {
    expect(await idsFor(question)).toEqual(ids);
  });

  it.each([
    ["Which desserts are not vegan?", ["cake"]],
    ["non-vegan desserts", ["cake"]],
    ["Indian dishes that aren't soups", ["lemon", "noodles", "poe"]],
    ["desserts that are not French", ["poe"]],
  ])("may be a diet, a type or a place: %s", async (question, ids) => {
    expect(await idsFor(question)).toEqual(ids);
  });

  it.each(["Isn't rasam vegan?", "Is rasam free from nuts?"])(
    "is asked of one food: %s",
    async (question) => {
      expect((await talk(question)).text).toMatch(/^Yes, .*Rasam/);
    },
  );

  it.each([
    ["dishes without cheese", ["lemon", "noodles", "poe", "rasam", "samgyetang"]],
    ["desserts without fruit", ["cake"]],
    ["I don't like fresh coriander. Which soups are there?", ["samgyetang"]],
    ["I hate coriander, a soup please", ["samgyetang"]],
    ["Indian food, anything but soup", ["lemon", "noodles", "poe"]],
  ])("may be a class, or any word of the ingredients and texts: %s", async (question, ids) => {
    expect(await idsFor(question)).toEqual(ids);
  });

  it("is named if nothing checks it, also beside what is checked", async () => {
    const { notices } = await talk("desserts for someone allergic to nuts and latex");
    expect(notices).toEqual([
      "These foods were not checked for what you leave out: latex. Check the ingredients yourself.",
    ]);
  });
});

describe("what no record can answer (RAG-13)", () => {
  it.each(["low sodium soups", "paleo desserts", "Which soups lower cholesterol?", "Jain desserts"])(
    "is a diet that no record lists: %s",
    async (question) => {
      const { sources, text } = await talk(question);
      expect(sources).toEqual([]);
      expect(text).toContain("It could not be checked");
    },
  );

  it.each([
    ["halal", "Not recorded: the record of Rasam does not say whether it is halal."],
    ["vegan", "Yes, Rasam is vegan"],
  ])("is no lack of a label: %s", async (diet, said) => {
    expect((await talk(`Is rasam ${diet}?`)).text).toContain(said);
  });

  it.each([
    "Is lemon curd vegan?",
    "Is there milk in lemon curd?",
    "How many calories does lemon ice have?",
    "Is ice vegan?",
  ])("is not answered from what it is made of: %s", async (question) => {
    expect((await talk(question)).sources).toEqual([]);
  });

  it("is no `no` to a question for danger, and is named if a record says nothing of it", async () => {
    expect((await talk("Is Po'e dangerous with alcohol?")).text).not.toMatch(/^(?:No|Yes)\b/);
    expect((await talk("Is Po'e bad for dogs?")).text).toContain("The record of Po'e does not mention dogs.");
  });

  it("leads to no recommendation, also outside of a list", async () => {
    const { text } = await talk("what can I eat during pregnancy?");
    expect(text).toMatch(/^The records do not say which foods are safe for you/);
  });

  it.each(["Is it safe to eat raw duck?", "Can I eat mince rare?", "What is 2 + 2?"])(
    "is not answered from other foods: %s",
    async (question) => expect((await talk(question)).sources).toEqual([]),
  );
});

describe("what no record mentions (RAG-13)", () => {
  it("is said with what is found instead: other soups are no mulligatawny soup", async () => {
    expect((await talk("mulligatawny soup")).understood).toContain("no record mentions: mulligatawny");
    expect((await talk("a soup of noodles")).understood).toEqual(["only: Soup"]);
  });
});

describe("what a question is about", () => {
  it("is the last of two types: a noodle soup is a soup", async () => {
    expect((await talk("noodle soup")).understood).toContain("only: Soup");
  });

  it("is what a food contains, also if only its allergens say so", async () => {
    expect(await idsFor("what has gluten?")).toEqual(["cake", "noodles"]);
    expect((await talk("Does Po'e contain protein?")).text).toContain("high in protein");
  });

  it("is how many foods there are, before the first of them", async () => {
    const { engine } = await foodEngine({ topK: 1 }, foods);
    const { text } = await engine.ask("How many desserts do you know?");
    expect(text).toMatch(/^2 foods found \(only: Dessert\)\. The closest to the question:\n- /);
  });

  it("is what has less, if it asks for less", async () => {
    const { text } = await talk("Which has fewer calories, Samgyetang or Sponge Cake?");
    expect(text).toMatch(/^Samgyetang has less energy/);
  });

  it("is the food at the place of the list that it names", async () => {
    const list = "- Sponge Cake (France): Sweet.\n- Po'e (India): Fruity.";
    const { engine } = await foodEngine({}, foods);
    const history = [{ question: "desserts", answer: list }];
    const ask = async (question: string) => (await engine.ask(question, { history })).text;
    expect(await ask("is the second one vegan?")).toMatch(/^Yes, Po'e/);
    expect(await ask("is the first one vegan?")).toMatch(/^No, Sponge Cake/);
    expect(await ask("is the fifth one vegan?")).not.toMatch(/^Yes/);
  });

  it("stays the same after `why not?`", async () => {
    expect((await talk("Is Sponge Cake vegan?", "why not?")).text).toMatch(/^No, Sponge Cake is not vegan/);
  });
});
