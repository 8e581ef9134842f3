import { Index } from "@upstash/vector";
import { describe, expect, it } from "vitest";
import type { Emulator } from "../../../src/embedded/index.ts";
import { commands } from "../../../src/embedded/protocol/commands.ts";
import { dense } from "../../helpers/index-settings.ts";
import { denseOfText, exchange, hybridOfVectors, post, served } from "./wire.ts";

const bearer = ({ token }: { token: string }) => ({ Authorization: `Bearer ${token}` });

/** A dense index with records 1 to 3 in the default namespace and in `ns`, and a resumable query of it. */
async function filled(): Promise<{ emulator: Emulator; uuid: string }> {
  const emulator = await served(denseOfText);
  for (const namespace of ["", "/ns"]) {
    const items = ["1", "2", "3"].map((id) => ({ id, data: `text ${id}` }));
    await post(emulator, `upsert-data${namespace}`, items);
  }
  const started = await post(emulator, "resumable-query-data/ns", { data: "text", topK: 1 });
  return { emulator, uuid: (started.body as { result: { uuid: string } }).result.uuid };
}

const vector = Array.from({ length: 32 }, (_, n) => (n === 0 ? 1 : 0));
const matches = (count: number) =>
  Array.from({ length: count }, () => ({ id: expect.any(String), score: expect.any(Number) }));
const start = { uuid: expect.any(String), scores: matches(2) };

/** Every command of the service with a body and what it answers. */
const calls: readonly [command: string, payload: (uuid: string) => unknown, result: unknown][] = [
  ["upsert/ns", () => ({ id: "9", vector }), "Success"],
  ["upsert-data/ns", () => [{ id: "9", data: "text" }], "Success"],
  ["update/ns", () => ({ id: "1", data: "other" }), { updated: 1 }],
  ["delete/ns", () => ({ ids: ["1", "none"] }), { deleted: 1 }],
  ["query/ns", () => ({ vector, topK: 2 }), matches(2)],
  ["query-data/ns", () => ({ data: "text", topK: 2 }), matches(2)],
  ["resumable-query/ns", () => ({ vector, topK: 2 }), start],
  ["resumable-query-data/ns", () => ({ data: "text", topK: 2 }), start],
  ["resumable-query-next", (uuid) => ({ uuid, additionalK: 2 }), matches(2)],
  ["resumable-query-end", (uuid) => ({ uuid }), "Success"],
  ["fetch/ns", () => ({ ids: ["1", "none"] }), [{ id: "1" }, null]],
  ["range/ns", () => ({ cursor: "0", limit: 2 }), { nextCursor: "2", vectors: [{ id: "1" }, { id: "2" }] }],
  ["random/ns", () => undefined, { id: expect.any(String), vector: expect.any(Array) }],
  ["info", () => undefined, expect.objectContaining({ vectorCount: 6, indexType: "DENSE" })],
  ["list-namespaces", () => undefined, ["", "ns"]],
  ["rename-namespace", () => ({ namespace: "ns", newNamespace: "other" }), { renamed: true }],
  ["delete-namespace/ns", () => undefined, "Success"],
  ["reset/ns", () => undefined, "Success"],
];

describe("section 1: every command by any of GET, POST, PUT and DELETE, with its body", () => {
  it("the list is that of the commands served, but for the emulator's own", () => {
    const listed = calls.map(([command]) => command.split("/")[0]);
    expect([...listed, "emulator-faults"].sort()).toEqual(Object.keys(commands).sort());
  });

  it.each(
    calls.flatMap((call) => ["GET", "POST", "PUT", "DELETE"].map((method) => [method, ...call] as const)),
  )("the emulator takes %s /%s", async (method, command, payload, result) => {
    const { emulator, uuid } = await filled();
    const body = payload(uuid);
    const answer = await exchange(emulator.url, {
      method,
      path: `/${command}`,
      headers: bearer(emulator),
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    expect(answer).toEqual({ status: 200, contentType: "application/json", body: { result } });
  });
});

describe("section 1: what a request may look like", () => {
  it.each([undefined, "application/json", "application/x-www-form-urlencoded", "text/plain; charset=utf-8"])(
    "Content-Type %s is ignored",
    async (type) => {
      const { emulator } = await filled();
      const headers = { ...bearer(emulator), ...(type !== undefined && { "Content-Type": type }) };
      const answer = await exchange(emulator.url, { path: "/fetch", headers, body: '{"ids":["2"]}' });
      expect(answer).toMatchObject({ status: 200, body: { result: [{ id: "2" }] } });
    },
  );

  it("the JavaScript client's base URL may end in a slash, and have a path before it", async () => {
    const emulator = await served({ indexes: [{ path: "/dense", settings: dense }] });
    const { token } = emulator;
    for (const url of [emulator.url, `${emulator.url}/`]) {
      expect(emulator.url).toMatch(/\/dense$/);
      const index = new Index({ url, token, retry: false });
      expect((await index.info()).dimension).toBe(2);
    }
  });

  it.each(["info", "list-namespaces", "reset", "reset/ns", "reset?all", "delete-namespace/ns", "random/ns"])(
    "/%s takes no body, an empty list, and null",
    async (command) => {
      for (const body of [undefined, "", "[]", "null"]) {
        const { emulator } = await filled();
        const answer = await exchange(emulator.url, { path: `/${command}`, headers: bearer(emulator), body });
        expect([answer.status, body]).toEqual([200, body]);
      }
    },
  );

  it("null means an absent field, for every optional field", async () => {
    const emulator = await served({ settings: dense });
    const none = { sparseVector: null, metadata: null, data: null };
    expect((await post(emulator, "upsert", { id: "1", vector: [1, 0], ...none })).status).toBe(200);
    const include = { includeMetadata: null, includeVectors: null, includeData: null };
    const query = { filter: null, weightingStrategy: null, fusionAlgorithm: null, topK: null, ...include };
    const found = { body: { result: [{ id: "1", score: 1 }] } };
    expect(await post(emulator, "query", { vector: [1, 0], sparseVector: null, ...query })).toMatchObject(
      found,
    );
    expect(
      await post(emulator, "resumable-query", { vector: [1, 0], ...query, maxIdle: null }),
    ).toMatchObject({ status: 200, body: { result: { scores: [{ id: "1", score: 1 }] } } });
    expect(await post(emulator, "fetch", { ids: ["1"], prefix: null, ...include })).toMatchObject({
      body: { result: [{ id: "1" }] },
    });
    expect(await post(emulator, "range", { cursor: null, limit: null, prefix: null, ...include })).toEqual(
      expect.objectContaining({ body: { result: { nextCursor: "", vectors: [{ id: "1" }] } } }),
    );
    expect(
      await post(emulator, "update", { id: "1", vector: null, metadataUpdateMode: null, ...none }),
    ).toMatchObject({ body: { result: { updated: 1 } } });
    expect(await post(emulator, "delete", { ids: ["1"], prefix: null, filter: null })).toMatchObject({
      body: { result: { deleted: 1 } },
    });
  });

  it("booleans may come as strings, true and false", async () => {
    const emulator = await served({ settings: dense });
    await post(emulator, "upsert", { id: "1", vector: [1, 0], metadata: { a: 1 }, data: "x" });
    const include = { includeMetadata: "true", includeVectors: "false", includeData: "true" };
    expect(await post(emulator, "fetch", { ids: ["1"], ...include })).toMatchObject({
      body: { result: [{ id: "1", metadata: { a: 1 }, data: "x" }] },
    });
    expect(await post(emulator, "fetch", { ids: ["1"], includeData: "yes" })).toMatchObject({ status: 422 });
  });

  it("numeric ids come back as strings, and name the record in every command", async () => {
    const emulator = await served({ settings: dense });
    await post(emulator, "upsert", [
      { id: 33, vector: [1, 0] },
      { id: 1.5, vector: [0, 1] },
    ]);
    expect(await post(emulator, "fetch", { ids: [33, 1.5, "33"] })).toMatchObject({
      body: { result: [{ id: "33" }, { id: "1.5" }, { id: "33" }] },
    });
    expect(await post(emulator, "update", { id: 33, data: "x" })).toMatchObject({
      body: { result: { updated: 1 } },
    });
    expect(await post(emulator, "delete", [33, 1.5])).toMatchObject({ body: { result: { deleted: 2 } } });
  });

  it("a numeric id beyond 2^53 is refused, not stored under another", async () => {
    const emulator = await served({ settings: dense });
    const upsert = (id: string) =>
      exchange(emulator.url, {
        path: "/upsert",
        headers: bearer(emulator),
        body: `{"id":${id},"vector":[1,0]}`,
      });
    expect((await upsert("9007199254740991")).status).toBe(200);
    expect((await upsert("-9007199254740991")).status).toBe(200);
    for (const id of ["9007199254740993", "-9007199254740993", "1e300"]) {
      expect(await upsert(id)).toMatchObject({
        status: 422,
        body: { error: expect.stringContaining("send it as a string") },
      });
    }
  });

  it("a namespace is percent-decoded with its slashes; bytes that are not UTF-8 stay encoded", async () => {
    const emulator = await served({ settings: dense });
    for (const path of ["caf%C3%A9", "a/b", "a%3Fall", "%FF"]) {
      const body = JSON.stringify({ id: "1", vector: [1, 0] });
      await exchange(emulator.url, { path: `/upsert/${path}`, headers: bearer(emulator), body });
    }
    const { body } = await post(emulator, "list-namespaces");
    expect((body as { result: string[] }).result.sort()).toEqual(["", "%FF", "a/b", "a?all", "café"]);
  });
});

describe("tokens", () => {
  it("the read-only token reads by every command that reads, and is forbidden every other by name", async () => {
    const { emulator, uuid } = await filled();
    const reading = ["query", "query-data", "fetch", "range", "random", "info", "list-namespaces"];
    const isRead = (command: string) =>
      reading.includes(command.split("/")[0] as string) || command.startsWith("resumable-query");
    for (const [command, payload, result] of calls) {
      const answer = await post(
        { url: emulator.url, token: emulator.readOnlyToken },
        command,
        payload(uuid) ?? [],
      );
      const error = `Forbidden: /${command.split("/")[0]} is not allowed`;
      expect([command, answer.status, answer.body]).toEqual(
        isRead(command) ? [command, 200, { result }] : [command, 403, { error, status: 403 }],
      );
    }
  });

  it("every command asks for a token", async () => {
    const { emulator } = await filled();
    for (const [command] of calls) {
      expect(await exchange(emulator.url, { path: `/${command}` })).toMatchObject({
        status: 401,
        body: { error: "Unauthorized: Invalid auth token", status: 401 },
      });
    }
  });
});

describe("error texts with their status", () => {
  const onDense = { settings: dense };
  const onHybrid = { settings: hybridOfVectors };
  const sparseVector = { indices: [1], values: [1] };
  const noModel =
    "Embedding data for this index is not allowed. The index must be created with an embedding model to use it.";
  const oneTarget = "Only and only one of the ids, prefix, or filter must be provided.";

  it.each([
    [
      onDense,
      "delete-namespace/gone",
      undefined,
      404,
      "Namespace gone for the index embedded does not exist",
    ],
    [onDense, "upsert", { id: "1", vector: [1] }, 422, "Invalid vector dimension: 1, expected: 2"],
    [onDense, "update", { id: "1", vector: [1] }, 422, "Invalid vector dimension: 1, expected: 2"],
    [onDense, "query", { vector: [1] }, 422, "Invalid vector dimension: 1, expected: 2"],
    [onDense, "resumable-query", { vector: [1] }, 422, "Invalid vector dimension: 1, expected: 2"],
    [onDense, "upsert-data", { id: "1", data: "x" }, 422, noModel],
    [onDense, "query-data", { data: "x" }, 422, noModel],
    [onDense, "resumable-query-data", { data: "x" }, 422, noModel],
    [onHybrid, "upsert-data", { id: "1", data: "x" }, 422, noModel],
    [onHybrid, "upsert", { id: "1", vector: [1, 0] }, 422, "This index requires sparse vectors"],
    [onHybrid, "upsert", { id: "1", sparseVector }, 422, "This index requires dense vectors"],
    [onHybrid, "update", { id: "1", vector: [1, 0] }, 422, "This index requires sparse vectors"],
    [onHybrid, "update", { id: "1", sparseVector }, 422, "This index requires dense vectors"],
    [onDense, "query", { sparseVector }, 422, "This index requires dense vectors"],
    [onHybrid, "query", {}, 422, "This index requires dense vectors or sparse vectors"],
    [
      onHybrid,
      "upsert",
      { id: "1", vector: [1, 0], sparseVector: { indices: [], values: [] } },
      422,
      "A sparse vector must have at least one entry",
    ],
    [onDense, "delete", {}, 422, oneTarget],
    [onDense, "delete", { ids: ["1"], prefix: "a" }, 422, oneTarget],
    [onDense, "delete", { ids: ["1"], filter: "a = 1" }, 422, oneTarget],
    [onDense, "delete", { prefix: "a", filter: "a = 1" }, 422, oneTarget],
    [onDense, "delete", { ids: ["1"], prefix: "a", filter: "a = 1" }, 422, oneTarget],
    [onDense, "fetch", { ids: ["1"], prefix: "a" }, 422, "Only one of ids or prefix must be provided."],
    [
      onDense,
      "delete",
      { filter: "tags IN ['a']" },
      422,
      "Invalid filter. At line 1:8 token recognition error at: '['",
    ],
  ])("%j: /%s %j answers %i %s", async (options, command, payload, status, error) => {
    const emulator = await served(options);
    expect(await post(emulator, command, payload)).toEqual({
      status,
      contentType: "application/json",
      body: { error, status },
    });
  });

  it.each(["a query that was ended", "a query that never was"])("%s: neither next nor end", async (which) => {
    const { emulator, uuid: started } = await filled();
    const uuid = which === "a query that never was" ? "4f1c0d9e-0000-4000-8000-000000000000" : started;
    await post(emulator, "resumable-query-end", { uuid });
    for (const command of ["resumable-query-next", "resumable-query-end"]) {
      expect(await post(emulator, command, { uuid, additionalK: 1 })).toMatchObject({
        status: 404,
        body: { error: `Resumable query ${uuid} does not exist or has expired`, status: 404 },
      });
    }
  });

  it("the free plan's day quota: 10,000 writes, one a record", async () => {
    const emulator = await served({ settings: dense, faults: { dailyWrites: 10_000 } });
    const items = Array.from({ length: 1_000 }, (_, n) => ({ id: `${n}`, vector: [1, n] }));
    for (let batch = 0; batch < 10; batch++) {
      expect((await post(emulator, "upsert", items)).status).toBe(200);
    }
    expect(await post(emulator, "upsert", items[0])).toMatchObject({
      status: 403,
      body: { error: "Exceeded daily write limit: 10000", status: 403 },
    });
  });
});

describe("telemetry", () => {
  it("its headers are accepted and ignored", async () => {
    const { emulator } = await filled();
    const headers = {
      ...bearer(emulator),
      "Upstash-Telemetry-Sdk": "upstash-vector-js@v1.2.3",
      "Upstash-Telemetry-Platform": "vercel",
      "Upstash-Telemetry-Runtime": "node@v20.19.0",
    };
    expect(await exchange(emulator.url, { path: "/fetch", headers, body: '{"ids":["1"]}' })).toMatchObject({
      body: { result: [{ id: "1" }] },
    });
  });
});
