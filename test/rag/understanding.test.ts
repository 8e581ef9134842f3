import { describe, expect, it } from "vitest";
import { toDocument } from "../../src/foods/food.ts";
import { CatalogBuilder } from "../../src/rag/catalog/builder.ts";
import { describePlan } from "../../src/rag/understanding/describe.ts";
import { resolveFollowUp } from "../../src/rag/understanding/follow-up.ts";
import { Lexicon } from "../../src/rag/understanding/lexicon.ts";
import type { QuestionPlan } from "../../src/rag/understanding/plan.ts";
import { understand } from "../../src/rag/understanding/understand.ts";
import { readVocabulary } from "../../src/rag/vocabulary/vocabulary.ts";
import { toUpstashFilter } from "../../src/store/filter.ts";

const foods = [
  {
    id: "biryani",
    name: "Biryani",
    text: "Biryani is an Indian rice dish with chicken.",
    region: "India",
    type: "Rice Dish",
    ingredients: ["basmati rice", "chicken", "yogurt"],
    allergens: ["milk"],
    mayContain: [],
    diet: ["gluten-free"],
    meal: ["dinner"],
    energy_kcal_per_100g: 180,
  },
  {
    id: "tiramisu",
    name: "Tiramisù",
    text: "Tiramisù is a coffee dessert.",
    region: "Italy",
    type: "Dessert",
    ingredients: ["eggs", "mascarpone", "coffee"],
    allergens: ["eggs", "milk"],
    mayContain: ["nuts"],
    diet: ["vegetarian"],
    meal: ["dessert"],
  },
  {
    id: "hummus",
    name: "Hummus",
    text: "Hummus is a dip of chickpeas and tahini. It keeps a few days.",
    region: "Levant",
    type: "Sauce",
    ingredients: ["chickpeas", "tahini"],
    allergens: ["sesame"],
    mayContain: [],
    diet: ["vegan", "vegetarian"],
    meal: ["snack"],
    energy_kcal_per_100g: 177,
  },
  {
    id: "tempeh",
    name: "Tempeh",
    text: "Tempeh is a cake of soybeans from Java.",
    region: "Indonesia",
    type: "Legume",
    ingredients: ["soybeans"],
    allergens: ["soybeans"],
    mayContain: [],
    diet: ["vegan"],
    meal: ["ingredient"],
    energy_kcal_per_100g: 192,
  },
];

function lexiconOf(records: readonly object[]): Lexicon {
  const builder = new CatalogBuilder();
  for (const record of records) builder.add(toDocument(record as Parameters<typeof toDocument>[0]));
  return new Lexicon(builder.build(), readVocabulary());
}

const lexicon = lexiconOf(foods);
const plan = (question: string) => understand(question, lexicon);
const constraints = ({ constraints: each }: QuestionPlan) =>
  each.map(({ kind, name, isExcluded }) => `${isExcluded ? "without" : "only"} ${kind} ${name}`);

describe("a question becomes a plan (RAG-12)", () => {
  it.each([
    ["Can vegans eat tiramisu?", "fact", ["Tiramisù"], { diets: ["vegan"] }],
    ["Does biryani contain dairy?", "fact", ["Biryani"], { allergens: ["milk"] }],
    ["How many calories are in hummus?", "fact", ["Hummus"], { facts: ["energy"] }],
    ["How long does hummus keep?", "fact", ["Hummus"], { facts: ["storage"] }],
    ["Which has more calories, hummus or tempeh?", "compare", ["Hummus", "Tempeh"], { facts: ["energy"] }],
    ["I am lactose intolerant, can I eat biryani?", "fact", ["Biryani"], { diets: ["dairy-free"] }],
  ])("the plan of a question has its kind, foods and facts: %s", (question, kind, names, asked) => {
    const understood = plan(question);
    expect(understood.kind).toBe(kind);
    expect(understood.foods.map(({ name }) => name)).toEqual(names);
    expect(understood.asked).toMatchObject(asked);
    expect(understood.constraints).toEqual([]);
  });

  it.each([
    ["vegan snacks", ["only diet vegan", "only meal snack"]],
    ["I am allergic to nuts, which dessert can I eat?", ["without allergen nuts", "only type Dessert"]],
    [
      "desserts without eggs or milk",
      ["only type Dessert", "without allergen eggs", "without allergen milk"],
    ],
    ["Italian food", ["only region Italy"]],
    ["What do people eat in India or Indonesia?", ["only region India or Indonesia"]],
    ["nut and egg free snacks", ["without allergen nuts", "without allergen eggs", "only meal snack"]],
    ["something with chickpeas but no tahini", ["only ingredient chickpeas", "without ingredient tahini"]],
  ])("conditions become constraints: %s", (question, expected) => {
    expect(constraints(plan(question))).toEqual(expected);
  });

  it("asks the store for records that say what they contain, and do not contain it, even possibly", () => {
    const [without] = plan("snacks without nuts").constraints.filter(({ kind }) => kind === "allergen");
    expect(without?.filter && toUpstashFilter(without.filter)).toBe(
      "HAS FIELD allergens AND (HAS NOT FIELD mayContain OR mayContain NOT CONTAINS 'nuts')",
    );
  });

  it("corrects typing mistakes, names first, and says so", () => {
    const understood = plan("recipe for biryanni");
    expect(understood.foods).toEqual([{ name: "Biryani", ids: ["biryani"] }]);
    expect(describePlan(understood)).toEqual(["searched for biryani (not biryanni)"]);
    expect(plan("hummous").foods[0]?.ids).toEqual(["hummus"]);
    expect(plan("I love my dog").corrections).toEqual([]);
  });

  it("a record without a field gives no filter", () => {
    const bare = lexiconOf([{ id: "1", text: "Kale is a green vegetable." }]);
    const [vegan] = understand("vegan food", bare).constraints;
    expect(vegan).toEqual({ kind: "diet", name: "vegan", isExcluded: false });
  });

  it.each(["What is the capital of Italy?", "How do I repair my bicycle?", "Who won the world cup?"])(
    "is about something else: %s",
    (question) => expect(plan(question).kind).toBe("outside"),
  );

  it("a property of a food that no record is named after is not answered from others", () => {
    expect(plan("Does marzipan contain nuts?").kind).toBe("outside");
  });

  it("names come from texts and ids if no field has them", () => {
    const texts = lexiconOf([
      { id: "1", text: "Nasi Lemak: A coconut rice dish." },
      { id: "2", text: "Chole (Chana Masala) is a curry." },
      { id: "3", text: "A banana is a fruit." },
    ]);
    for (const [question, id] of [
      ["What is nasi lemak?", "1"],
      ["What is chana masala?", "2"],
      ["Is banana vegan?", "3"],
    ] as const) {
      expect(understand(question, texts).foods[0]?.ids).toEqual([id]);
    }
  });
});

describe("what a question denies is never what it searches for (RAG-12)", () => {
  it.each([
    ["foods that are NOT from Europe, vegetarian", "only: not from Europe, vegetarian"],
    ["dinner foods not from India", "only: dinner, not from India"],
    ["a dessert outside of Asia", "only: Dessert, not from Asia"],
    ["a sauce but not Italian", "only: Sauce, not from Italy"],
    ["a dessert that isn't from Italy", "only: Dessert, not from Italy"],
    ["Neither Italian nor Indian desserts", "only: not from Italy, not from India, Dessert"],
    ["a dessert not from India or Indonesia", "only: Dessert, not from India, not from Indonesia"],
    ["I don't want Italian food, something for dinner", "only: not from Italy, dinner"],
    ["Which desserts are not vegan?", "only: Dessert, not vegan"],
    ["non-vegan desserts", "only: not vegan, Dessert"],
    ["Which sauces are not suitable for coeliacs?", "only: Sauce, not gluten-free"],
    ["What can't vegans eat for dinner?", "only: not vegan, dinner"],
    ["Which desserts can vegans not eat?", "only: Dessert, not vegan"],
    ["something for dinner that is not a dessert", "only: dinner, not Dessert"],
    ["a dessert without nuts, not from Italy", "only: Dessert, not from Italy; without: nuts"],
  ])("a denied word excludes: %s", (question, described) => {
    expect(describePlan(plan(question))).toEqual([described]);
  });

  it("a list of foods that are not vegan holds those whose record says what they suit", () => {
    const [, notVegan] = plan("Which desserts are not vegan?").constraints;
    expect(notVegan?.filter && toUpstashFilter(notVegan.filter)).toBe("diet NOT CONTAINS 'vegan'");
  });

  it.each([
    "A dessert that need not be vegan",
    "A dessert, vegan or not",
    "A dessert that doesn't have to be vegan",
    "I'm not vegan. Which dessert is good?",
    "A dessert for friends who are not vegans",
  ])("a condition that is not required is no condition: %s", (question) => {
    const understood = plan(question);
    expect(understood.constraints.map(({ name }) => name)).toEqual(["Dessert"]);
    expect(understood.searchText).not.toMatch(/vegan/i);
    expect(describePlan(understood).at(-1)).toMatch(/^not required: vegans?$/);
  });

  it("a negative question about a food, or a diet in the question, stays what it asks", () => {
    expect(plan("Why is hummus not vegan?").asked.diets).toEqual(["vegan"]);
    expect(plan("Isn't Italian food sweet?").constraints).toMatchObject([
      { name: "Italy", isExcluded: false },
    ]);
    expect(plan("Which desserts are gluten free, not vegan?").constraints).toMatchObject([
      { name: "Dessert" },
      { name: "gluten-free", isExcluded: false },
      { name: "vegan", isExcluded: true },
    ]);
  });
});

describe("a follow-up keeps its subject (RAG-11)", () => {
  function converse(...questions: string[]): QuestionPlan {
    const history: { question: string; answer: string; plan: QuestionPlan }[] = [];
    for (const question of questions) {
      history.push({ question, answer: "", plan: resolveFollowUp(plan(question), history, lexicon) });
    }
    return history.at(-1)?.plan as QuestionPlan;
  }

  it("over any number of turns, and says what it was taken to mean", () => {
    const last = converse(
      "What is hummus?",
      "Is it vegan?",
      "How many calories does it have?",
      "How long does it keep?",
    );
    expect(last.foods.map(({ name }) => name)).toEqual(["Hummus"]);
    expect(last.asked.facts).toEqual(["storage"]);
    expect(last.takenAs).toBe("How long does Hummus keep?");
  });

  it("names the subject in brackets if the question has no word for it", () => {
    const last = converse("What is hummus?", "How many calories?");
    expect(last.foods.map(({ name }) => name)).toEqual(["Hummus"]);
    expect(last.takenAs).toBe("How many calories? (Hummus)");
  });

  it("asks of another food what was asked before", () => {
    expect(converse("Is hummus vegan?", "And tiramisu?")).toMatchObject({
      foods: [{ name: "Tiramisù" }],
      asked: { diets: ["vegan"] },
    });
  });

  it("narrows a list, and a new place takes the place of the old one", () => {
    expect(constraints(converse("food from India", "which of them are vegan?"))).toEqual([
      "only region India",
      "only diet vegan",
    ]);
    expect(constraints(converse("vegan food from India", "and from Italy?"))).toEqual([
      "only diet vegan",
      "only region Italy",
    ]);
  });

  it("an independent question ignores the history", () => {
    expect(converse("What is hummus?", "Which desserts come from Italy?").foods).toEqual([]);
  });
});
