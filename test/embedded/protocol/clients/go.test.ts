import { describe, expect, it } from "vitest";
import type { EmulatorOptions } from "../../../../src/embedded/index.ts";
import { dense } from "../../../helpers/index-settings.ts";
import { denseOfText, exchange, hybridOfText, hybridOfVectors, served, sparseOfVectors } from "../wire.ts";

/**
 * What upstash/vector-go @51557848 puts on the wire, replayed; facts from index.go, types.go and the file of each
 * command. Always POST, without a Content-Type. A field of the zero value is left out (`omitempty`), `info` and
 * `list-namespaces` send `null`, `reset` and `delete-namespace` nothing.
 *
 * The decoder reads `result` into a struct and fails where `error` is not empty. Counts are int: a number with a
 * fraction would not decode. Metadata has to be an object, nextCursor a string; null leaves the zero value, so
 * that a record that fetch does not find is one with an empty id.
 */

async function go(options: EmulatorOptions) {
  const emulator = await served(options);
  const sendBytes = async (path: string, bytes: string | undefined): Promise<unknown> => {
    const { body } = await exchange(emulator.url, {
      path,
      headers: {
        "User-Agent": "Go-http-client/1.1",
        "Accept-Encoding": "gzip",
        Authorization: `Bearer ${emulator.token}`,
        "Upstash-Telemetry-Runtime": "vector-go@go1.23.4",
        "Upstash-Telemetry-Platform": "unknown",
        ...(bytes === undefined && { "Content-Length": "0" }),
      },
      body: bytes,
    });
    const { result, error = "" } = body as { result?: unknown; error?: string };
    if (error !== "") throw new Error(error);
    return result;
  };
  return {
    sendBytes,
    send: (path: string, payload: unknown) => sendBytes(path, JSON.stringify(payload)),
  };
}

const sparseVector = { indices: [1, 7], values: [0.1, 0.2] };
const all = { includeVectors: true, includeMetadata: true, includeData: true };

const records = [
  { id: "0", vector: [0.1, 0.2], data: "data0", metadata: { foo: "bar" } },
  { id: "1", vector: [0.3, 0.4] },
  { id: "2", vector: [0.5, 0.6] },
];

describe.each(["", "/ns"])("the Go client, namespace %j", (ns) => {
  it("Upsert one object, UpsertMany a list; on each kind of index", async () => {
    const { send } = await go({ settings: dense });
    expect(await send(`/upsert${ns}`, records[0])).toBe("Success");
    expect(await send(`/upsert${ns}`, records.slice(1))).toBe("Success");
    expect(await send(`/fetch${ns}`, { ids: ["0", "1"], ...all })).toEqual(records.slice(0, 2));
    const sparse = await go({ settings: sparseOfVectors });
    expect(await sparse.send(`/upsert${ns}`, { id: "0", sparseVector })).toBe("Success");
    const hybrid = await go({ settings: hybridOfVectors });
    expect(await hybrid.send(`/upsert${ns}`, { id: "0", vector: [1, 0], sparseVector })).toBe("Success");
  });

  it("Upsert of an empty id, which its tests do", async () => {
    const { send } = await go({ settings: dense });
    expect(await send(`/upsert${ns}`, { id: "", vector: [0.1, 0.2] })).toBe("Success");
    expect(await send(`/fetch${ns}`, { ids: [""] })).toEqual([{ id: "" }]);
  });

  it("UpsertData one object, UpsertDataMany a list", async () => {
    const { send } = await go(denseOfText);
    expect(await send(`/upsert-data${ns}`, { id: "0", data: "hello" })).toBe("Success");
    expect(await send(`/upsert-data${ns}`, [{ id: "1", data: "bye", metadata: { foo: "bar" } }])).toBe(
      "Success",
    );
    expect(await send(`/fetch${ns}`, { ids: ["0", "1"], includeMetadata: true, includeData: true })).toEqual([
      { id: "0", data: "hello" },
      { id: "1", data: "bye", metadata: { foo: "bar" } },
    ]);
  });

  it("Query with nothing but a vector: 10 results of id and score", async () => {
    const { send } = await go({ settings: dense });
    await send(
      `/upsert${ns}`,
      Array.from({ length: 12 }, (_, n) => ({ id: `${n}`, vector: [1, n] })),
    );
    const found = await send(`/query${ns}`, { vector: [1, 0] });
    expect(found).toHaveLength(10);
    expect((found as object[])[0]).toEqual({ id: "0", score: 1 });
  });

  it("Query with all that it can say, on a hybrid index", async () => {
    const { send } = await go({ settings: hybridOfVectors });
    await send(`/upsert${ns}`, {
      id: "0",
      vector: [1, 0],
      sparseVector,
      metadata: { foo: "bar" },
      data: "x",
    });
    const query = { vector: [1, 0], sparseVector, topK: 2, ...all, filter: "foo = 'bar'" };
    for (const fusionAlgorithm of ["RRF", "DBSF"]) {
      expect(await send(`/query${ns}`, { ...query, weightingStrategy: "IDF", fusionAlgorithm })).toEqual([
        {
          id: "0",
          score: fusionAlgorithm === "RRF" ? 0.033333335 : 1,
          vector: [1, 0],
          sparseVector,
          metadata: { foo: "bar" },
          data: "x",
        },
      ]);
    }
  });

  it("QueryData in each mode", async () => {
    const { send } = await go(hybridOfText);
    await send(`/upsert-data${ns}`, { id: "0", data: "hello world" });
    for (const mode of [{}, { queryMode: "HYBRID" }, { queryMode: "DENSE" }, { queryMode: "SPARSE" }]) {
      expect(await send(`/query-data${ns}`, { data: "hello", topK: 1, ...mode })).toEqual([
        { id: "0", score: expect.any(Number) },
      ]);
    }
  });

  it("ResumableQuery without a maxIdle, Next without an additionalK, Close", async () => {
    const { send } = await go({ settings: dense });
    await send(`/upsert${ns}`, records);
    const started = await send(`/resumable-query${ns}`, { vector: [0.1, 0.2], topK: 1 });
    const { uuid, scores } = started as { uuid: string; scores: unknown };
    expect(scores).toEqual([{ id: "0", score: 1 }]);
    expect(await send("/resumable-query-next", { additionalK: 1, uuid })).toEqual([
      { id: "1", score: expect.any(Number) },
    ]);
    expect(await send("/resumable-query-next", { uuid })).toEqual([{ id: "2", score: expect.any(Number) }]);
    expect(await send("/resumable-query-next", { additionalK: 1, uuid })).toEqual([]);
    expect(await send("/resumable-query-end", { uuid })).toBe("Success");
    await expect(send("/resumable-query-next", { additionalK: 1, uuid })).rejects.toThrow("does not exist");
    await expect(send("/resumable-query-end", { uuid })).rejects.toThrow("does not exist");
  });

  it("ResumableQueryData", async () => {
    const { send } = await go(denseOfText);
    await send(`/upsert-data${ns}`, { id: "0", data: "hello" });
    const started = await send(`/resumable-query-data${ns}`, { data: "hello", maxIdle: 60 });
    expect(started).toEqual({ uuid: expect.any(String), scores: [{ id: "0", score: 1 }] });
  });

  it('Range from "0" or from nothing, without a limit; whole counts, a text as cursor', async () => {
    const { send } = await go({ settings: dense });
    await send(`/upsert${ns}`, records);
    const whole = { nextCursor: "", vectors: [{ id: "0" }, { id: "1" }, { id: "2" }] };
    expect(await send(`/range${ns}`, { cursor: "0" })).toEqual(whole);
    expect(await send(`/range${ns}`, {})).toEqual(whole);
    expect(await send(`/range${ns}`, { cursor: "0", limit: 2 })).toMatchObject({ nextCursor: "2" });
    expect(await send(`/range${ns}`, { cursor: "2", limit: 2, ...all })).toEqual({
      nextCursor: "",
      vectors: [records[2]],
    });
  });

  it("Fetch: null for a record that is missing", async () => {
    const { send } = await go({ settings: dense });
    await send(`/upsert${ns}`, records);
    expect(await send(`/fetch${ns}`, { ids: ["1", "none"] })).toEqual([{ id: "1" }, null]);
  });

  it("Delete: the raw id, or a list as in earlier versions; DeleteMany: a list", async () => {
    const { send, sendBytes } = await go({ settings: dense });
    await send(`/upsert${ns}`, records);
    expect(await sendBytes(`/delete${ns}`, "0")).toEqual({ deleted: 1 });
    expect(await sendBytes(`/delete${ns}`, "0")).toEqual({ deleted: 0 });
    expect(await send(`/delete${ns}`, ["1"])).toEqual({ deleted: 1 });
    expect(await send(`/delete${ns}`, ["1", "2", "none"])).toEqual({ deleted: 1 });
  });

  it("Update: what is not empty; updated is 1 or 0", async () => {
    const { send } = await go({ settings: dense });
    await send(`/upsert${ns}`, records);
    expect(await send(`/update${ns}`, { id: "0", vector: [0.2, 0.3] })).toEqual({ updated: 1 });
    expect(await send(`/update${ns}`, { id: "0", metadata: { a: 1 }, metadataUpdateMode: "PATCH" })).toEqual({
      updated: 1,
    });
    expect(await send(`/update${ns}`, { id: "0", data: "new" })).toEqual({ updated: 1 });
    expect(await send(`/update${ns}`, { id: "none", data: "new" })).toEqual({ updated: 0 });
    expect(await send(`/fetch${ns}`, { ids: ["0"], ...all })).toEqual([
      { id: "0", vector: [0.2, 0.3], metadata: { foo: "bar", a: 1 }, data: "new" },
    ]);
  });

  it("Reset without a body", async () => {
    const { send, sendBytes } = await go({ settings: dense });
    await send(`/upsert${ns}`, records);
    expect(await sendBytes(`/reset${ns}`, undefined)).toBe("Success");
    expect(await send(`/range${ns}`, {})).toEqual({ nextCursor: "", vectors: [] });
  });
});

describe("the Go client on a whole index", () => {
  it("Info and ListNamespaces with null as the body, DeleteNamespace with none", async () => {
    const { send, sendBytes } = await go({ settings: dense });
    await send("/upsert/ns", records);
    const { indexSize, ...info } = (await send("/info", null)) as { indexSize: number };
    expect(Number.isInteger(indexSize)).toBe(true);
    expect(info).toMatchObject({
      vectorCount: 3,
      pendingVectorCount: 0,
      dimension: 2,
      similarityFunction: "COSINE",
      namespaces: {
        "": { vectorCount: 0, pendingVectorCount: 0 },
        ns: { vectorCount: 3, pendingVectorCount: 0 },
      },
    });
    expect(await send("/list-namespaces", null)).toEqual(["", "ns"]);
    expect(await sendBytes("/delete-namespace/ns", undefined)).toBe("Success");
    expect(await send("/list-namespaces", null)).toEqual([""]);
    expect(await sendBytes("/reset/ns", undefined)).toBe("Success");
  });

  it("fails with the text of the error", async () => {
    const { send } = await go({ settings: dense });
    await expect(send("/query", { vector: [1], filter: "a =" })).rejects.toThrow(
      "Invalid filter. At line 1:3",
    );
  });
});
