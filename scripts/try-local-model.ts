/**
 * Tries a local embedding model: dimensions, a few similarities, texts per second.
 *
 *   node scripts/try-local-model.ts <directory of the model>      (Node.js 22.18 or later)
 *
 * Every embedder that can read the directory has its turn: the static one, and the one that needs
 * `@huggingface/transformers`.
 */
import type { Embedder } from "../src/embedding/embedder.ts";
import { LocalEmbedder } from "../src/embedding/local.ts";
import { isStaticModel, StaticEmbedder } from "../src/embedding/static.ts";
import { RagfoodError } from "../src/foundation/errors.ts";

const pairs = [
  ["tomato soup", "soup of tomatoes"],
  ["tomato soup", "chocolate cake"],
  ["a spicy curry from India", "hot Indian stew with chilies"],
  ["a spicy curry from India", "the offside rule in football"],
  ["Jalapeño crème brûlée", "jalapeno creme brulee"],
] as const;

const timedTexts = Array.from(
  { length: 2_000 },
  (_, number) => `Dish ${number}: rice with beans, slowly cooked in a clay pot with onion, garlic and cumin.`,
);

async function tryEmbedder(name: string, embedder: Embedder): Promise<void> {
  console.log(`${name}: ${embedder.model}, ${embedder.dimension} dimensions`);
  const loadStart = performance.now();
  await embedder.embed(["warm up"], "document");
  console.log(`  first text after ${Math.round(performance.now() - loadStart)} ms`);
  for (const pair of pairs) {
    const [left, right] = (await embedder.embed(pair, "document")) as [Float32Array, Float32Array];
    console.log(`  ${cosine(left, right).toFixed(4)}  ${pair.join(" / ")}`);
  }
  const start = performance.now();
  const vectors = await embedder.embed(timedTexts, "document");
  const seconds = (performance.now() - start) / 1_000;
  console.log(`  ${Math.round(vectors.length / seconds)} texts per second`);
}

function cosine(left: Float32Array, right: Float32Array): number {
  const dot = left.reduce((sum, component, place) => sum + component * (right[place] as number), 0);
  return dot / (Math.hypot(...left) * Math.hypot(...right));
}

const [path] = process.argv.slice(2);
if (path === undefined) {
  console.error("Usage: node scripts/try-local-model.ts <directory of the model>");
  process.exit(2);
}
try {
  if (isStaticModel(path)) await tryEmbedder("StaticEmbedder", new StaticEmbedder({ path }));
  await tryEmbedder("LocalEmbedder", new LocalEmbedder({ path }));
} catch (error) {
  if (!(error instanceof RagfoodError)) throw error;
  console.error([error.message, error.hint].join("\n"));
  process.exitCode = 1;
}
