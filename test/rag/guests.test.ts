import { describe, expect, it } from "vitest";
import type { Food } from "../../src/foods/food.ts";
import { Conversation } from "../../src/rag/conversation.ts";
import { headCounts } from "../../src/rag/understanding/wanted-count.ts";
import { foodEngine } from "../helpers/food-engine.ts";

const plain = { region: "Ghana", type: "Stew", meal: ["dinner"], diet: ["vegan", "gluten-free"] };
const free = { allergens: [], mayContain: [] };
const foods: Food[] = [
  { ...plain, ...free, id: "poi", name: "Poi", text: "Poi sours after two days.", ingredients: ["taro"] },
  { ...plain, ...free, id: "stew", name: "Red Red", text: "Red red is a stew.", ingredients: ["beans"] },
  { ...plain, ...free, id: "mash", name: "Matooke", text: "Matooke is a mash.", ingredients: ["plantain"] },
  { ...plain, ...free, id: "fufu", name: "Fufu", text: "Fufu is a dough.", ingredients: ["cassava"] },
  {
    ...plain,
    ...free,
    id: "sorbet",
    name: "Sorbet",
    text: "Sorbet is frozen fruit.",
    type: "Dessert",
    meal: ["dessert"],
    ingredients: ["mango"],
  },
  {
    ...plain,
    ...free,
    id: "ragout",
    name: "Forest Ragout",
    text: "Forest ragout is a stew.",
    ingredients: ["mushrooms"],
  },
];

/** The answers of a conversation. */
async function answersOf(...questions: string[]) {
  const conversation = new Conversation((await foodEngine({}, foods)).engine);
  const answers = [];
  for (const question of questions) {
    for await (const event of conversation.ask(question)) {
      if (event.kind === "answer")
        answers.push({ text: event.answer.text, ids: event.answer.sources.map(({ id }) => id) });
    }
  }
  return answers;
}

describe("a question for several guests (RAG-13)", () => {
  it.each([
    "dinner for two vegans, no gluten, no mushrooms",
    "dinner for 8 people, two are vegan, one has no gluten, one hates mushrooms",
    "vegan dinner without gluten and without mushrooms",
  ])("counts all that meet every condition: %s", async (question) => {
    const [answer] = await answersOf(question);
    expect(answer?.text).toMatch(/^4 foods found \(only: .*without: gluten, mushrooms\)/);
  });

  it("counts what meets the conditions, if only one shares the other words", async () => {
    const [answer] = await answersOf("vegan dinner that sours");
    expect(answer?.text).toMatch(/^5 foods found \(only: vegan, dinner\)\. The closest/);
    expect(answer?.ids).toEqual(["poi"]);
  });

  it("names a condition that it had to drop", async () => {
    const [answer] = await answersOf("stew with mango for dinner");
    expect(answer?.text).toMatch(/^No record is all of that\. Searched without: (?:Stew|dinner)/);
  });

  it.each([
    ["for 8 people, two are vegan", 2],
    ["three coeliacs and two guests", 2],
    ["for 4", 1],
    ["for 2 with a nut allergy", 1],
    ["five spice", 0],
    ["simmer for 20 minutes", 0],
    ["two soups", 0],
  ])("knows how many people eat: %s", (text, count) => {
    expect(headCounts(text)).toHaveLength(count);
  });
});
