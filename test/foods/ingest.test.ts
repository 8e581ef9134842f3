import { writeFileSync } from "node:fs";
import { describe, expect, it, onTestFinished } from "vitest";
import { defaultSettings, EmbeddedRequester, VectorIndex } from "../../src/embedded/index.ts";
import { bm25 } from "../../src/embedding/bm25.ts";
import { type IngestProgress, ingest } from "../../src/foods/ingest.ts";
import { IngestState } from "../../src/foods/ingest-state.ts";
import type { VectorStore } from "../../src/store/store.ts";
import { UpstashStore } from "../../src/store/upstash.ts";
import { temporaryDirectory, temporaryFile } from "../helpers/temporary.ts";

/** A store that counts its writes. */
function openStore(): { store: VectorStore; batches: number[] } {
  const index = VectorIndex.open({
    path: ":memory:",
    settings: defaultSettings,
    embedders: { sparse: bm25 },
  });
  const store = new UpstashStore({ name: "embedded", requester: new EmbeddedRequester(index) });
  onTestFinished(() => index.close());
  const batches: number[] = [];
  const upsert = store.upsert.bind(store);
  store.upsert = (documents, options) => {
    batches.push(documents.length);
    return upsert(documents, options);
  };
  return { store, batches };
}

function foods(count: number): { id: string; text: string; n?: number }[] {
  return Array.from({ length: count }, (_, place) => ({ id: `${place}`, text: `food number ${place}` }));
}

describe("ingest (RAG-9)", () => {
  it("writes in batches of 100 with progress, and a second run writes nothing", async () => {
    const { store, batches } = openStore();
    const file = temporaryFile(JSON.stringify(foods(250)));
    const progress: IngestProgress[] = [];
    const first = await ingest({ store, file, namespace: "", onProgress: (step) => progress.push(step) });
    expect(first).toMatchObject({ total: 250, added: 250, changed: 0, unchanged: 0, deleted: 0 });
    expect(batches).toEqual([100, 100, 50]);
    expect(progress.map(({ done }) => done)).toEqual([100, 200, 250]);
    const second = await ingest({ store, file, namespace: "" });
    expect(second).toMatchObject({ added: 0, changed: 0, unchanged: 250 });
    expect(batches).toHaveLength(3);
  });

  it("writes only new records and records with a changed text or field", async () => {
    const { store, batches } = openStore();
    const list = foods(10);
    const file = temporaryFile(JSON.stringify(list));
    await ingest({ store, file, namespace: "" });
    list[3] = { id: "3", text: "another text" };
    list[4] = { id: "4", text: "food number 4", n: 1 };
    writeFileSync(file, JSON.stringify([...list, { id: "new", text: "new" }]));
    expect(await ingest({ store, file, namespace: "" })).toMatchObject({
      added: 1,
      changed: 2,
      unchanged: 8,
    });
    expect(batches).toEqual([10, 3]);
    expect((await store.fetch(["4"]))[0]?.metadata).toMatchObject({ n: 1 });
  });

  it("deletes records that the file does not have only with prune", async () => {
    const { store } = openStore();
    const file = temporaryFile(JSON.stringify(foods(5)));
    await ingest({ store, file, namespace: "" });
    writeFileSync(file, JSON.stringify(foods(2)));
    expect(await ingest({ store, file, namespace: "" })).toMatchObject({ deleted: 0 });
    expect((await store.info()).recordCount).toBe(5);
    expect(await ingest({ store, file, namespace: "", prune: true })).toMatchObject({ deleted: 3 });
    expect((await store.info()).recordCount).toBe(2);
  });

  it("writes nothing at all of a file with a fault in its last record", async () => {
    const { store, batches } = openStore();
    const file = temporaryFile(JSON.stringify([...foods(150), { id: "0", text: "taken" }]));
    await expect(ingest({ store, file, namespace: "" })).rejects.toMatchObject({ code: "data" });
    expect(batches).toEqual([]);
  });

  it("stops at the signal, keeps the written records, and continues from there", async () => {
    const { store, batches } = openStore();
    const file = temporaryFile(JSON.stringify(foods(300)));
    const controller = new AbortController();
    const stopped = ingest({
      store,
      file,
      namespace: "",
      signal: controller.signal,
      onProgress: ({ done }) => done === 100 && controller.abort(),
    });
    await expect(stopped).rejects.toMatchObject({
      code: "cancelled",
      message: "Stopped after 100 of 300 records.",
    });
    expect(await ingest({ store, file, namespace: "" })).toMatchObject({ added: 200, unchanged: 100 });
    expect(batches).toEqual([100, 100, 100]);
  });
});

describe("IngestState", () => {
  const template = "{text}";

  it("knows a file that is new, current, stale, or another one", () => {
    const directory = temporaryDirectory();
    const state = new IngestState(`${directory}/state/ingests.json`);
    const file = temporaryFile("[1]");
    for (const namespace of ["", "constructor", "toString"]) {
      expect(state.status(namespace, file, template)).toEqual({ status: "new", textFields: [] });
      const finish = state.begin(namespace, { file, template, textFields: [] });
      expect(state.status(namespace, file, template)).toEqual({ status: "stale", textFields: [] });
      finish();
      expect(state.status(namespace, file, template)).toEqual({ status: "current", textFields: [] });
    }
    expect(state.status("other", file, template)).toEqual({ status: "new", textFields: [] });
    expect(state.status("", file, "{text} {region}")).toEqual({ status: "stale", textFields: [] });
    writeFileSync(file, "[1, 2]");
    expect(state.status("", file, template)).toEqual({ status: "stale", textFields: [] });
    expect(state.status("", "another.json", template)).toEqual({
      status: "other",
      known: file,
      textFields: [],
    });
  });

  it("takes a file that changes while it is ingested for one that was not read", () => {
    const state = new IngestState(`${temporaryDirectory()}/ingests.json`);
    const file = temporaryFile("[1]");
    const finish = state.begin("", { file, template, textFields: [] });
    writeFileSync(file, "[1, 2]");
    finish();
    expect(state.status("", file, template)).toEqual({ status: "stale", textFields: [] });
  });

  it("starts afresh from a state that is damaged", () => {
    const file = temporaryFile('{"": {"file": 5}', "ingests.json");
    expect(new IngestState(file).status("", "foods.json", template)).toEqual({
      status: "new",
      textFields: [],
    });
  });
});
