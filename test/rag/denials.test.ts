import { describe, expect, it } from "vitest";
import type { Food } from "../../src/foods/food.ts";
import { Conversation } from "../../src/rag/conversation.ts";
import { foodEngine } from "../helpers/food-engine.ts";

const base = {
  region: "Thailand",
  continent: "Asia",
  mayContain: [],
  diet: [] as string[],
  meal: ["dinner"],
};
const foods: Food[] = [
  {
    ...base,
    id: "plain",
    name: "Plain Curry",
    text: "Plain curry is a mild dish of vegetables.",
    type: "Curry",
    ingredients: ["carrot"],
    allergens: [],
    diet: ["vegan", "vegetarian", "dairy-free", "gluten-free"],
  },
  {
    ...base,
    id: "peanut",
    name: "Peanut Curry",
    text: "Peanut curry is a rich dish with peanuts.",
    type: "Curry",
    ingredients: ["peanuts", "milk", "shrimp"],
    allergens: ["peanuts", "milk", "crustaceans"],
  },
  {
    ...base,
    id: "borscht",
    name: "Borscht",
    text: "Borscht is a stew of beets.",
    type: "Stew",
    region: "Ukraine",
    ingredients: ["beef or pork", "beet"],
    allergens: [],
  },
  {
    ...base,
    id: "rabbit",
    name: "Rabbit Stew",
    text: "Rabbit stew is a stew of rabbit.",
    type: "Stew",
    region: "Malta",
    ingredients: ["rabbit"],
    allergens: [],
  },
  {
    ...base,
    id: "paella",
    name: "Paella Valenciana",
    text: "Paella valenciana is rice with rabbit.",
    type: "Rice Dish",
    region: "Spain",
    ingredients: ["rice", "rabbit"],
    allergens: [],
  },
  {
    ...base,
    id: "obi",
    name: "Obi Non",
    text: "Obi non is a round bread.",
    type: "Flatbread",
    region: "Uzbekistan",
    ingredients: ["flour", "water"],
    allergens: ["gluten"],
    diet: ["vegan", "vegetarian", "dairy-free"],
  },
];

async function answersTo(...questions: string[]) {
  const conversation = new Conversation((await foodEngine({}, foods)).engine);
  const answers = [];
  for (const question of questions)
    for await (const event of conversation.ask(question))
      if (event.kind === "answer") answers.push(event.answer);
  return answers;
}

async function idsFor(...questions: string[]): Promise<string[] | undefined> {
  return (await answersTo(...questions)).at(-1)?.sources.map(({ id }) => id);
}

describe("words of denial, as people with an allergy say them (RAG-13)", () => {
  it.each([
    "Thai curries, nothing with peanuts",
    "Show me curries; none containing peanuts",
    "Which curries are there? none with peanuts please",
    "curries with no trace of peanuts",
    "curries with zero peanuts",
    "Peanuts make me sick, which curries can I eat?",
    "Peanuts could kill me, Thai curries?",
    "I react badly to peanuts; curry ideas",
    "I'd die from peanuts. Which curry is safe?",
    "I get hives from peanuts, any curries?",
    "curry peanuts no please",
    "Peanuts? no thanks. Which curries?",
    "Curries that skip the peanuts",
    "curries, hold the peanuts",
    "I don't do peanuts. Which curries?",
    "Peanuts are off the table. Which curries?",
    "I no like peanuts what curry thailand",
    "Which curries lack peanuts?",
  ])("a denied allergen is excluded: %s", async (question) => {
    expect(await idsFor(question)).toEqual(["plain"]);
  });

  it.each(["nothing with peanuts", "peanuts are a no", "And if peanuts are a problem too?"])(
    "hold in the next question: %s",
    async (question) => {
      expect(await idsFor("Thai curries", question)).toEqual(["plain"]);
    },
  );

  it("recommend nothing where no rule reads them", async () => {
    const [answer] = await answersTo("peanuts and me are not friends, a curry");
    expect(answer?.text).toBe(
      "It is not clear whether foods must be without peanuts, so none is recommended. Ask for foods “without peanuts”.",
    );
  });

  it("apply to each of two ingredients that one record lists as a choice", async () => {
    expect(await idsFor("Stews with no beef or pork")).toEqual(["rabbit"]);
  });

  it("do not hold what comes after a comma with any", async () => {
    expect(await idsFor("I'm allergic to peanuts, any curries?")).toEqual(["plain"]);
  });

  it("are no part of a record's name", async () => {
    expect((await answersTo("Is Obi Non vegan?"))[0]?.text).toMatch(/^Yes, Obi Non is vegan/);
    expect((await answersTo("Is Obi Non gluten-free?"))[0]?.text).toMatch(/^No, Obi Non is not gluten-free/);
  });
});

describe("what an answer does not promise", () => {
  it("a diet of one person as the yes for a baby", async () => {
    const [, answer] = await answersTo(
      "My son is vegan. What can he eat from Thailand?",
      "Is plain curry ok for his baby sister of 8 months?",
    );
    expect(answer?.text).toMatch(/^The record of Plain Curry does not mention babies or children\./);
    expect(answer?.text).not.toContain("Yes");
  });

  it("a whole class by one record of it", async () => {
    const [answer] = await answersTo("Is paella ok with a shrimp allergy?");
    expect(answer?.text).toMatch(/^Of paella, only Paella Valenciana is on record, and others may differ:/);
  });

  it("that no record meets conditions, if it only lacks other words", async () => {
    const [answer] = await answersTo("xylophone curries without peanuts from Malta");
    expect(answer?.text).toContain("and has the other words of the question");
  });
});
