import { readFileSync } from "node:fs";
import { expect, it, onTestFinished } from "vitest";
import { createApplication } from "../../src/composition/application.ts";
import { readSettings } from "../../src/config/settings.ts";
import { readGoldenQuestions } from "../../src/evaluation/index.ts";
import { ingest } from "../../src/foods/ingest.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

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

async function openEngine() {
  const application = createApplication(readSettings({ RAGFOOD_DIR: temporaryDirectory() }));
  onTestFinished(() => application.close());
  await ingest({ store: application.store, file: application.settings.dataFile, namespace: "" });
  return application.engine;
}

it("finds a right food among the top 3 for nine descriptions in ten of the tune split, with BM25 alone", async () => {
  const engine = await openEngine();
  const missed: string[] = [];
  const found = golden.filter(({ kind, split }) => kind === "find" && split === "tune");
  for (const { id, question, relevant } of found) {
    const sources = await engine.retrieve(question);
    if (!sources.some((source) => relevant.has(source.id))) missed.push(id);
  }
  expect(missed.length, `missed: ${missed.join(", ")}`).toBeLessThanOrEqual(Math.floor(found.length / 10));
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
  const engine = await openEngine();
  for (const question of offTopic) expect(await engine.retrieve(question), question).toEqual([]);
});
