import { onTestFinished } from "vitest";
import {
  EmbeddedRequester,
  type IndexEmbedders,
  type IndexSettings,
  VectorIndex,
} from "../../../src/embedded/index.ts";
import { seededRandom } from "../../../src/evaluation/index.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import type { VectorStore } from "../../../src/store/store.ts";
import { UpstashStore } from "../../../src/store/upstash.ts";

const dimension = 32;

/** A real index in memory behind a store, closed after the test. */
export function openIndex(settings: Partial<IndexSettings> = {}, embedders: IndexEmbedders = {}) {
  const index = VectorIndex.open({
    path: ":memory:",
    settings: {
      type: "DENSE",
      dimension,
      similarityFunction: "COSINE",
      embeddingModel: "",
      sparseEmbeddingModel: "",
      ...settings,
    },
    embedders,
  });
  onTestFinished(() => index.close());
  const store = new UpstashStore({ name: "embedded", requester: new EmbeddedRequester(index) });
  return { index, store };
}

/** Clustered vectors as texts give them, each stretched by a factor from 1 to `stretch`. */
export function makeRecords(count: number, stretch = 1, seed = 1): StoreRecord[] {
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const centres = Array.from({ length: 12 }, () => Array.from({ length: dimension }, normal));
  return Array.from({ length: count }, (_, place) => {
    const centre = centres[place % centres.length] as number[];
    const length = 1 + (stretch - 1) * random();
    const spread = centre.map((component) => component + 0.5 * normal());
    const norm = Math.hypot(...spread);
    return {
      id: `r${place}`,
      text: `text of record ${place}`,
      metadata: { topic: place % centres.length },
      vector: Float32Array.from(spread, (component) => (length * component) / norm),
    };
  });
}

export async function filled(records: readonly StoreRecord[], settings: Partial<IndexSettings> = {}) {
  const opened = openIndex(settings);
  await opened.store.upsertRecords(records);
  return opened;
}

/** The store with one method replaced. */
export function withMethod<Name extends "query" | "info" | "upsert" | "fetch">(
  store: VectorStore,
  name: Name,
  method: VectorStore[Name],
): VectorStore {
  return new Proxy(store, {
    get(target, property) {
      if (property === name) return method;
      const value = Reflect.get(target, property);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
