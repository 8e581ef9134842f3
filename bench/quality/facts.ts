import { readFileSync } from "node:fs";
import { evaluateAnswers, type GoldenQuestion, percent } from "../../dist/evaluation/index.js";
import { atLeast, atMost, foodsFile, type Measure, withIndex } from "./measure.ts";

interface ShippedFood {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly ingredients: readonly string[];
  readonly allergens: readonly string[];
  readonly mayContain: readonly string[];
  readonly diet: readonly string[];
  readonly season: readonly string[];
  readonly alcohol: boolean;
  readonly energy_kcal_per_100g?: number;
}

const diets = ["vegan", "vegetarian", "pescatarian", "gluten-free", "dairy-free"];
const allergens = [
  "gluten",
  "crustaceans",
  "eggs",
  "fish",
  "peanuts",
  "soybeans",
  "milk",
  "nuts",
  "celery",
  "mustard",
  "sesame",
  "sulphites",
  "lupin",
  "molluscs",
];

/** Users may count peanuts as nuts, so a food with peanuts gets no question about `nuts`. */
const isUnclear = ({ allergens: certain, mayContain = [] }: ShippedFood, allergen: string) =>
  allergen === "nuts" && [...certain, ...mayContain].includes("peanuts");

const possible = ["may contain", "may not be", "not for certain", "not certain", "not recorded", "^it may"];

/** Facts of a named food, over every food and field: what the record says is right, its opposite is wrong. */
export async function measureFacts(step: number): Promise<{ measures: Measure[]; fields: string[][] }> {
  const foods: ShippedFood[] = JSON.parse(readFileSync(foodsFile, "utf8"));
  const questions = foods.filter((_, place) => place % step === 0).flatMap(questionsOf);
  const report = await withIndex(foodsFile, ({ engine }) => evaluateAnswers(engine, questions));
  const { total } = report;
  return {
    measures: [
      atLeast("facts of a named food: right", total.outcomes.well, total.count, 0.98),
      atMost("facts of a named food: wrong", total.outcomes.misleading, total.count, 0),
    ],
    fields: Object.entries(report.kinds).map(([field, { count, outcomes }]) => [
      field,
      String(count),
      percent(outcomes.well / count, 2),
      String(outcomes.misleading),
      report.questions.find(({ kind, outcome }) => kind === field && outcome !== "well")?.question ?? "–",
    ]),
  };
}

function questionsOf(food: ShippedFood): GoldenQuestion[] {
  const { id, name } = food;
  const ask = (
    kind: string,
    question: string,
    facts: readonly (readonly string[])[],
    forbidden: readonly string[] = [],
  ): GoldenQuestion => ({
    id: `${id}: ${question}`,
    kind,
    question,
    history: [],
    relevant: new Set([id]),
    facts,
    forbidden,
    all: false,
    sole: true,
    declined: false,
  });
  const { energy_kcal_per_100g: energy, mayContain = [] } = food;
  return [
    ...(energy === undefined
      ? []
      : [ask("energy", `How many calories are in ${name}?`, [[`${energy} kcal`]])]),
    ...diets.map((diet) =>
      food.diet.includes(diet)
        ? ask("diet", `Is ${name} ${diet}?`, [["^yes"]], ["^no"])
        : ask("diet", `Is ${name} ${diet}?`, [["^no", ...possible]], ["^yes"]),
    ),
    ...allergens
      .filter((allergen) => !isUnclear(food, allergen))
      .map((allergen) => {
        const question = `Does ${name} contain ${allergen}?`;
        if (food.allergens.includes(allergen)) return ask("allergens", question, [["^yes"]], ["^no"]);
        if (mayContain.includes(allergen)) return ask("allergens", question, [possible], ["^no", "^yes"]);
        return ask("allergens", question, [["^no", "not recorded"]], ["^yes"]);
      }),
    ask(
      "ingredients",
      `What is ${name} made of?`,
      food.ingredients.map((ingredient) => [ingredient]),
    ),
    ask(
      "season",
      `When is ${name} in season?`,
      food.season.map((season) => [season]),
    ),
    ask("origin", `Where does ${name} come from?`, [[food.region]]),
    food.alcohol
      ? ask("alcohol", `Does ${name} contain alcohol?`, [["^yes"]], ["^no"])
      : ask("alcohol", `Does ${name} contain alcohol?`, [["^no", ...possible]], ["^yes"]),
  ];
}
