import { describe, expect, it } from "vitest";
import type { CallOptions, VectorStore } from "../../src/store/store.ts";
import { type UpstashRequester, UpstashStore } from "../../src/store/upstash.ts";

/** Answers nothing, and fails as soon as the signal of the call fires. */
const hanging = (onRequest: () => void): UpstashRequester => ({
  request: (_, { signal }: CallOptions = {}) =>
    new Promise((_, reject) => {
      onRequest();
      if (signal === undefined) return;
      const giveUp = () => reject(new Error("aborted by its signal"));
      if (signal.aborted) giveUp();
      else signal.addEventListener("abort", giveUp);
    }),
});

const calls: Readonly<Record<string, (store: VectorStore, options: CallOptions) => Promise<unknown>>> = {
  info: (store, options) => store.info(options),
  "a question by text": (store, options) => store.query({ text: "curry", topK: 3 }, options),
  "a question by vector": (store, options) => store.query({ vector: [1], topK: 3 }, options),
  fetch: (store, options) => store.fetch(["a"], options),
  range: (store, options) => store.range(options).next(),
  upsert: (store, options) => store.upsert([{ id: "a", text: "x", metadata: {} }], options),
  upsertRecords: (store, options) => store.upsertRecords([{ id: "a", text: "x" }], options),
  delete: (store, options) => store.delete({ ids: ["a"] }, options),
  update: (store, options) => store.update({ id: "a", text: "y" }, options),
  reset: (store, options) => store.reset(options),
  listNamespaces: (store, options) => store.listNamespaces(options),
  deleteNamespace: (store, options) => store.deleteNamespace("x", options),
};

describe("every request of a call takes its signal", () => {
  it.each(Object.keys(calls))("aborts %s", async (name) => {
    let isAsked = false;
    const requester = hanging(() => (isAsked = true));
    const store = new UpstashStore({ name: "upstash", requester });
    const controller = new AbortController();
    const call = calls[name]?.(store, { signal: controller.signal });
    await expect.poll(() => isAsked).toBe(true);
    controller.abort();
    await expect(call).rejects.toThrow("aborted by its signal");
  });

  it("asks only once how an index weighs words", async () => {
    const paths: string[] = [];
    const info = {
      vectorCount: 0,
      pendingVectorCount: 0,
      indexSize: 0,
      dimension: 0,
      similarityFunction: "COSINE",
      namespaces: {},
      indexType: "SPARSE",
      sparseIndex: { embeddingModel: "BM25" },
    };
    const requester: UpstashRequester = {
      request: async <T>({ path = [] }: { path?: string[] }) => {
        paths.push(path.join("/"));
        return { result: (path[0] === "info" ? info : []) as T };
      },
    };
    const store = new UpstashStore({ name: "upstash", requester });
    await store.query({ text: "curry", topK: 3 });
    await store.query({ text: "rice", topK: 3 });
    expect(paths.filter((path) => path === "info")).toHaveLength(1);
  });
});
