import { onTestFinished } from "vitest";
import { defaultSettings, EmbeddedRequester, VectorIndex } from "../../src/embedded/index.ts";
import { bm25 } from "../../src/embedding/bm25.ts";
import { type Food, toDocument } from "../../src/foods/food.ts";
import { RagEngine, type RagEngineOptions } from "../../src/rag/engine.ts";
import { ExtractiveGenerator } from "../../src/rag/extractive-generator.ts";
import type { VectorStore } from "../../src/store/store.ts";
import { UpstashStore } from "../../src/store/upstash.ts";
import { sampleFoods } from "./foods.ts";

/** An engine over an embedded index in memory that holds these foods; closed after the test. */
export async function foodEngine(
  options: Partial<RagEngineOptions> = {},
  foods: readonly Food[] = sampleFoods,
): Promise<{ engine: RagEngine; store: VectorStore }> {
  const index = VectorIndex.open({
    path: ":memory:",
    settings: defaultSettings,
    embedders: { sparse: bm25 },
  });
  onTestFinished(() => index.close());
  const store = new UpstashStore({ name: "embedded", requester: new EmbeddedRequester(index) });
  await store.upsert(foods.map((food) => toDocument(food)));
  const engine = new RagEngine({
    store,
    generators: [new ExtractiveGenerator()],
    topK: 3,
    isLexical: true,
    ...options,
  });
  return { engine, store };
}
