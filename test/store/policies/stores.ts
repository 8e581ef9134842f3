import { onTestFinished } from "vitest";
import {
  defaultSettings,
  EmbeddedRequester,
  type IndexSettings,
  type ServedIndex,
  startEmulator,
  VectorIndex,
} from "../../../src/embedded/index.ts";
import { bm25 } from "../../../src/embedding/bm25.ts";
import { toDocument } from "../../../src/foods/food.ts";
import type { Document } from "../../../src/store/document.ts";
import type { VectorStore } from "../../../src/store/store.ts";
import { UpstashStore } from "../../../src/store/upstash.ts";
import { HttpRequester } from "../../../src/transport/http-requester.ts";
import { sampleFoods } from "../../helpers/foods.ts";

export const documents: readonly Document[] = sampleFoods.map((food) => toDocument(food));

/** A dense index of 3 dimensions that takes vectors and no text. */
export const denseSettings: IndexSettings = {
  ...defaultSettings,
  type: "DENSE",
  dimension: 3,
  sparseEmbeddingModel: "",
};

export function memoryStore(settings: IndexSettings = defaultSettings, name = "embedded"): VectorStore {
  const index = VectorIndex.open({ path: ":memory:", settings, embedders: { sparse: bm25 } });
  return new UpstashStore({
    name,
    requester: new EmbeddedRequester(index),
    close: () => index.close(),
  });
}

/** A store over HTTP whose server can be made to fail; closed after the test. */
export async function servedStore(): Promise<{ store: VectorStore; server: ServedIndex }> {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.close());
  return { store: httpStore(emulator.url, emulator.token), server: emulator };
}

export function httpStore(url: string, token = "token", timeoutMs = 10_000): VectorStore {
  // The transport passes on every failure, which shows how a policy handles it.
  const transport = { retry: { retries: 0 }, breaker: { failures: Number.MAX_SAFE_INTEGER } };
  const requester = new HttpRequester({ url, token, timeoutMs, ...transport });
  return new UpstashStore({ name: "upstash", requester });
}

export async function idsIn(store: VectorStore, namespace = ""): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of store.range({ namespace })) ids.push(...page.map(({ id }) => id));
  return ids;
}
