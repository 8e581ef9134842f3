import type { Catalog } from "../rag/catalog/catalog.ts";
import { fieldsOf } from "../rag/catalog/catalog.ts";
import type { RagEngine } from "../rag/engine.ts";
import { ExtractiveGenerator } from "../rag/extractive-generator.ts";
import type { FieldRole } from "../rag/vocabulary/vocabulary.ts";
import type { Application } from "./application.ts";

/** Milliseconds in which questions are asked. */
const longestMs = 2_000;

/** Records of a namespace whose catalog is read again at the start, so that it follows each write. */
const mostRecords = 20_000;

/** Names and values of each kind that questions are made of. */
const perKind = 12;

/**
 * Asks questions about the data before the first caller does: that one would wait for the catalog of the namespace, for
 * the tables of words, and for code that is not compiled yet. The cloud index is only read for the catalog: it bills
 * each search.
 */
export async function warmUp({ engine, settings }: Application, signal: AbortSignal): Promise<void> {
  const catalog = await engine.catalog({ signal });
  if (settings.store !== "embedded") return;
  if (catalog.recordCount <= mostRecords) await engine.learn({ signal });
  const end = performance.now() + longestMs;
  for (const question of questionsAbout(catalog)) {
    if (signal.aborted || performance.now() > end) return;
    await answer(engine, question, signal);
  }
}

/** Finds and quotes; no model is asked. */
async function answer(engine: RagEngine, question: string, signal: AbortSignal): Promise<void> {
  const { sources, plan, parts } = await engine.find(question, { signal });
  const request = { question, sources, plan, parts, history: [], signal };
  for await (const _ of new ExtractiveGenerator().generate(request));
}

function questionsAbout(catalog: Catalog): string[] {
  const names = catalog.names.slice(0, perKind).map(([name]) => name);
  const valuesOf = (role: FieldRole) =>
    fieldsOf(catalog, role)
      .flatMap(({ values }) => values)
      .slice(0, perKind)
      .map(([value]) => value);
  return [
    ...names.flatMap((name) => [
      `What is ${name}?`,
      `Is ${name} vegan, and does it contain nuts?`,
      `How many calories does ${name} have?`,
    ]),
    ...valuesOf("type").map((type) => `Which ${type} is vegetarian?`),
    ...valuesOf("region").map((region) => `What do people eat in ${region} for breakfast?`),
    ...valuesOf("ingredients").map((ingredient) => `Gluten-free dishes with ${ingredient}, without milk`),
    "Which food has the most calories?",
    "a warming soup with herbs",
  ];
}
