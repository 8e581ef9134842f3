import { readFileSync } from "node:fs";
import { expect, it, onTestFinished } from "vitest";
import { createApplication } from "../../src/composition/application.ts";
import { readSettings } from "../../src/config/settings.ts";
import { ingest } from "../../src/foods/ingest.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

interface GoldenQuery {
  readonly id: string;
  readonly kind: string;
  readonly question: string;
  readonly relevant: readonly string[];
}

const golden: GoldenQuery[] = JSON.parse(readFileSync("data/golden-queries.json", "utf8"));

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

it("finds a right food among the top 3 for nine golden queries in ten, with BM25 alone", async () => {
  const engine = await openEngine();
  const missed: string[] = [];
  for (const { id, question, relevant } of golden) {
    const sources = await engine.retrieve(question);
    if (!sources.some((source) => relevant.includes(source.id))) missed.push(id);
  }
  expect(golden.length).toBeGreaterThanOrEqual(30);
  expect(missed.length, `missed: ${missed.join(", ")}`).toBeLessThanOrEqual(Math.floor(golden.length / 10));
});

it("names foods that exist, and asks about every kind of thing", () => {
  const ids = new Set(
    (JSON.parse(readFileSync("data/foods.json", "utf8")) as { id: string }[]).map(({ id }) => id),
  );
  expect(golden.flatMap(({ relevant }) => relevant.filter((id) => !ids.has(id)))).toEqual([]);
  expect([...new Set(golden.map(({ kind }) => kind))].sort()).toEqual([
    "comparison",
    "diet",
    "ingredient",
    "nutrition",
    "occasion",
    "region",
    "type",
  ]);
});

it("finds nothing relevant for questions about something else (RAG-5)", async () => {
  const engine = await openEngine();
  for (const question of offTopic) expect(await engine.retrieve(question), question).toEqual([]);
});
