import { describe, expect, it } from "vitest";
import type { EmulatorOptions } from "../../../../src/embedded/index.ts";
import { dense } from "../../../helpers/index-settings.ts";
import {
  denseOfText,
  exchange,
  hybridOfText,
  hybridOfVectors,
  served,
  sparseOfVectors,
  type WireAnswer,
} from "../wire.ts";

/**
 * What upstash/vector-php (as of 2026-01-12) puts on the wire, replayed; facts from src/Operations, the value
 * objects and src/Transporter. It fetches by GET with a body and deletes by DELETE, and always says
 * `application/json`. Where there is no payload its versions send an empty list or nothing.
 *
 * The decoder takes 200 for success, 422 for an error whose text it throws ("Invalid vector dimension" has a class
 * of its own), and from a result what is there: vector, sparseVector, metadata and data may be absent, an id not.
 */

const noPayload = [undefined, "[]"] as const;

interface Php {
  readonly exchange: (method: string, path: string, body: string | undefined) => Promise<WireAnswer>;
  /** The result of a request that has to succeed. */
  readonly send: (method: string, path: string, payload?: unknown) => Promise<unknown>;
}

async function php(options: EmulatorOptions): Promise<Php> {
  const emulator = await served(options);
  const whole = (method: string, path: string, body: string | undefined) =>
    exchange(emulator.url, {
      method,
      path,
      headers: {
        Authorization: `Bearer ${emulator.token}`,
        "Content-Type": "application/json",
        "Upstash-Telemetry-Runtime": "php@8.3.14",
      },
      body,
    });
  return {
    exchange: whole,
    async send(method, path, payload) {
      const answer = await whole(method, path, payload === undefined ? undefined : JSON.stringify(payload));
      expect(answer).toMatchObject({ status: 200, body: { result: expect.anything() } });
      return (answer.body as { result: unknown }).result;
    },
  };
}

const sparseVector = { indices: [1, 2, 3], values: [5, 6, 7] };
const includes = { includeMetadata: false, includeVectors: false, includeData: false };
const all = { includeMetadata: true, includeVectors: true, includeData: true };
const records = [
  { id: "1", metadata: { kind: "soup" }, vector: [0.1, 0.2], data: "text" },
  { id: "2", vector: [0.3, 0.4] },
  { id: "3", vector: [0.5, 0.6] },
];

describe.each(["", "/ns"])("the PHP client, namespace %j", (ns) => {
  it("POST upsert: an object or a list, without empty fields", async () => {
    const { send } = await php({ settings: dense });
    expect(await send("POST", `/upsert${ns}`, records[0])).toBe("Success");
    expect(await send("POST", `/upsert${ns}`, records.slice(1))).toBe("Success");
    expect(await send("GET", `/fetch${ns}`, { ids: ["1", "2"], ...all })).toEqual([records[0], records[1]]);
  });

  it("POST upsert as its first versions sent it: empty metadata as an object, data null", async () => {
    const { send } = await php({ settings: dense });
    const first = { id: "1", metadata: {}, data: null, vector: [0.1, 0.2] };
    expect(await send("POST", `/upsert${ns}`, first)).toBe("Success");
    expect(await send("GET", `/fetch${ns}`, { ids: ["1"], ...all })).toEqual([
      { id: "1", metadata: {}, vector: [0.1, 0.2] },
    ]);
  });

  it("POST upsert of sparse and hybrid vectors, and GET fetch of them", async () => {
    const sparse = await php({ settings: sparseOfVectors });
    expect(await sparse.send("POST", `/upsert${ns}`, { id: "1", sparseVector })).toBe("Success");
    expect(
      await sparse.send("GET", `/fetch${ns}`, { ids: ["1"], ...includes, includeVectors: true }),
    ).toEqual([{ id: "1", sparseVector }]);
    const hybrid = await php({ settings: hybridOfVectors });
    const both = { id: "1", sparseVector, vector: [1, 0] };
    expect(await hybrid.send("POST", `/upsert${ns}`, [both])).toBe("Success");
    expect(
      await hybrid.send("GET", `/fetch${ns}`, { ids: ["1"], ...includes, includeVectors: true }),
    ).toEqual([both]);
    for (const [record, error] of [
      [{ id: "2", vector: [1, 0] }, "This index requires sparse vectors"],
      [{ id: "2", sparseVector }, "This index requires dense vectors"],
    ] as const) {
      expect(await hybrid.exchange("POST", `/upsert${ns}`, JSON.stringify(record))).toMatchObject({
        status: 422,
        body: { error },
      });
    }
  });

  it("POST upsert-data: an object or a list", async () => {
    const { send } = await php(denseOfText);
    expect(await send("POST", `/upsert-data${ns}`, { id: "1", data: "soup", metadata: { n: 1 } })).toBe(
      "Success",
    );
    expect(await send("POST", `/upsert-data${ns}`, [{ id: "2", data: "cake" }])).toBe("Success");
    expect(await send("GET", `/fetch${ns}`, { ids: ["1", "2"], ...all, includeVectors: false })).toEqual([
      { id: "1", data: "soup", metadata: { n: 1 } },
      { id: "2", data: "cake" },
    ]);
  });

  it("POST query: every field, an empty filter; a list of them for queryMany", async () => {
    const { send } = await php({ settings: dense });
    await send("POST", `/upsert${ns}`, records);
    const query = { vector: [0.1, 0.2], topK: 1, ...all, filter: "" };
    const found = [{ ...records[0], score: 1 }];
    expect(await send("POST", `/query${ns}`, query)).toEqual(found);
    const second = { ...query, vector: [0.3, 0.4], ...includes };
    expect(await send("POST", `/query${ns}`, [query, second])).toEqual([found, [{ id: "2", score: 1 }]]);
  });

  it("POST query of a hybrid index: both vectors fused, or one of them alone", async () => {
    const { send } = await php({ settings: hybridOfVectors });
    await send("POST", `/upsert${ns}`, { id: "1", sparseVector, vector: [1, 0] });
    const rest = { topK: 10, ...includes, filter: "" };
    const both = { vector: [1, 0], sparseVector, ...rest, weightingStrategy: "IDF", fusionAlgorithm: "RRF" };
    expect(await send("POST", `/query${ns}`, both)).toEqual([{ id: "1", score: 0.033333335 }]);
    expect(await send("POST", `/query${ns}`, { vector: [1, 0], ...rest })).toEqual([{ id: "1", score: 1 }]);
    expect(await send("POST", `/query${ns}`, { sparseVector, ...rest })).toEqual([{ id: "1", score: 110 }]);
  });

  it.each([
    ["dense", denseOfText],
    ["sparse", {}],
    ["hybrid", hybridOfText],
  ])("POST query-data of a %s index: it always sends a queryMode, HYBRID by default", async (_, options) => {
    const { send } = await php(options);
    await send("POST", `/upsert-data${ns}`, { id: "1", data: "hello world" });
    const query = { data: "hello", topK: 10, ...includes, filter: "", queryMode: "HYBRID" };
    expect(await send("POST", `/query-data${ns}`, query)).toEqual([{ id: "1", score: expect.any(Number) }]);
  });

  it("GET fetch: null for a record that is missing; by prefix", async () => {
    const { send } = await php({ settings: dense });
    await send("POST", `/upsert${ns}`, records);
    expect(await send("GET", `/fetch${ns}`, { ids: ["1", "none"], ...includes })).toEqual([
      { id: "1" },
      null,
    ]);
    expect(await send("GET", `/fetch${ns}`, { prefix: "2", ...includes })).toEqual([{ id: "2" }]);
  });

  it('GET range from "0" until nextCursor is ""', async () => {
    const { send } = await php({ settings: dense });
    await send("POST", `/upsert${ns}`, records);
    const seen: string[] = [];
    let cursor = "0";
    do {
      const page = await send("GET", `/range${ns}`, { limit: 2, cursor, ...includes });
      const { nextCursor, vectors } = page as { nextCursor: string; vectors: { id: string }[] };
      expect(nextCursor).toEqual(expect.any(String));
      seen.push(...vectors.map(({ id }) => id));
      cursor = nextCursor;
    } while (cursor !== "");
    expect(seen).toEqual(["1", "2", "3"]);
  });

  it.each(noPayload)(
    "GET random, with the body %j: a record with its vectors, null in an empty index",
    async (body) => {
      const { send, exchange } = await php({ settings: hybridOfVectors });
      expect(await exchange("GET", `/random${ns}`, body)).toMatchObject({
        status: 200,
        body: { result: null },
      });
      await send("POST", `/upsert${ns}`, {
        id: "1",
        metadata: { a: 1 },
        sparseVector,
        vector: [1, 0],
        data: "x",
      });
      expect((await exchange("GET", `/random${ns}`, body)).body).toEqual({
        result: { id: "1", sparseVector, vector: [1, 0] },
      });
    },
  );

  it("DELETE delete: by ids, prefix or filter, with a body", async () => {
    const { send } = await php({ settings: dense });
    await send("POST", `/upsert${ns}`, records);
    expect(await send("DELETE", `/delete${ns}`, { ids: ["2", "none"] })).toEqual({ deleted: 1 });
    expect(await send("DELETE", `/delete${ns}`, { prefix: "3" })).toEqual({ deleted: 1 });
    expect(await send("DELETE", `/delete${ns}`, { filter: "kind = 'soup'" })).toEqual({ deleted: 1 });
  });

  it("POST update: what is given; the mode only together with metadata", async () => {
    const { send } = await php({ settings: dense });
    await send("POST", `/upsert${ns}`, records);
    await send("POST", `/update${ns}`, { id: "1", vector: [0.7, 0.8] });
    await send("POST", `/update${ns}`, { id: "1", data: "new" });
    await send("POST", `/update${ns}`, { id: "1", metadata: { a: 1 }, metadataUpdateMode: "PATCH" });
    expect(await send("GET", `/fetch${ns}`, { ids: ["1"], ...all })).toEqual([
      { id: "1", vector: [0.7, 0.8], data: "new", metadata: { kind: "soup", a: 1 } },
    ]);
    await send("POST", `/update${ns}`, { id: "1", metadata: { b: 2 }, metadataUpdateMode: "OVERWRITE" });
    expect(await send("GET", `/fetch${ns}`, { ids: ["1"], ...all })).toMatchObject([{ metadata: { b: 2 } }]);
  });

  it.each(noPayload)("DELETE reset, with the body %j", async (body) => {
    const { send, exchange } = await php({ settings: dense });
    await send("POST", `/upsert${ns}`, records);
    await send("POST", "/upsert/other", records);
    expect(await exchange("DELETE", `/reset${ns}`, body)).toMatchObject({ body: { result: "Success" } });
    expect(await send("GET", "/info")).toMatchObject({ vectorCount: 3 });
    expect(await exchange("DELETE", "/reset?all=true", body)).toMatchObject({ body: { result: "Success" } });
    expect(await send("GET", "/info")).toMatchObject({ vectorCount: 0 });
  });
});

describe.each(noPayload)("the PHP client on a whole index, with the body %j", (body) => {
  it.each([
    ["DENSE", { settings: dense }, ["denseIndex"]],
    ["SPARSE", { settings: sparseOfVectors }, ["sparseIndex"]],
    ["HYBRID", { settings: hybridOfVectors }, ["denseIndex", "sparseIndex"]],
  ])("GET info of a %s index", async (indexType, options, parts) => {
    const { exchange } = await php(options);
    const { body: answer } = await exchange("GET", "/info", body);
    const { result } = answer as { result: Record<string, unknown> };
    expect(result).toMatchObject({
      vectorCount: 0,
      pendingVectorCount: 0,
      indexSize: expect.any(Number),
      dimension: expect.any(Number),
      similarityFunction: expect.any(String),
      indexType,
      namespaces: { "": { vectorCount: 0, pendingVectorCount: 0 } },
    });
    expect(["denseIndex", "sparseIndex"].filter((part) => part in result)).toEqual(parts);
  });

  it("GET list-namespaces, DELETE delete-namespace", async () => {
    const { send, exchange } = await php({ settings: dense });
    await send("POST", "/upsert/ns", records);
    expect(await exchange("GET", "/list-namespaces", body)).toMatchObject({ body: { result: ["", "ns"] } });
    expect(await exchange("DELETE", "/delete-namespace/ns", body)).toMatchObject({
      body: { result: "Success" },
    });
    expect(await exchange("GET", "/list-namespaces", body)).toMatchObject({ body: { result: [""] } });
    expect(await exchange("DELETE", "/delete-namespace/ns", body)).toMatchObject({ status: 404 });
  });
});

it("the PHP client recognises a wrong dimension by its text and 422", async () => {
  const { exchange } = await php({ settings: dense });
  expect(await exchange("POST", "/upsert", '{"id":"1","vector":[1]}')).toMatchObject({
    status: 422,
    body: { error: expect.stringContaining("Invalid vector dimension") },
  });
});
