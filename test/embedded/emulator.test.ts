import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Index } from "@upstash/vector";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  defaultSettings,
  type Emulator,
  type EmulatorOptions,
  readConfiguration,
  startEmulator,
} from "../../src/embedded/index.ts";
import { Faults } from "../../src/embedded/protocol/faults.ts";
import { bm25 } from "../../src/embedding/bm25.ts";
import { temporaryDirectory, temporaryFile } from "../helpers/temporary.ts";

async function started(options: EmulatorOptions = {}): Promise<{ emulator: Emulator; index: Index }> {
  const emulator = await startEmulator(options);
  onTestFinished(() => emulator.close());
  return { emulator, index: clientOf(emulator) };
}

function clientOf({ url, token }: { url: string; token: string }): Index {
  return new Index({ url, token, enableTelemetry: false, retry: false });
}

async function post(emulator: { url: string; token: string }, command: string, body: unknown = undefined) {
  const response = await fetch(`${emulator.url}/${command}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${emulator.token}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as unknown };
}

describe("startEmulator in a test suite", () => {
  const settings = { ...defaultSettings, type: "DENSE", dimension: 2, sparseEmbeddingModel: "" } as const;

  it("takes records as a list, and says which one the index refuses", async () => {
    const seed = [
      { id: "1", vector: new Float32Array([1, 0]), metadata: { count: 2 } },
      { id: "2", vector: [0, 1], namespace: "b" },
    ];
    const emulator = await startEmulator({ settings, seed });
    onTestFinished(() => emulator.close());
    const index = new Index({ url: emulator.url, token: emulator.token });
    expect(await index.fetch(["1"], { includeMetadata: true, includeVectors: true })).toMatchObject([
      { id: "1", vector: [1, 0], metadata: { count: 2 } },
    ]);
    expect(await index.fetch(["2"], { namespace: "b" })).toMatchObject([{ id: "2" }]);
    await expect(startEmulator({ settings, seed: [{ id: "1", vector: [1] }] })).rejects.toThrow(
      /^The list of records cannot seed the index: line 1, record 1: /,
    );
  });

  it("counts a daily limit from the moment it is set", async () => {
    const emulator = await startEmulator({ settings });
    onTestFinished(() => emulator.close());
    const index = new Index({ url: emulator.url, token: emulator.token, retry: false });
    const write = (id: string) => index.upsert({ id, vector: [1, 0] });
    await write("1");
    for (let round = 0; round < 2; round++) {
      emulator.setFaults({ dailyWrites: 1 });
      await write("2");
      await expect(write("3")).rejects.toThrow("Exceeded daily write limit: 1");
    }
  });
});

describe("rename-namespace (EMB-1)", () => {
  it("renames a namespace, and replaces another one only with deleteExisting", async () => {
    const { emulator, index } = await started();
    await index.namespace("a").upsert({ id: "1", data: "apples" });
    await index.namespace("b").upsert({ id: "1", data: "beans" });
    await index.namespace("b").query({ data: "beans", topK: 1 });
    const rename = (namespace: string, newNamespace: string, deleteExisting?: boolean) =>
      post(emulator, "rename-namespace", { namespace, newNamespace, deleteExisting });
    expect(await rename("a", "b")).toMatchObject({
      status: 422,
      body: { error: expect.stringContaining("already exists") },
    });
    expect(await rename("missing", "c")).toMatchObject({ status: 404 });
    expect(await rename("", "c")).toMatchObject({ status: 422 });
    expect(await rename("a", "b", true)).toMatchObject({ status: 200, body: { result: { renamed: true } } });
    expect(await index.listNamespaces()).toEqual(["", "b"]);
    expect(
      await index.namespace("b").query({ data: "apples beans", topK: 5, includeData: true }),
    ).toMatchObject([{ id: "1", data: "apples" }]);
  });
});

describe("simulated faults (EMB-5)", () => {
  it("refuse writes in the words of the read-only token, and let reads pass", async () => {
    const { emulator, index } = await started();
    await index.upsert({ id: "1", data: "an apple" });
    emulator.setFaults({ isReadOnly: true });
    expect(await post(emulator, "upsert-data", { id: "2", data: "a pear" })).toMatchObject({
      status: 403,
      body: { error: "Forbidden: /upsert-data is not allowed" },
    });
    expect(await index.fetch(["1", "2"])).toMatchObject([{ id: "1" }, null]);
    expect(await post(emulator, "emulator-faults", { isReadOnly: false })).toMatchObject({ status: 200 });
    await index.upsert({ id: "2", data: "a pear" });
  });

  it("hide fresh records from queries for a while, and count them as pending", async () => {
    const { emulator, index } = await started({ faults: { indexingDelayMs: 60_000 } });
    await index.upsert({ id: "1", data: "an apple" });
    expect(await index.query({ data: "apple", topK: 1 })).toEqual([]);
    expect(await index.fetch(["1"])).toEqual([{ id: "1" }]);
    expect(await index.info()).toMatchObject({
      vectorCount: 1,
      pendingVectorCount: 1,
      namespaces: { "": { pendingVectorCount: 1 } },
    });
    emulator.setFaults({ indexingDelayMs: 0 });
    expect(await index.query({ data: "apple", topK: 1 })).toMatchObject([{ id: "1" }]);
    expect((await index.info()).pendingVectorCount).toBe(0);
  });

  it("limit the rate, with 429 and Retry-After", async () => {
    const { emulator } = await started({ faults: { requestsPerSecond: 2 } });
    const answers = await Promise.all(Array.from({ length: 12 }, () => post(emulator, "info")));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(6);
    expect(refused[0]).toMatchObject({
      body: { error: "Exceeded request rate limit: 2 per second", status: 429 },
    });
    expect(refused[0]?.headers.get("retry-after")).toBe("1");
  });

  it("end a daily quota, which a batch uses once a record, and store nothing of a refused batch", async () => {
    const { index } = await started({ faults: { dailyWrites: 3, dailyQueries: 1 } });
    await index.upsert([
      { id: "1", data: "a" },
      { id: "2", data: "b" },
    ]);
    await expect(
      index.upsert([
        { id: "3", data: "c" },
        { id: "4", data: "d" },
      ]),
    ).rejects.toThrow("Exceeded daily write limit: 3");
    expect((await index.info()).vectorCount).toBe(2);
    await index.query({ data: "a", topK: 1 });
    await expect(index.query({ data: "a", topK: 1 })).rejects.toThrow("Exceeded daily query limit: 1");
  });

  it("can be changed at run time, over HTTP too, and an outage ends that way", async () => {
    const { emulator, index } = await started();
    expect(await post(emulator, "emulator-faults", { isDown: true })).toMatchObject({
      status: 200,
      body: { result: { isDown: true, latencyMs: 0 } },
    });
    expect(await post(emulator, "info")).toMatchObject({
      status: 503,
      body: { error: "Service Unavailable" },
    });
    await post(emulator, "emulator-faults", { isDown: false, latencyMs: 1 });
    expect((await index.info()).vectorCount).toBe(0);
    expect(await post(emulator, "emulator-faults", { explosions: 1 })).toMatchObject({ status: 422 });
    expect(await post(emulator, "emulator-faults", { latencyMs: -1 })).toMatchObject({ status: 422 });
    const reader = { url: emulator.url, token: emulator.readOnlyToken };
    expect(await post(reader, "emulator-faults", { isDown: true })).toMatchObject({ status: 403 });
  });

  it("count quotas by the day in UTC", async () => {
    let now = Date.parse("2026-01-01T23:59:59Z");
    const faults = new Faults({ dailyWrites: 1 }, () => now);
    await faults.admit({ writes: 1, queries: 0 });
    await expect(faults.admit({ writes: 1, queries: 0 })).rejects.toThrow("daily write limit");
    now += 1_000;
    await faults.admit({ writes: 1, queries: 0 });
  });
});

describe("limits", () => {
  it("are those of the index", async () => {
    const { index } = await started({
      limits: { batch: 2, topK: 5, namespaces: 2, dataBytes: 10, metadataBytes: 20 },
    });
    const items = ["1", "2", "3"].map((id) => ({ id, data: "x" }));
    await expect(index.upsert(items)).rejects.toThrow("Too many items in one request: 3, maximum: 2");
    await expect(index.query({ data: "x", topK: 6 })).rejects.toThrow("from 1 to 5");
    await expect(index.upsert({ id: "1", data: "x".repeat(11) })).rejects.toThrow(
      "too large: 11 bytes, maximum: 10",
    );
    await expect(index.upsert({ id: "1", data: "x", metadata: { long: "x".repeat(20) } })).rejects.toThrow(
      "maximum: 20",
    );
    await index.namespace("one").upsert({ id: "1", data: "x" });
    await expect(index.namespace("two").upsert({ id: "1", data: "x" })).rejects.toThrow(
      "Too many namespaces, maximum: 2",
    );
    await index.namespace("one").upsert({ id: "2", data: "x" });
  });
});

describe("several indexes on one port", () => {
  const configuration = {
    indexes: [
      {
        path: "/dense",
        type: "DENSE",
        dimension: 2,
        similarityFunction: "DOT_PRODUCT",
        token: "d",
        readOnlyToken: "r",
      },
      { path: "/dense-2", type: "DENSE", dimension: 3 },
      { path: "/sparse", type: "SPARSE" },
      {
        path: "/hybrid",
        type: "HYBRID",
        dimension: 8,
        embeddingModel: "none-here",
        limits: { topK: 7 },
        faults: { latencyMs: 1 },
      },
    ],
  };

  it("each answer under their path, with their own settings, tokens and directories", async () => {
    const file = temporaryFile(JSON.stringify(configuration), "indexes.json");
    const indexes = readConfiguration(file, () => ({ sparse: bm25 }));
    const directory = temporaryDirectory();
    const { emulator } = await started({ directory, indexes });
    const [first, second, third] = [...emulator.indexes.values()] as [Emulator, Emulator, Emulator];
    expect(first.token).toBe("d");
    await clientOf(first).upsert({ id: "1", vector: [1, 1] });
    await clientOf(second).upsert({ id: "1", vector: [1, 1, 1] });
    await clientOf(third).upsert({ id: "1", data: "text" });
    expect((await clientOf(first).info()).similarityFunction).toBe("DOT_PRODUCT");
    expect((await clientOf(second).query({ vector: [1, 1, 1], topK: 1 }))[0]?.score).toBe(1);
    expect((await clientOf(third).query({ data: "text", topK: 1 }))[0]?.id).toBe("1");
    await expect(clientOf({ url: second.url, token: "d" }).info()).rejects.toThrow("Invalid auth token");
    const elsewhere = await post({ url: emulator.url.replace("/dense", "/nowhere"), token: "d" }, "info");
    expect(elsewhere.status).toBe(404);
  });

  it.each([
    ["not JSON", "{", /cannot be read/],
    ["no indexes", '{"indexes":[]}', /indexes has to be a list of at least one index/],
    ["a misspelt key", '{"indexes":[{"path":"/a","type":"SPARSE","dimenson":3}]}', /dimenson/],
    [
      "a dense index without a dimension",
      '{"indexes":[{"path":"/a","type":"DENSE"}]}',
      /indexes\[0\]\.dimension is missing; a DENSE or HYBRID index needs/,
    ],
    [
      "a path without a slash",
      '{"indexes":[{"path":"a","type":"SPARSE"}]}',
      /indexes\[0\]\.path has to be a path like/,
    ],
    [
      "two of the same path",
      '{"indexes":[{"path":"/a","type":"SPARSE"},{"path":"/a","type":"SPARSE"}]}',
      /same path/,
    ],
    [
      "a limit of 0",
      '{"indexes":[{"path":"/a","type":"SPARSE","limits":{"batch":0}}]}',
      /limits\.batch has to be a whole number from 1 to 100000 \(it is 0\)/,
    ],
    [
      "a limit that is too large",
      '{"indexes":[{"path":"/a","type":"SPARSE","limits":{"dataBytes":1e12}}]}',
      /limits\.dataBytes has to be a whole number from 1 to 67108864/,
    ],
    ["an unknown fault", '{"indexes":[{"path":"/a","type":"SPARSE","faults":{"fire":1}}]}', /fire/],
    [
      "several faults, all at once",
      '{"indexes":[{"path":1,"type":"DENSE","token":""},{"type":"SPARS"}],"port":1}',
      /cannot be used:\n {2}indexes\[0\]\.path has to be [^\n]+\n(?:[^\n]+\n)*? {2}indexes\[0\]\.token has[^\n]+\n(?:[^\n]+\n)*? {2}indexes\[0\]\.dimension is missing[^\n]+\n {2}indexes\[1\]\.path is missing[^\n]+\n {2}indexes\[1\]\.type has to be one of[^\n]+\n {2}the file does not take port; it takes indexes/,
    ],
  ])("refuses a configuration with %s", (_, text, message) => {
    const file = temporaryFile(text, "indexes.json");
    expect(() => readConfiguration(file, () => ({}))).toThrow(message);
  });
});

describe("a seed", () => {
  it("fills an empty index, by vectors or by text, into namespaces, and only once", async () => {
    const directory = temporaryDirectory();
    const seed = join(directory, "seed.jsonl");
    writeFileSync(
      seed,
      [
        '{"id":"1","data":"an apple","metadata":{"n":1}}',
        '{"id":"2","sparseVector":{"indices":[1],"values":[1]}}',
        '{"id":"3","data":"a bean","namespace":"beans"}',
      ].join("\n"),
    );
    const first = await started({ directory, seed });
    expect((await first.index.info()).namespaces).toMatchObject({
      "": { vectorCount: 2 },
      beans: { vectorCount: 1 },
    });
    await first.index.delete("1");
    await first.emulator.close();
    const second = await startEmulator({ directory, seed });
    onTestFinished(() => second.close());
    expect((await clientOf(second).info()).vectorCount).toBe(2);
  });

  it("that the index refuses is named, and the index is closed", async () => {
    const seed = temporaryFile('[{"id":"1","vector":[1,2]}]', "seed.json");
    await expect(startEmulator({ seed })).rejects.toThrow(
      /seed\.json cannot seed the index: line 1, record 1: This index requires sparse vectors/,
    );
    await expect(startEmulator({ seed: temporaryFile("{", "seed.json") })).rejects.toThrow(
      /cannot be read as a seed/,
    );
    await expect(startEmulator({ seed: "no-such-seed.json" })).rejects.toMatchObject({
      message: expect.stringContaining("it does not exist"),
      hint: expect.stringContaining("path"),
    });
  });

  it.each([
    ["a list", '[\n{"id":"1","data":"a, \\"b\\""},\n{"id":"2",\n"data":7}]', /line 3, record 2: data must/],
    ["JSON Lines", '{"id":"1","data":"a"}\n\n{"id":"2"}\n', /line 3, record 2: data is required/],
    ["a list with a word in it", '[{"id":"1","data":"a"},\n"b"]', /line 2, record 2 is not an object/],
    ["a list that is not JSON", '[{"id":"1",\n"data" "a"}]', /line 2: /],
    ["a list that ends early", '[{"id":"1",\n"data":"a"}', /line 2: /],
    ["a line that is not JSON", '{"id":"1","data":"a"}\n{"id":}', /line 2: /],
  ])("with a fault in %s is refused with the line, and no record is kept", async (_, content, message) => {
    const directory = temporaryDirectory();
    const seed = temporaryFile(content, "seed.json");
    await expect(startEmulator({ directory, seed })).rejects.toThrow(message);
    // Not even an empty index, which a question would take for a full one.
    expect(readdirSync(directory)).toEqual([]);
    await expect(startEmulator({ directory, seed, path: "/menu" })).rejects.toThrow("seed.json");
    expect(readdirSync(directory)).toEqual([]);
    const { index } = await started({ directory });
    expect((await index.info()).vectorCount).toBe(0);
  });
});
