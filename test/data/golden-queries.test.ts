import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Application, createApplication } from "../../src/composition/application.ts";
import { readSettings } from "../../src/config/settings.ts";
import { evaluateAnswers, readGoldenQuestions } from "../../src/evaluation/index.ts";
import { ingest } from "../../src/foods/ingest.ts";

const golden = await readGoldenQuestions("data/golden-queries.json");

/** Everyday questions by kind: none of them more than an eighth of all. */
const kinds = {
  find: 36,
  energy: 10,
  diet: 20,
  allergen: 20,
  ingredients: 10,
  season: 8,
  origin: 8,
  preparation: 8,
  storage: 8,
  compare: 18,
  superlative: 16,
  list: 22,
  exclusion: 24,
  region: 20,
  spelling: 28,
  "follow-up": 14,
  "out-of-scope": 30,
};

/** Questions that the food data cannot answer. */
const offTopic = [
  "How do I fix a flat tire?",
  "How tall is the Eiffel Tower?",
  "Explain quantum entanglement",
  "Write a poem about the sea",
  "Who painted the ceiling of the Sistine Chapel?",
];

/** Kinds whose wrong answers can harm. */
const safetyKinds = ["diet", "allergen", "exclusion"];

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
  "molluscs",
];

let application: Application;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "ragfood-test-"));
  application = createApplication(readSettings({ RAGFOOD_DIR: directory, GENERATOR: "extractive" }));
  await ingest({ store: application.store, file: application.settings.dataFile, namespace: "" });
});

afterAll(async () => {
  await application.close();
  rmSync(directory, { recursive: true, force: true });
});

it("answers the tune split well, without misleading answers on diets and allergies (RAG-13)", async () => {
  const tune = golden.filter(({ split }) => split === "tune");
  const { total, questions } = await evaluateAnswers(application.engine, tune);
  const harmful = questions.filter(
    ({ kind, outcome }) => outcome === "misleading" && safetyKinds.includes(kind),
  );
  expect(harmful.map(({ question, faults }) => `${question}: ${faults.join(", ")}`)).toEqual([]);
  const missed = questions.filter(({ outcome }) => outcome !== "well").map(({ id }) => id);
  expect(total.well.hits, `missed: ${missed.join(", ")}`).toBeGreaterThanOrEqual(0.9 * tune.length);
});

it.each(allergens)(
  "lists no food that may contain %s for someone who is allergic to it (RAG-13)",
  async (allergen) => {
    for (const kind of ["soup", "dessert", "dish", "sauce", "bread"]) {
      const answer = await application.engine.ask(`Which ${kind} can I eat? I am allergic to ${allergen}.`);
      for (const { id, metadata } of answer.sources) {
        const contained = [metadata.allergens, metadata.mayContain].flat();
        expect(contained, `${id} as a ${kind}`).not.toContain(allergen);
      }
    }
  },
);

it.each([
  ["Is Black-Eyed Pea vegan?", /^Yes/],
  ["Does Horenso no Gomaae contain peanuts?", /^No/],
  ["Can vegans have honey?", /^No/],
  ["Is it OK for vegans to eat honey?", /^No/],
  ["Is mozzarella cheese vegetarian?", /^Not for certain/],
  ["Does Umm Ali contain sulphites?", /^It may/],
  ["Is Cacio e Pepe vegetarian?", /^(?:No|Not)/],
  ["Does ketchup contain gluten?", /nothing relevant/],
  ["How many calories does cauliflower have?", /nothing relevant/],
])("answers %j from that food alone", async (question, expected) => {
  expect((await application.engine.ask(question)).text).toMatch(expected);
});

it("asks 300 questions of every kind, half of them kept for the test", () => {
  const counts: Record<string, number> = {};
  for (const { kind } of golden) counts[kind] = (counts[kind] ?? 0) + 1;
  expect(counts).toEqual(kinds);
  expect(golden.filter(({ split }) => split === "tune")).toHaveLength(150);
  expect(golden.filter(({ split }) => split === "test")).toHaveLength(150);
  for (const kind of Object.keys(kinds)) {
    const splits = new Set(golden.filter((question) => question.kind === kind).map(({ split }) => split));
    expect([...splits].sort(), kind).toEqual(["test", "tune"]);
  }
});

it("names foods that exist, and asks nothing twice", () => {
  const ids = new Set(
    (JSON.parse(readFileSync("data/foods.json", "utf8")) as { id: string }[]).map(({ id }) => id),
  );
  expect(golden.flatMap(({ relevant }) => [...relevant].filter((id) => !ids.has(id)))).toEqual([]);
  const questions = golden.map(({ question, history }) => [...history, question].join(" ").toLowerCase());
  expect(new Set(questions).size).toBe(golden.length);
});

it("finds nothing relevant for questions about something else (RAG-5)", async () => {
  for (const question of offTopic) {
    expect(await application.engine.retrieve(question), question).toEqual([]);
  }
});
