import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { DataError } from "../../../src/foundation/errors.ts";
import { stringifyJson } from "../../../src/foundation/exact-json/index.ts";
import {
  ChromaServerSource,
  type ChromaServerSourceOptions,
} from "../../../src/migration/chroma-server/source.ts";
import { ChromaStore } from "../../../src/store/chroma.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import { type ChromaServer, chromaObstacle, startChroma } from "../../helpers/chroma-server.ts";
import { describeUnless } from "../../helpers/obstacles.ts";

describeUnless(chromaObstacle, "values of a Chroma server", () => {
  let server: ChromaServer;
  let collections: string;

  beforeAll(async () => {
    server = await startChroma();
    collections = `${server.url}/api/v2/tenants/default_tenant/databases/default_database/collections`;
  });
  afterAll(() => server?.close());

  /** Sends JSON as text, as clients in Python and Go do. */
  const send = async (path: string, body: string): Promise<{ id: string }> => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${collections}${path}`, { method: "POST", headers, body });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as { id: string };
  };

  /** A collection with two records; `metadata` is that of the second, as JSON. */
  const collectionWith = async (name: string, metadata: string): Promise<string> => {
    const { id } = await send("", JSON.stringify({ name }));
    const records = `"ids":["plain","odd"],"embeddings":[[1,2],[3,4]],"documents":["rice","kimchi"]`;
    await send(`/${id}/add`, `{${records},"metadatas":[{"n":1},${metadata}]}`);
    return id;
  };

  const address = () => ({ url: server.url, timeoutMs: 10_000 });

  const readAll = async (collection: string, options: Partial<ChromaServerSourceOptions> = {}) => {
    const source = new ChromaServerSource({ server: address(), collection, ...options });
    const records: StoreRecord[] = [];
    for await (const batch of source.records()) records.push(...batch);
    return { records, source };
  };

  it.each([
    ["an integer", "large", '{"tweet":1610521604143693812}', '"tweet" is the integer 1610521604143693812'],
    [
      "one in a list",
      "list",
      '{"tweets":[1,-9007199254740993]}',
      '"tweets" is the integer -9007199254740993',
    ],
  ])("refuses %s beyond 2^53 with record, key and digits (MIG-14)", async (_, name, metadata, message) => {
    await collectionWith(name, metadata);
    const failure = await readAll(name).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DataError);
    expect((failure as DataError).message).toContain(`record "odd": its metadata ${message}`);
    expect((failure as DataError).hint).toContain("--large-integers text");
  });

  it("returns a float without a fraction as a number, and in its own form to a reader that writes it", async () => {
    await collectionWith("floats", '{"price":5.0,"count":5,"share":0.5}');
    const { records } = await readAll("floats");
    expect(records[1]?.metadata).toEqual({ price: 5, count: 5, share: 0.5 });
    const source = new ChromaServerSource({ server: address(), collection: "floats" });
    const exact: string[] = [];
    for await (const batch of source.records({ exactNumbers: true })) {
      exact.push(...batch.map(({ metadata }) => stringifyJson(metadata)));
    }
    expect(exact[1]).toContain('"price":5.0');
    expect(exact[1]).toMatch(/"count":5[,}]/);
  });

  it("returns the digits as text on request", async () => {
    await collectionWith("digits", '{"tweet":1610521604143693812,"tweets":[9007199254740993],"n":7}');
    const { records } = await readAll("digits", { largeIntegers: "text" });
    expect(records[1]?.metadata).toEqual({
      tweet: "1610521604143693812",
      tweets: ["9007199254740993"],
      n: 7,
    });
  });

  it("skips the record with salvage, and names it", async () => {
    await collectionWith("skipped", '{"tweet":1610521604143693812}');
    const { records, source } = await readAll("skipped", { salvage: true });
    expect(records.map(({ id }) => id)).toEqual(["plain"]);
    expect(source.skipped).toMatchObject({ count: 1, faults: [{ id: "odd" }] });
  });

  it("refuses Infinity, which the server sends as null", async () => {
    await collectionWith("infinite", '{"share":0.5}');
    const database = new DatabaseSync(join(server.directory, "chroma.sqlite3"));
    database.exec("UPDATE embedding_metadata SET float_value = 9e999 WHERE key = 'share'");
    database.close();
    await expect(readAll("infinite")).rejects.toThrow(
      /record "odd": its metadata "share" is Infinity or NaN/,
    );
  });

  it("keeps the key __proto__, which the client loses", async () => {
    await collectionWith("prototype", '{"__proto__":"x","n":2}');
    const { records } = await readAll("prototype");
    expect(JSON.stringify(records[1]?.metadata)).toContain('"__proto__":"x"');
  });

  it("returns exact values through the store, also those of other programs", async () => {
    await collectionWith("stored", '{"tweet":1610521604143693812}');
    const store = new ChromaStore({ server: address(), collection: "stored" });
    const [record] = await store.fetch(["odd"]);
    expect(record?.metadata).toEqual({ tweet: 1_610_521_604_143_693_812n });
  });

  it("stores what a JavaScript number cannot hold, and returns it", async () => {
    const store = new ChromaStore({ server: address(), collection: "written" });
    const metadata = { id: 2n ** 62n + 1n, ids: [2n ** 60n], large: 2 ** 60, negative: -0, text: "x" };
    await store.upsertRecords([{ id: "a", vector: [1, 2], metadata }]);
    const [record] = await store.fetch(["a"]);
    expect(record?.metadata).toEqual(metadata);
  });

  it.each([
    ["id", { id: "a\ud800", text: "x" }],
    ["text", { id: "a", text: "x\udfff" }],
  ])("refuses half of a surrogate pair in the %s before anything is written", async (part, record) => {
    const store = new ChromaStore({ server: address(), collection: `surrogate-${part}` });
    const records = [
      { id: "first", vector: [1, 2] },
      { ...record, vector: [1, 2] },
    ];
    await expect(store.upsertRecords(records)).rejects.toMatchObject({
      code: "invalid-request",
      message: expect.stringMatching(/record "a.*half of a surrogate pair/),
    });
    expect(await store.listNamespaces()).toEqual([""]);
    expect(await store.fetch(["first"])).toEqual([undefined]);
  });

  it("keeps half of a surrogate pair in metadata", async () => {
    const store = new ChromaStore({ server: address(), collection: "halves" });
    await store.upsertRecords([{ id: "a", vector: [1, 2], metadata: { name: "x\ud800" } }]);
    expect((await store.fetch(["a"]))[0]?.metadata).toEqual({ name: "x\ud800" });
  });
});
