import { describe, expect, it } from "vitest";
import type { Emulator, EmulatorOptions } from "../../../../src/embedded/index.ts";
import { dense } from "../../../helpers/index-settings.ts";
import { denseOfText, exchange, hybridOfText, hybridOfVectors, served, sparseOfVectors } from "../wire.ts";

/**
 * What upstash/vector-py puts on the wire, replayed. Facts from its sources: paths, queries, resumable queries and
 * decoders of 0.6 (core/index_operations.py), records, batches and enumerations of 0.7 (utils.py, types.py), and
 * 0.8.1 (@f3c4ebb6) for errors and for prefixes and filters in fetch, range and delete. The synchronous and the
 * asynchronous client send the same.
 *
 * Always POST. A payload of None is no body and no Content-Type. The decoder raises where the answer has a key
 * `error` with any value, and reads `result` otherwise; it does not look at the status.
 */

type Python = (path: string, payload?: unknown) => Promise<unknown>;

async function python(options: EmulatorOptions): Promise<Python> {
  const emulator: Emulator = await served(options);
  return async (path, payload) => {
    const { body } = await exchange(emulator.url, {
      path,
      headers: {
        Accept: "*/*",
        "Accept-Encoding": "gzip, deflate",
        Connection: "keep-alive",
        "User-Agent": "python-httpx/0.27.2",
        Authorization: `Bearer ${emulator.token}`,
        "Upstash-Telemetry-Sdk": "upstash-vector-py@v0.8.1",
        "Upstash-Telemetry-Runtime": "python@v3.12.3",
        "Upstash-Telemetry-Platform": "unknown",
        ...(payload === undefined ? { "Content-Length": "0" } : { "Content-Type": "application/json" }),
      },
      body: payload === undefined ? undefined : JSON.stringify(payload),
    });
    const answer = body as { error?: string; result?: unknown };
    if ("error" in answer) throw new Error(answer.error);
    expect(answer).toHaveProperty("result");
    return answer.result;
  };
}

const none = { vector: null, sparseVector: null, metadata: null, data: null };
const includes = { includeVectors: false, includeMetadata: false, includeData: false };
const all = { includeVectors: true, includeMetadata: true, includeData: true };
const sparseVector = { indices: [1, 7], values: [0.1, 0.2] };

const records = [
  { ...none, id: "id1", vector: [0.1, 0.2], metadata: { kind: "value1" }, data: "data-value" },
  { ...none, id: "id2", vector: [0.3, 0.4], metadata: { kind: "value2" } },
  { ...none, id: 3, vector: [0.5, 0.6] },
];

describe.each(["", "/ns"])("the Python client, namespace %j", (ns) => {
  it("upsert: a list of records with null for absent fields", async () => {
    const send = await python({ settings: dense });
    expect(await send(`/upsert${ns}`, records)).toBe("Success");
    expect(await send(`/fetch${ns}`, { ids: ["id1", "3"], ...all })).toEqual([
      { id: "id1", vector: [0.1, 0.2], metadata: { kind: "value1" }, data: "data-value" },
      { id: "3", vector: [0.5, 0.6] },
    ]);
  });

  it("upsert of sparse and of hybrid vectors", async () => {
    const sparse = await python({ settings: sparseOfVectors });
    expect(await sparse(`/upsert${ns}`, [{ ...none, id: "s", sparseVector }])).toBe("Success");
    expect(await sparse(`/fetch${ns}`, { ids: ["s"], ...all })).toEqual([{ id: "s", sparseVector }]);
    const hybrid = await python({ settings: hybridOfVectors });
    expect(await hybrid(`/upsert${ns}`, [{ ...none, id: "h", vector: [1, 0], sparseVector }])).toBe(
      "Success",
    );
    expect(await hybrid(`/fetch${ns}`, { ids: ["h"], ...all })).toEqual([
      { id: "h", vector: [1, 0], sparseVector },
    ]);
  });

  it("upsert of sparse vectors with any signed 32-bit index, as its types say", async () => {
    const send = await python({ settings: sparseOfVectors });
    const wide = { indices: [-2147483648, -1, 2147483647], values: [1, 2, 3] };
    expect(await send(`/upsert${ns}`, [{ ...none, id: "s", sparseVector: wide }])).toBe("Success");
    const query = { topK: 10, ...includes, includeVectors: true, filter: "" };
    expect(
      await send(`/query${ns}`, { ...query, sparseVector: { indices: [-1, 5], values: [1, 1] } }),
    ).toEqual([{ id: "s", score: 2, sparseVector: wide }]);
  });

  it("upsert of text: id, data, metadata", async () => {
    const send = await python(denseOfText);
    const items = [
      { id: "id1", data: "Hello world", metadata: { kind: "value1" } },
      { id: "id2", data: "Vector databases", metadata: null },
    ];
    expect(await send(`/upsert-data${ns}`, items)).toBe("Success");
    expect(
      await send(`/fetch${ns}`, {
        ids: ["id1", "id2"],
        ...includes,
        includeMetadata: true,
        includeData: true,
      }),
    ).toEqual([items[0], { id: "id2", data: "Vector databases" }]);
  });

  it("query by vector: every field, an empty filter; id and score in each result", async () => {
    const send = await python({ settings: dense });
    await send(`/upsert${ns}`, records);
    const payload = { topK: 2, ...includes, includeMetadata: true, filter: "", vector: [0.1, 0.2] };
    expect(await send(`/query${ns}`, payload)).toEqual([
      { id: "id1", score: 1, metadata: { kind: "value1" } },
      { id: "id2", score: expect.any(Number), metadata: { kind: "value2" } },
    ]);
    const filtered = { ...payload, includeVectors: true, includeData: true, filter: "kind = 'value1'" };
    expect(await send(`/query${ns}`, filtered)).toEqual([
      { id: "id1", score: 1, vector: [0.1, 0.2], metadata: { kind: "value1" }, data: "data-value" },
    ]);
  });

  it("query by text, with the values of its enumerations", async () => {
    const send = await python(hybridOfText);
    await send(`/upsert-data${ns}`, [{ id: "id1", data: "Hello world", metadata: null }]);
    for (const queryMode of ["HYBRID", "DENSE", "SPARSE"]) {
      for (const fusionAlgorithm of ["RRF", "DBSF"]) {
        const payload = { topK: 5, ...includes, filter: "", data: "hello", queryMode, fusionAlgorithm };
        expect(await send(`/query-data${ns}`, { ...payload, weightingStrategy: "IDF" })).toEqual([
          { id: "id1", score: expect.any(Number) },
        ]);
      }
    }
  });

  it("query_many: a list of queries, each with what was given; a list for each", async () => {
    const send = await python({ settings: dense });
    await send(`/upsert${ns}`, records);
    const queries = [
      { topK: 1, vector: [0.1, 0.2] },
      { includeMetadata: true, filter: "kind = 'value2'", vector: [0.3, 0.4] },
    ];
    expect(await send(`/query${ns}`, queries)).toEqual([
      [{ id: "id1", score: 1 }],
      [{ id: "id2", score: 1, metadata: { kind: "value2" } }],
    ]);
    const text = await python(denseOfText);
    await text(`/upsert-data${ns}`, [{ id: "id1", data: "Hello", metadata: null }]);
    expect(await text(`/query-data${ns}`, [{ data: "Hello" }, { topK: 1, data: "Hello" }])).toEqual([
      [{ id: "id1", score: 1 }],
      [{ id: "id1", score: 1 }],
    ]);
  });

  it("resumable_query: uuid and scores; fetch_next a list, at last an empty one; stop, then both raise", async () => {
    const send = await python({ settings: dense });
    await send(`/upsert${ns}`, records);
    const payload = {
      topK: 2,
      ...includes,
      includeMetadata: true,
      filter: "",
      maxIdle: 3_600,
      vector: [0.1, 0.2],
    };
    const { uuid, scores } = (await send(`/resumable-query${ns}`, payload)) as {
      uuid: string;
      scores: unknown;
    };
    expect(uuid).toEqual(expect.any(String));
    expect(scores).toEqual([
      { id: "id1", score: 1, metadata: { kind: "value1" } },
      { id: "id2", score: expect.any(Number), metadata: { kind: "value2" } },
    ]);
    expect(await send("/resumable-query-next", { uuid, additionalK: 2 })).toEqual([
      { id: "3", score: expect.any(Number) },
    ]);
    expect(await send("/resumable-query-next", { uuid, additionalK: 1 })).toEqual([]);
    await send("/resumable-query-end", { uuid });
    await expect(send("/resumable-query-next", { uuid, additionalK: 1 })).rejects.toThrow("does not exist");
    await expect(send("/resumable-query-end", { uuid })).rejects.toThrow("does not exist");
  });

  it("resumable_query by text, and of a namespace that does not exist", async () => {
    const send = await python(denseOfText);
    await send(`/upsert-data${ns}`, [{ id: "id1", data: "Hello world", metadata: null }]);
    const payload = { topK: 1, ...includes, filter: "", maxIdle: 3_600, data: "Hello" };
    expect(await send(`/resumable-query-data${ns}`, payload)).toMatchObject({ scores: [{ id: "id1" }] });
    const { uuid, scores } = (await send("/resumable-query-data/nowhere", payload)) as {
      uuid: string;
      scores: unknown;
    };
    expect(scores).toEqual([]);
    expect(await send("/resumable-query-next", { uuid, additionalK: 1 })).toEqual([]);
    expect(await send("/list-namespaces")).not.toContain("nowhere");
  });

  it("delete: a bare list of ids, also for one; by prefix or filter an object", async () => {
    const send = await python({ settings: dense });
    await send(`/upsert${ns}`, records);
    expect(await send(`/delete${ns}`, ["id1"])).toEqual({ deleted: 1 });
    expect(await send(`/delete${ns}`, ["id1", "3"])).toEqual({ deleted: 1 });
    await send(`/upsert${ns}`, records);
    expect(await send(`/delete${ns}`, { prefix: "id" })).toEqual({ deleted: 2 });
    await send(`/upsert${ns}`, records);
    expect(await send(`/delete${ns}`, { filter: "kind = 'value2'" })).toEqual({ deleted: 1 });
    expect(await send("/delete/nowhere", ["id1"])).toEqual({ deleted: 0 });
  });

  it("reset without a body, of one namespace or by ?all of each", async () => {
    const send = await python({ settings: dense });
    await send(`/upsert${ns}`, records);
    await send("/upsert/other", records);
    expect(await send(`/reset${ns}`)).toBe("Success");
    expect(await send("/info")).toMatchObject({ vectorCount: 3 });
    expect(await send("/reset?all")).toBe("Success");
    expect(await send("/info")).toMatchObject({ vectorCount: 0 });
    expect(await send("/reset/nowhere")).toBe("Success");
    expect(await send("/list-namespaces")).not.toContain("nowhere");
  });

  it('range: the cursor "" first, then that of the answer; nextCursor is text, at last ""', async () => {
    const send = await python({ settings: dense });
    await send(`/upsert${ns}`, records);
    expect(await send(`/range${ns}`, { cursor: "", limit: 1, ...includes })).toEqual({
      nextCursor: "1",
      vectors: [{ id: "id1" }],
    });
    expect(await send(`/range${ns}`, { cursor: "1", limit: 2, ...all })).toEqual({
      nextCursor: "",
      vectors: [
        { id: "id2", vector: [0.3, 0.4], metadata: { kind: "value2" } },
        { id: "3", vector: [0.5, 0.6] },
      ],
    });
    expect(await send(`/range${ns}`, { cursor: "", limit: 1, prefix: "id2", ...includes })).toEqual({
      nextCursor: "",
      vectors: [{ id: "id2" }],
    });
  });

  it("fetch: ids in a list; null for one that is missing; by prefix", async () => {
    const send = await python({ settings: dense });
    await send(`/upsert${ns}`, records);
    expect(await send(`/fetch${ns}`, { ids: ["id2", "id-999"], ...includes })).toEqual([{ id: "id2" }, null]);
    expect(await send(`/fetch${ns}`, { prefix: "id", ...includes })).toEqual([{ id: "id1" }, { id: "id2" }]);
  });

  it("update: always sends the mode, other fields only if given; updated is 1 or 0", async () => {
    const send = await python({ settings: dense });
    await send(`/upsert${ns}`, records);
    const overwrite = { id: "id1", metadataUpdateMode: "OVERWRITE" };
    expect(await send(`/update${ns}`, { ...overwrite, vector: [0.2, 0.3] })).toEqual({ updated: 1 });
    expect(await send(`/update${ns}`, { ...overwrite, data: "new-data" })).toEqual({ updated: 1 });
    const patch = { id: "id1", metadataUpdateMode: "PATCH", metadata: { kind: null, other: "new" } };
    expect(await send(`/update${ns}`, patch)).toEqual({ updated: 1 });
    expect(await send(`/fetch${ns}`, { ids: ["id1"], ...all })).toEqual([
      { id: "id1", vector: [0.2, 0.3], data: "new-data", metadata: { other: "new" } },
    ]);
    expect(await send(`/update${ns}`, { ...overwrite, metadata: { only: 1 } })).toEqual({ updated: 1 });
    expect(await send(`/fetch${ns}`, { ids: ["id1"], ...includes, includeMetadata: true })).toEqual([
      { id: "id1", metadata: { only: 1 } },
    ]);
    expect(
      await send(`/update${ns}`, { id: "id-999", metadataUpdateMode: "OVERWRITE", vector: [0.4, 0.5] }),
    ).toEqual({ updated: 0 });
  });

  it("update of data only embeds it again if the index has a model", async () => {
    const send = await python(denseOfText);
    await send(`/upsert-data${ns}`, [{ id: "id-0", data: "hello", metadata: null }]);
    const fetched = () => send(`/fetch${ns}`, { ids: ["id-0"], ...all });
    const [before] = (await fetched()) as { vector: number[] }[];
    await send(`/update${ns}`, { id: "id-0", metadataUpdateMode: "OVERWRITE", data: "bye" });
    const [after] = (await fetched()) as { vector: number[]; data: string }[];
    expect(after?.data).toBe("bye");
    expect(after?.vector).not.toEqual(before?.vector);
  });
});

describe("the Python client on a whole index", () => {
  it.each([
    ["dense", { settings: dense }, 2, "COSINE"],
    ["sparse", { settings: sparseOfVectors }, 0, ""],
    ["hybrid", { settings: hybridOfVectors }, 2, "COSINE"],
  ])(
    "info of a %s index, without a body: no key that it reads is missing",
    async (_, options, dimension, similarityFunction) => {
      const send = await python(options);
      const counts = { vectorCount: 0, pendingVectorCount: 0 };
      expect(await send("/info")).toMatchObject({
        ...counts,
        indexSize: expect.any(Number),
        dimension,
        similarityFunction,
        namespaces: { "": counts },
      });
    },
  );

  it("list_namespaces and delete_namespace without a body; a missing one raises", async () => {
    const send = await python({ settings: dense });
    await send("/upsert/ns", records);
    expect(await send("/list-namespaces")).toEqual(["", "ns"]);
    expect(await send("/delete-namespace/ns")).toBe("Success");
    expect(await send("/list-namespaces")).toEqual([""]);
    await expect(send("/delete-namespace/ns")).rejects.toThrow(
      /^Namespace ns for the index \S+ does not exist$/,
    );
  });

  it("a namespace goes into the path as httpx encodes it", async () => {
    const send = await python({ settings: dense });
    await send("/upsert/a%20caf%C3%A9", records);
    expect(await send("/list-namespaces")).toEqual(["", "a café"]);
  });

  it("raises with the text of the error", async () => {
    const send = await python({ settings: dense });
    await expect(send("/upsert", [{ ...none, id: "1", vector: [1] }])).rejects.toThrow(
      "Invalid vector dimension: 1, expected: 2",
    );
  });
});
