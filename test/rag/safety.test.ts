import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Food, toDocument } from "../../src/foods/food.ts";
import { composeAnswer } from "../../src/rag/answer/compose.ts";
import { isAllergenValue } from "../../src/rag/record/allergens.ts";
import { type Source, toSource } from "../../src/rag/source.ts";
import { nothingAsked, type QuestionPlan } from "../../src/rag/understanding/plan.ts";
import { readVocabulary } from "../../src/rag/vocabulary/vocabulary.ts";
import { foodEngine } from "../helpers/food-engine.ts";

const foods = JSON.parse(readFileSync(new URL("../../data/foods.json", import.meta.url), "utf8")) as (Food & {
  name: string;
  type: string;
  allergens: string[];
  mayContain?: string[];
  diet: string[];
  alcohol: boolean;
})[];

const { allergens, diets } = readVocabulary();

/** The single nuts are as the tree nuts. */
const families = allergens.filter(({ name, values }) => values[0] !== "nuts" || name === "tree nuts");

function sourceOf(food: Food): Source {
  const { id, text, metadata } = toDocument(food);
  return toSource({ id, text, metadata, score: 1 }, 0);
}

function planFor(
  name: string,
  id: string,
  asked: Partial<QuestionPlan["asked"]>,
  question: string,
): QuestionPlan {
  return {
    question,
    kind: "fact",
    corrections: [],
    foods: [{ name, ids: [id] }],
    asked: { ...nothingAsked, ...asked },
    constraints: [],
    searchText: question,
    terms: [],
  };
}

/** What a record lists that belongs to a family, also what it only may contain. */
function listed(food: (typeof foods)[number], family: (typeof families)[number]): string[] {
  const values = [...food.allergens, ...(food.mayContain ?? []), ...(food.alcohol ? ["alcohol"] : [])];
  return values.filter((value) => isAllergenValue(value, family));
}

describe("a question on what is safe without naming an allergen", () => {
  it("quotes the records' warnings and recommends nothing", () => {
    const brie = sourceOf({
      id: "brie",
      name: "Brie",
      text: "Brie is soft. Avoid it in pregnancy.",
      type: "Cheese",
    });
    const gouda = sourceOf({ id: "gouda", name: "Gouda", text: "Gouda is hard.", type: "Cheese" });
    const plan = {
      ...planFor("", "", { facts: ["safety"] }, "Which cheese is safe in pregnancy?"),
      foods: [],
    };
    const lines = composeAnswer({ ...plan, kind: "list" }, [brie, { ...gouda, number: 2 }]).map(
      ({ text }) => text,
    );
    expect(lines[0]).toContain("do not say which foods are safe");
    expect(lines).toContain("- Brie: Avoid it in pregnancy.");
    expect(lines).toContain("- Gouda: its record does not say.");
  });
});

describe("a question on what to avoid", () => {
  it.each([
    "Which foods should a diabetic avoid?",
    "Which foods are bad for kidney disease?",
    "What can someone with gout not eat?",
  ])("recommends nothing if no record says what suits: %s", async (question) => {
    const { engine } = await foodEngine({}, foods);
    const { text, sources } = await engine.ask(question);
    expect(sources).toEqual([]);
    expect(text).toContain("the records do not say, so no food is recommended");
  });

  it.each([
    "What should I avoid with a milk allergy?",
    "What should someone with a milk allergy avoid?",
    "Which desserts must people with a milk allergy not eat?",
  ])("finds what contains it: %s", async (question) => {
    const { engine } = await foodEngine({}, foods);
    const milk = allergens.find(({ name }) => name === "milk") as (typeof allergens)[number];
    const held = (await engine.retrieve(question)).map(({ id }) => foods.find((food) => food.id === id));
    expect(held.length).toBeGreaterThan(0);
    for (const food of held) expect(food && listed(food, milk), food?.id).not.toEqual([]);
  });

  it("leaves out an allergen beside another that is avoided", async () => {
    const { engine } = await foodEngine({}, foods);
    const { plan } = await engine.ask("What can I eat with a nut allergy if I avoid eggs?");
    expect(plan?.constraints).toMatchObject([{ isExcluded: true }, { isExcluded: true }]);
  });
});

describe("answers on diets and allergies rest on the food's own record (RAG-13)", () => {
  it("never says that a food is free of what its record lists: all foods and allergens", () => {
    for (const food of foods) {
      const source = sourceOf(food);
      for (const family of families) {
        const question = `Is ${food.name} safe without ${family.name}?`;
        const plan = planFor(food.name, food.id, { allergens: [family.name] }, question);
        const [first] = composeAnswer(plan, [source]);
        const isListed = listed(food, family).length > 0;
        if (isListed) expect(first?.text, `${food.id} ${family.name}`).toMatch(/^(?:No, |It may: )/);
        expect(first?.text).toMatch(/^(?:No, |It may: |Yes, by its record: |Not recorded: )/);
      }
    }
  });

  it("never says that a food suits a diet that its record does not list: all foods and diets", () => {
    for (const food of foods) {
      const source = sourceOf(food);
      for (const diet of diets) {
        const plan = planFor(food.name, food.id, { diets: [diet.name] }, `Is ${food.name} ${diet.name}?`);
        const [first] = composeAnswer(plan, [source]);
        const isListed = food.diet.some((value) => [diet.name, ...diet.impliedBy].includes(value));
        const isStated = food.text.toLowerCase().includes(diet.words[0] ?? "");
        if (!isListed && !isStated) expect(first?.text, `${food.id} ${diet.name}`).not.toMatch(/^Yes/);
      }
    }
  });

  it("lists no food for someone with an allergy or a diet whose record excludes it: all allergens, diets and types", async () => {
    const { engine } = await foodEngine({ topK: 20 }, foods);
    const byId = new Map(foods.map((food) => [food.id, food]));
    const types = ["dessert", "soup"];
    for (const type of types) {
      for (const family of families) {
        const sources = await engine.retrieve(
          `I am allergic to ${family.words[0]}, which ${type} can I eat?`,
        );
        for (const { id } of sources) {
          const food = byId.get(id) as (typeof foods)[number];
          expect(listed(food, family), `${type} without ${family.name}: ${id}`).toEqual([]);
        }
      }
      for (const diet of diets) {
        const sources = await engine.retrieve(`Which ${diet.words[0]} ${type} is there?`);
        for (const { id } of sources) {
          const labels = byId.get(id)?.diet ?? [];
          const isListed = [diet.name, ...diet.impliedBy].some((label) => labels.includes(label));
          const isStated = byId.get(id)?.text.toLowerCase().includes(diet.name);
          expect(isListed || isStated, `${diet.name} ${type}: ${id}`).toBe(true);
        }
      }
    }
  });
});
