import { describe, expect, it } from "vitest";
import type { Food } from "../../src/foods/food.ts";
import { Conversation } from "../../src/rag/conversation.ts";
import type { RagEngine } from "../../src/rag/engine.ts";
import { foodEngine } from "../helpers/food-engine.ts";

async function engineOf(foods: readonly Food[]): Promise<RagEngine> {
  return (await foodEngine({}, foods)).engine;
}

/** As other teams write their files: names only in the texts, few fields. */
const plainFoods: Food[] = [
  { id: "1", text: "An apple can be red or green.", region: "Global", type: "Fruit" },
  { id: "2", text: "Lassi is a cold yogurt drink.", region: "Punjab", type: "Drink" },
  { id: "3", text: "Airag is a Mongolian alcoholic drink.", region: "Mongolia", type: "Beverage" },
  { id: "4", text: "Tacos are pork on corn tortillas.", region: "Mexico (Puebla origin)", type: "Snack" },
  { id: "5", text: "Oka is raw fish in coconut milk.", region: "Samoa", type: "Appetizer" },
  { id: "6", text: "Rendang is meat in coconut milk.", region: "Indonesia", type: "Main" },
  { id: "7", text: "Lovo is a dish which contains dishes.", region: "Fiji", type: "Main" },
  { id: "8", text: "Lamingtons are cakes rolled in coconut.", region: "Australia", type: "Cake" },
];

const textsOnly: Food[] = [
  { id: "1", text: "Lentil Dahl: Indian red lentil stew. Vegan and high in iron." },
  { id: "2", text: "Beef Rendang: A caramelized curry from Indonesia. Rich in protein and iron." },
  { id: "3", text: "Street Tacos: Mexican pork tacos on corn tortillas." },
];

const paella = {
  id: "paella",
  name: "Paella Valenciana",
  text: "Paella valenciana is a rice dish with chicken. It has no seafood.",
  region: "Spain",
  type: "Rice Dish",
  ingredients: ["rice", "chicken"],
  allergens: [],
  mayContain: [],
  diet: ["gluten-free"],
  meal: ["snack"],
};

const plain = { ...paella, ingredients: ["plantain"] };

const detailedFoods: Food[] = [
  paella,
  { ...plain, id: "kelewele", name: "Kelewele", text: "Kelewele is fried plantain.", diet: ["vegan"] },
  {
    ...plain,
    id: "crisps",
    name: "Crisps",
    text: "Crisps are thin.",
    type: "Snack",
    diet: ["vegan"],
    meal: [],
  },
  { ...plain, id: "cabbage", name: "Cabbage", text: "Cabbage is in the family of broccoli.", meal: [] },
  { ...plain, id: "lychee", name: "Lychee", text: "Lychee is added to drinks and sorbet.", meal: [] },
];

const allergyFoods: Food[] = [
  {
    ...plain,
    id: "rice",
    name: "Sticky Rice",
    text: "Sticky rice is a dish with mango and coconut milk.",
    type: "Dessert",
    ingredients: ["rice", "mango", "coconut milk"],
  },
  {
    ...plain,
    id: "tahini",
    name: "Tahini",
    text: "Tahini is a paste.",
    type: "Sauce",
    ingredients: ["sesame"],
    allergens: ["sesame"],
  },
];

describe("everyday questions on files of other teams", () => {
  it("takes a drink for alcoholic only if its record says so", async () => {
    const { text } = await (await engineOf(plainFoods)).ask("Which drinks are alcoholic?");
    expect(text).toContain("Airag");
    expect(text).not.toContain("Lassi");
  });

  it("reads a name before `can be`, and a place before brackets", async () => {
    const engine = await engineOf(plainFoods);
    expect((await engine.ask("fruits")).text).toContain("- apple (");
    expect((await engine.ask("Mexican dishes")).understood).toContain("only: from Mexico");
  });

  it("knows the countries of a continent without a field for it", async () => {
    const { sources } = await (await engineOf(plainFoods)).ask("Which foods are from Oceania?");
    expect(sources.map(({ id }) => id).sort()).toEqual(["5", "7", "8"]);
  });

  it("finds as many foods as are wanted, though matches before them share nothing with the question", async () => {
    const { sources } = await (await engineOf(plainFoods)).ask("Which dishes contain coconut?");
    expect(sources.map(({ id }) => id).sort()).toEqual(["5", "6", "8"]);
  });

  it("names the food of a sentence once", async () => {
    const engine = await engineOf(textsOnly);
    expect((await engine.ask("high in iron")).text).toContain("Lentil Dahl: Vegan and high in iron.");
    expect((await engine.ask("Which dishes are from India?")).text).toContain(
      "- Lentil Dahl: Indian red lentil stew.",
    );
  });
});

describe("everyday questions of people who must avoid something", () => {
  it("lists what to avoid, not what is safe", async () => {
    const engine = await engineOf(allergyFoods);
    const { text, notices } = await engine.ask("What should I avoid if I am allergic to sesame?");
    expect(text).toContain("Tahini");
    expect(text).not.toContain("Sticky Rice");
    expect(notices).toEqual([]);
  });

  it("says that a food has coconut to someone with a nut allergy", async () => {
    const { text } = await (await engineOf(allergyFoods)).ask("Which dishes are without tree nuts?");
    expect(text).toMatch(
      /- Sticky Rice .* Has coconut, which some people with an allergy to tree nuts avoid\./,
    );
  });

  it("recommends no dessert to a diabetic if no record is labelled for diabetics", async () => {
    const { text, sources } = await (await engineOf(allergyFoods)).ask("diabetic friendly desserts");
    expect(sources).toEqual([]);
    expect(text).toContain("suitable for diabetics");
  });

  it("leaves out pork where no field lists ingredients", async () => {
    const { text, sources } = await (await engineOf(textsOnly)).ask("pork free dishes");
    expect(sources).toEqual([]);
    expect(text).toContain("without pork");
  });

  it("takes the name of a dish for no statement: satay", async () => {
    const satay: Food = { id: "1", text: "Satay Ayam: Chicken skewers with lemongrass." };
    const { text } = await (await engineOf([satay])).ask("Does satay ayam contain peanuts?");
    expect(text).toMatch(/^It may/);
  });

  it("does not leave out the meal after an allergen", async () => {
    const { plan } = await (await engineOf(allergyFoods)).ask("I am allergic to soy, dessert ideas?");
    expect(plan.constraints.map(({ name, isExcluded }) => [name.toLowerCase(), isExcluded])).toEqual([
      ["soybeans", true],
      ["dessert", false],
    ]);
  });
});

describe("everyday questions on records with fields", () => {
  it("answers an allergen of the food before: does it have shellfish?", async () => {
    const conversation = new Conversation(await engineOf(detailedFoods));
    let text = "";
    for (const question of ["Tell me about paella", "does it have shellfish?"]) {
      for await (const event of conversation.ask(question))
        if (event.kind === "answer") text = event.answer.text;
    }
    expect(text).toMatch(/^No: Paella Valenciana lists no shellfish/);
  });

  it("takes a snack by its type and by its meal", async () => {
    const { sources } = await (await engineOf(detailedFoods)).ask("vegan snacks");
    expect(sources.map(({ id }) => id).sort()).toEqual(["crisps", "kelewele"]);
  });

  it.each([
    "What's in a Caesar salad?",
    "What can I replace eggs with?",
    "What can I use instead of butter?",
    "How do you store broccoli?",
    "What is the difference between gelato and sorbet?",
  ])("is not answered from other foods: %s", async (question) => {
    expect((await (await engineOf(detailedFoods)).ask(question)).sources).toEqual([]);
  });

  it.each([
    ["Can I eat marzipan with a nut allergy?", "marzipan usually contains nuts"],
    ["Does beer contain gluten?", "beer usually contains gluten"],
    ["Is nougat safe with a tree nut allergy?", "nougat usually contains tree nuts"],
  ])("warns of a food without a record: %s", async (question, warning) => {
    expect((await (await engineOf(detailedFoods)).ask(question)).text).toContain(warning);
  });
});
