import { Index } from "@upstash/vector";
import { describe, expect, it } from "vitest";
import type { EmulatorOptions } from "../../../src/embedded/index.ts";
import { dense } from "../../helpers/index-settings.ts";
import { denseOfText, hybridOfText, hybridOfVectors, served, sparseOfVectors } from "./wire.ts";

/** All that @upstash/vector 1.2.3 can do, on each kind of index, by vectors and by text, in each kind of namespace. */

interface Kind {
  readonly options: EmulatorOptions;
  /** What record n brings besides its id and metadata. */
  content(n: number): object;
  /** What is asked, so that record 1 is best and all of them match. */
  readonly question: object;
  readonly info: object;
}

const vectors = (n: number) => ({ vector: [10, n] });
const sparseVectors = (n: number) => ({ sparseVector: { indices: [7, n], values: [10 - n, 1] } });
const texts = (n: number) => ({ data: `noodle soup ${"and more ".repeat(n)}` });
const byVector = { vector: [10, 1] };
const bySparse = { sparseVector: { indices: [7], values: [1] } };
const byText = { data: "noodle soup" };

const kinds: Record<string, Kind> = {
  "dense, by vectors": {
    options: { settings: dense },
    content: vectors,
    question: byVector,
    info: {
      indexType: "DENSE",
      dimension: 2,
      similarityFunction: "COSINE",
      denseIndex: { dimension: 2, similarityFunction: "COSINE", embeddingModel: "" },
    },
  },
  "sparse, by vectors": {
    options: { settings: sparseOfVectors },
    content: sparseVectors,
    question: bySparse,
    info: {
      indexType: "SPARSE",
      dimension: 0,
      similarityFunction: "",
      sparseIndex: { embeddingModel: "" },
    },
  },
  "hybrid, by vectors": {
    options: { settings: hybridOfVectors },
    content: (n) => ({ ...vectors(n), ...sparseVectors(n) }),
    question: { ...byVector, ...bySparse },
    info: {
      indexType: "HYBRID",
      dimension: 2,
      similarityFunction: "COSINE",
      denseIndex: { dimension: 2, similarityFunction: "COSINE", embeddingModel: "" },
      sparseIndex: { embeddingModel: "" },
    },
  },
  "dense, by text": {
    options: denseOfText,
    content: texts,
    question: byText,
    info: {
      indexType: "DENSE",
      dimension: 32,
      similarityFunction: "COSINE",
      denseIndex: { dimension: 32, similarityFunction: "COSINE", embeddingModel: "TEST_HASHING_32" },
    },
  },
  "sparse, by text": {
    options: {},
    content: texts,
    question: byText,
    info: {
      indexType: "SPARSE",
      dimension: 0,
      similarityFunction: "",
      sparseIndex: { embeddingModel: "BM25" },
    },
  },
  "hybrid, by text": {
    options: hybridOfText,
    content: texts,
    question: byText,
    info: {
      indexType: "HYBRID",
      dimension: 32,
      similarityFunction: "COSINE",
      denseIndex: { dimension: 32, similarityFunction: "COSINE", embeddingModel: "TEST_HASHING_32" },
      sparseIndex: { embeddingModel: "BM25" },
    },
  },
};

type Command = (...words: unknown[]) => Promise<unknown>;
type Client = Record<string, Command>;

/** The commands of a client, each noted when it is used. */
function noting(client: object, used: Set<string>): Client {
  return new Proxy(client as Client, {
    get(target, name: string) {
      if (typeof target[name] === "function") used.add(name);
      return target[name];
    },
  });
}

function commandsOf(client: object): string[] {
  return Object.entries(client).flatMap(([name, value]) => (typeof value === "function" ? [name] : []));
}

const ids = (matches: unknown) => (matches as { id: string }[]).map(({ id }) => id);

/** Everything that can be done in one namespace. */
async function useRecords(client: Client, { content, question }: Kind, target: object[]): Promise<void> {
  // The client's fetch takes the namespace out of the object that it is given.
  const run = (name: string, ...words: unknown[]) =>
    (client[name] as Command)(...words, ...target.map((options) => ({ ...options })));
  const all = { includeVectors: true, includeMetadata: true, includeData: true };
  const record = (n: number) => ({ id: `r-${n}`, metadata: { n }, ...content(n) });

  expect(await run("upsert", record(1))).toBe("Success");
  expect(await run("upsert", [record(2), record(3), { ...record(4), id: 4 }])).toBe("Success");

  const [first, missing] = (await run("fetch", ["r-1", "none"], { ...all, ...target[0] })) as [object, null];
  expect(first).toMatchObject(record(1));
  expect(missing).toBeNull();
  expect(await run("fetch", { ids: ["4"] }, { includeMetadata: true, ...target[0] })).toEqual([
    { id: "4", metadata: { n: 4 } },
  ]);
  expect(ids(await run("fetch", { prefix: "r-" }, { ...target[0] }))).toEqual(["r-1", "r-2", "r-3"]);

  const found = (await run("query", { ...question, topK: 10, ...all })) as object[];
  expect(ids(found).sort()).toEqual(["4", "r-1", "r-2", "r-3"]);
  expect(found[0]).toEqual({ ...first, score: expect.any(Number) });
  expect(ids(await run("query", { ...question, topK: 10, filter: "n >= 3" })).sort()).toEqual(["4", "r-3"]);

  const resumed = (await run("resumableQuery", { ...question, topK: 1, maxIdle: 60 })) as {
    result: unknown;
    fetchNext(count: number): Promise<unknown>;
    stop(): Promise<unknown>;
  };
  const pages = [
    ...ids(resumed.result),
    ...ids(await resumed.fetchNext(2)),
    ...ids(await resumed.fetchNext(9)),
  ];
  expect([pages[0], [...pages].sort()]).toEqual(["r-1", ["4", "r-1", "r-2", "r-3"]]);
  expect(await resumed.fetchNext(1)).toEqual([]);
  expect(await resumed.stop()).toBe("Success");

  expect(await run("range", { cursor: 0, limit: 3 })).toEqual({
    nextCursor: "3",
    vectors: [{ id: "r-1" }, { id: "r-2" }, { id: "r-3" }],
  });
  expect(await run("range", { cursor: "3", limit: 3, ...all })).toEqual({
    nextCursor: "",
    vectors: [expect.objectContaining({ ...record(4), id: "4" })],
  });
  expect(await run("range", { cursor: 0, limit: 1, prefix: "r-3" })).toEqual({
    nextCursor: "",
    vectors: [{ id: "r-3" }],
  });

  expect(
    await run("update", { id: "r-1", metadata: { n: null, m: 1 }, metadataUpdateMode: "PATCH" }),
  ).toEqual({
    updated: 1,
  });
  expect(await run("update", { id: "r-1", ...content(9) })).toEqual({ updated: 1 });
  expect(await run("update", { id: "none", metadata: {} })).toEqual({ updated: 0 });
  expect(await run("fetch", ["r-1"], { ...all, ...target[0] })).toMatchObject([
    { id: "r-1", metadata: { m: 1 }, ...content(9) },
  ]);

  expect(await run("delete", 4)).toEqual({ deleted: 1 });
  expect(await run("delete", "r-1")).toEqual({ deleted: 1 });
  expect(await run("delete", ["r-1", "r-2"])).toEqual({ deleted: 1 });
  expect(await run("delete", { filter: "n = 3" })).toEqual({ deleted: 1 });
  expect(await run("upsert", [record(1), record(2)])).toBe("Success");
  expect(await run("delete", { ids: ["r-1"] })).toEqual({ deleted: 1 });
  expect(await run("delete", { prefix: "r-" })).toEqual({ deleted: 1 });
  expect(await run("query", { ...question, topK: 1 })).toEqual([]);
}

describe.each(Object.entries(kinds))("all commands of the official JavaScript client: %s", (_, kind) => {
  async function client(): Promise<Index> {
    const { url, token } = await served(kind.options);
    return new Index({ url, token, retry: false });
  }

  it("in the default namespace, by an option, and by a namespace of the client", async () => {
    const index = await client();
    const used = new Set<string>();
    const whole = noting(index, used);
    await useRecords(whole, kind, []);
    await useRecords(whole, kind, [{ namespace: "by option" }]);
    const usedOfNamespace = new Set<string>();
    const part = index.namespace("by client");
    await useRecords(noting(part, usedOfNamespace), kind, []);
    expect(await (noting(part, usedOfNamespace).reset as Command)()).toBe("Success");
    expect([...usedOfNamespace].sort()).toEqual(commandsOf(part).sort());

    const ofAll = ["info", "listNamespaces", "queryMany", "reset", "deleteNamespace", "namespace"];
    expect([...used, ...ofAll].sort()).toEqual(commandsOf(index).sort());
  });

  it("on all of the index: queryMany, info, listNamespaces, reset, deleteNamespace", async () => {
    const index = await client();
    const namespace = "b";
    const records = [1, 2, 3].map((n) => ({ id: `${n}`, ...kind.content(n) })) as never;
    await index.upsert(records);
    await index.upsert(records, { namespace });
    await index.upsert(records, { namespace: "c" });
    const question = { ...kind.question, topK: 2 } as never;
    for (const options of [{}, { namespace }]) {
      const alone = await index.query(question, options);
      expect([alone.length, alone[0]?.id]).toEqual([2, "1"]);
      expect(await index.queryMany([question, question], options)).toEqual([alone, alone]);
      expect(await index.queryMany([question], options)).toEqual([alone]);
    }
    const counts = { vectorCount: 3, pendingVectorCount: 0 };
    const { indexSize, ...info } = await index.info();
    expect(indexSize).toBeGreaterThan(0);
    expect(info).toEqual({
      vectorCount: 9,
      pendingVectorCount: 0,
      ...kind.info,
      namespaces: { "": counts, b: counts, c: counts },
    });
    expect(await index.listNamespaces()).toEqual(["", "b", "c"]);
    expect(await index.reset({ namespace })).toBe("Success");
    expect((await index.info()).namespaces).toMatchObject({
      "": counts,
      b: { vectorCount: 0 },
      c: counts,
    });
    expect(await index.reset()).toBe("Success");
    expect((await index.info()).vectorCount).toBe(3);
    expect(await index.reset({ all: true })).toBe("Success");
    expect((await index.info()).vectorCount).toBe(0);
    expect(await index.deleteNamespace(namespace)).toBe("Success");
    expect(await index.listNamespaces()).toEqual(["", "c"]);
  });
});
