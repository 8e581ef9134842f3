import { ChromaClient } from "chromadb";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { HashingEmbedder } from "../../src/embedding/hashing.ts";
import { IndexMismatchError, InvalidRequestError, NotFoundError } from "../../src/foundation/errors.ts";
import { describeChromaServer } from "../../src/migration/chroma-server/describe.ts";
import { type ChromaCollection, ChromaConnection } from "../../src/store/chroma/connection.ts";
import { readIds } from "../../src/store/chroma/ids.ts";
import { ChromaStore } from "../../src/store/chroma.ts";
import { type ChromaServer, chromaObstacle, startChroma } from "../helpers/chroma-server.ts";
import { describeUnless } from "../helpers/obstacles.ts";
import { storeContract, vectorContract } from "./contract.ts";

let server: ChromaServer;
let collections = 0;

beforeAll(async () => {
  if (chromaObstacle === undefined) server = await startChroma();
});
afterAll(() => server?.close());

function chromaStore(options: Partial<ConstructorParameters<typeof ChromaStore>[0]> = {}): ChromaStore {
  return new ChromaStore({
    server: { url: server.url, timeoutMs: 10_000 },
    collection: `collection-${collections++}`,
    ...options,
  });
}

const fewRecords = (count: number) =>
  Array.from({ length: count }, (_, place) => ({
    id: `id-${place}`,
    text: `food ${place}`,
    metadata: { place },
    vector: [place, 1],
  }));

describeUnless(chromaObstacle, "Chroma", () => {
  storeContract("chroma", async () => chromaStore({ embedder: new HashingEmbedder(256) }));
  vectorContract("chroma", async () => chromaStore());

  it.each([
    ["l2", (squares: number) => 1 / (1 + squares), "EUCLIDEAN"],
    ["cosine", (_: number, cosine: number) => (1 + cosine) / 2, "COSINE"],
    ["ip", (_: number, __: number, dot: number) => (1 + dot) / 2, "DOT_PRODUCT"],
  ] as const)("scores in the space %s as Upstash Vector does", async (space, formula, name) => {
    const store = chromaStore({ space });
    const vectors = [
      [3, 4],
      [0.5, -2],
      [1, 0],
    ];
    const asked = [2, 1];
    await store.upsertRecords(vectors.map((vector, place) => ({ id: String(place), vector })));
    const matches = await store.query({ vector: asked, topK: 3 });
    for (const { id, score } of matches) {
      const [x, y] = vectors[Number(id)] as [number, number];
      const dot = x * 2 + y;
      const squares = (x - 2) ** 2 + (y - 1) ** 2;
      expect(score).toBeCloseTo(formula(squares, dot / Math.hypot(x, y) / Math.hypot(2, 1), dot), 5);
    }
    expect(matches.map(({ score }) => score)).toEqual(
      matches.map(({ score }) => score).sort((a, b) => b - a),
    );
    expect((await store.info()).similarityFunction).toBe(name);
  });

  it("leaves nothing of the former record, and adds nothing to one without text", async () => {
    const store = chromaStore();
    await store.upsertRecords([
      { id: "a", text: "old", metadata: { old: 1, both: 1, list: ["x"] }, vector: [1, 0] },
    ]);
    await store.upsertRecords([{ id: "a", metadata: { both: 2, deep: { er: null } }, vector: [0, 1] }]);
    expect(await store.fetch(["a"])).toEqual([{ id: "a", metadata: { both: 2, deep: { er: null } } }]);
    await store.upsertRecords([{ id: "a", text: "", vector: [0, 1] }]);
    expect(await store.fetch(["a"])).toEqual([{ id: "a", text: "" }]);
    await store.upsertRecords([{ id: "a", text: "x", metadata: {}, vector: [0, 1] }]);
    expect(await store.fetch(["a"])).toEqual([{ id: "a", text: "x", metadata: {} }]);
  });

  it("changes the text and keeps the vector if nothing embeds", async () => {
    const store = chromaStore();
    await store.upsertRecords([{ id: "a", text: "old", metadata: { kept: true }, vector: [0.25, 0.5] }]);
    expect(await store.update({ id: "a", text: "new" })).toBe(true);
    expect(await store.fetch(["a"], { includeVectors: true })).toEqual([
      { id: "a", text: "new", metadata: { kept: true }, vector: [0.25, 0.5] },
    ]);
    await expect(store.upsert([{ id: "b", text: "b", metadata: {} }])).rejects.toThrow(InvalidRequestError);
    await expect(store.query({ text: "b", topK: 1 })).rejects.toMatchObject({ code: "invalid-request" });
  });

  it("refuses what Chroma cannot hold before anything is written", async () => {
    const store = chromaStore();
    const sparseVector = { indices: [1], values: [1] };
    const records = fewRecords(2);
    await expect(
      store.upsertRecords([...records, { id: "sparse", vector: [1, 1], sparseVector }]),
    ).rejects.toThrow(/"sparse" has a sparse vector/);
    await expect(store.upsertRecords([...records, { id: "none" }])).rejects.toThrow(
      /"none" has no dense vector/,
    );
    expect((await store.info()).recordCount).toBe(0);
    await store.upsertRecords(records);
    await expect(store.upsertRecords([{ id: "wide", vector: [1, 2, 3] }])).rejects.toThrow(/dimension/);
  });

  it("lists the existing collections if the one of a question is missing, and creates none by reading", async () => {
    const filled = chromaStore({ collection: "recipes" });
    await filled.upsertRecords(fewRecords(1));
    const mistyped = chromaStore({ collection: "recipies" });
    const failing = mistyped.query({ vector: [1, 1], topK: 1 });
    await expect(failing).rejects.toThrow(NotFoundError);
    await expect(failing).rejects.toThrow(/no collection recipies; it has recipes, /);
    expect(await mistyped.fetch(["a"])).toEqual([undefined]);
    expect(await mistyped.delete({ ids: ["a"] })).toBe(0);
    expect(await mistyped.update({ id: "a", text: "x" })).toBe(false);
    await mistyped.reset();
    const names = (await describeChromaServer({ url: server.url, timeoutMs: 10_000 })).map(
      (one) => one.collection,
    );
    expect(names).not.toContain("recipies");
  });

  it("refuses to mix models in one collection (VEC-6)", async () => {
    const [first, second] = [new HashingEmbedder(64), new HashingEmbedder(128)];
    await chromaStore({ collection: "one-model", embedder: first }).upsert([
      { id: "a", text: "a", metadata: {} },
    ]);
    const other = chromaStore({ collection: "one-model", embedder: second });
    await expect(other.query({ text: "a", topK: 1 })).rejects.toThrow(IndexMismatchError);
    await expect(other.upsert([{ id: "b", text: "b", metadata: {} }])).rejects.toThrow(
      /TEST_HASHING_64.*TEST_HASHING_128/,
    );
  });

  it("continues after another process deleted the collection and created it again", async () => {
    const store = chromaStore({ collection: "renewed" });
    await store.upsertRecords(fewRecords(2));
    const client = new ChromaClient(addressOf(server.url));
    await client.deleteCollection({ name: "renewed" });
    expect(await store.fetch(["id-0"])).toEqual([undefined]);
    await store.upsertRecords(fewRecords(1));
    expect((await store.query({ vector: [0, 1], topK: 3 })).map(({ id }) => id)).toEqual(["id-0"]);
  });

  it("reads and queries an unchanged collection of the former application (VEC-5)", async () => {
    const base = `${server.url}/api/v2/tenants/default_tenant/databases/default_database/collections`;
    const post = async (url: string, body: object) =>
      await (
        await fetch(url, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify(body),
        })
      ).json();
    // As the Python client makes one: it notes an embedding function that it never calls.
    const { id } = (await post(base, {
      name: "former-foods",
      configuration: { embedding_function: { type: "known", name: "default", config: {} } },
    })) as { id: string };
    const embedder = new HashingEmbedder(64);
    const texts = ["Vindaloo is a hot curry.", "Pho is a noodle soup."];
    const vectors = await embedder.embed(texts);
    await post(`${base}/${id}/add`, {
      ids: ["0", "1"],
      documents: texts,
      embeddings: vectors.map((vector) => [...vector].map((component) => component * 17)),
    });
    const warnings = vi.spyOn(console, "warn");
    const store = chromaStore({ collection: "former-foods", embedder });
    const [best] = await store.query({ text: "noodle soup", topK: 1 });
    expect(best).toMatchObject({ id: "1", text: texts[1] });
    expect(best?.metadata).toBeUndefined();
    expect(await store.info()).toMatchObject({
      recordCount: 2,
      dimension: 64,
      similarityFunction: "EUCLIDEAN",
    });
    await store.update({ id: "1", metadata: { region: "Vietnam" }, mergeMetadata: true });
    expect((await store.fetch(["1"]))[0]).toEqual({
      id: "1",
      text: texts[1],
      metadata: { region: "Vietnam" },
    });
    expect(warnings).not.toHaveBeenCalled();
    warnings.mockRestore();
  });

  it("reads the ids again if a deletion moved them", async () => {
    const store = chromaStore({ collection: "shifting" });
    await store.upsertRecords(fewRecords(20));
    let requests = 0;
    class Shifting extends ChromaConnection {
      override async records<T>(
        ...[collection, options, action]: Parameters<typeof ChromaConnection.prototype.records<T>>
      ): Promise<T> {
        if (++requests === 2) await store.delete({ ids: ["id-1"] });
        return await super.records(collection, options, action);
      }
    }
    const connection = new Shifting({ url: server.url, timeoutMs: 10_000 });
    const collection = (await connection.find("shifting", {})) as ChromaCollection;
    const left = fewRecords(20)
      .map(({ id }) => id)
      .filter((id) => id !== "id-1");
    expect(await readIds(connection, collection, {}, 5)).toEqual(left);
    expect(requests).toBeGreaterThan(5);
  });
});

function addressOf(url: string): { host: string; port: number; ssl: boolean } {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port), ssl: false };
}
