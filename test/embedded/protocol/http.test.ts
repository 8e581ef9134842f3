import { describe, expect, it, onTestFinished } from "vitest";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../../src/embedded/index.ts";

async function started(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await startEmulator(options);
  onTestFinished(() => emulator.close());
  return emulator;
}

async function send(
  emulator: Emulator,
  path: string,
  options: { body?: string; token?: string; method?: string } = {},
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${emulator.url}${path}`, {
    method: options.method ?? "POST",
    headers: { Authorization: `Bearer ${options.token ?? emulator.token}` },
    ...(options.body !== undefined && { body: options.body }),
  });
  return { status: response.status, body: await response.json() };
}

const record = { id: "1", sparseVector: { indices: [1], values: [0.1] } };

describe("tokens", () => {
  it.each([
    ["no header", {}],
    ["another token", { Authorization: "Bearer wrong" }],
    ["no scheme", { Authorization: "wrong" }],
  ])("refuses %s with 401", async (_, headers) => {
    const emulator = await started();
    const response = await fetch(`${emulator.url}/info`, {
      method: "POST",
      headers: headers as Record<string, string>,
    });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ error: "Unauthorized: Invalid auth token", status: 401 });
  });

  it("lets the read-only token read and not write", async () => {
    const emulator = await started();
    const token = emulator.readOnlyToken;
    for (const command of ["upsert", "upsert-data", "update", "delete", "reset", "delete-namespace"]) {
      expect(await send(emulator, `/${command}/ns`, { token, body: "[]" })).toEqual({
        status: 403,
        body: { error: `Forbidden: /${command} is not allowed`, status: 403 },
      });
    }
    for (const [command, body] of [
      ["info", ""],
      ["list-namespaces", ""],
      ["query-data", '{"data":"x"}'],
      ["fetch", '{"ids":["1"]}'],
      ["range", "{}"],
      ["random", ""],
    ]) {
      expect((await send(emulator, `/${command}`, { token, body: body as string })).status).toBe(200);
    }
  });
});

describe("what clients send", () => {
  it.each(["POST", "PUT", "DELETE", "GET"])("takes %s, with a body if fetch allows one", async (method) => {
    const emulator = await started();
    await send(emulator, "/upsert", { body: JSON.stringify(record) });
    const withBody = method !== "GET" && { body: '{"ids":["1"]}' };
    const path = method === "GET" ? "/info" : "/fetch";
    expect((await send(emulator, path, { method, ...withBody })).status).toBe(200);
  });

  it("takes nulls for what is absent, quoted booleans, number ids, an empty filter", async () => {
    const emulator = await started();
    const body = JSON.stringify({
      id: 33,
      vector: null,
      sparseVector: record.sparseVector,
      metadata: null,
      data: null,
    });
    expect((await send(emulator, "/upsert", { body })).status).toBe(200);
    const query = JSON.stringify({
      sparseVector: record.sparseVector,
      filter: "",
      includeVectors: "true",
      vector: null,
    });
    expect((await send(emulator, "/query", { body: query })).body).toEqual({
      result: [{ id: "33", score: 0.010000001, sparseVector: record.sparseVector }],
    });
  });

  it.each(["[]", "null", ""])("takes the body %j for a command without arguments", async (body) => {
    const emulator = await started();
    for (const path of ["/info", "/list-namespaces", "/reset", "/random"]) {
      expect((await send(emulator, path, { body })).status).toBe(200);
    }
  });

  it("deletes a bare list of ids and a bare id", async () => {
    const emulator = await started();
    await send(emulator, "/upsert", { body: JSON.stringify([record, { ...record, id: "raw id" }]) });
    expect((await send(emulator, "/delete", { body: '["1"]' })).body).toEqual({ result: { deleted: 1 } });
    expect((await send(emulator, "/delete", { body: "raw id" })).body).toEqual({ result: { deleted: 1 } });
  });

  it("decodes the namespace and leaves a stray percent sign", async () => {
    const emulator = await started();
    await send(emulator, "/upsert/a%20b%2Fc", { body: JSON.stringify(record) });
    await send(emulator, "/upsert/50%25%zz", { body: JSON.stringify(record) });
    expect((await send(emulator, "/list-namespaces")).body).toEqual({ result: ["", "50%%zz", "a b/c"] });
  });
});

describe("errors", () => {
  it.each([
    ["/nonsense", "{}", 404, "Unknown command: /nonsense"],
    ["/constructor", "{}", 404, "Unknown command: /constructor"],
    ["/query", "{", 400, "The request body is not valid JSON"],
    ["/query", '{"topK":0,"data":"x"}', 422, "topK must be a whole number from 1 to 1000"],
    ["/query-data", '{"topK":1001,"data":"x"}', 422, "topK must be a whole number from 1 to 1000"],
    [
      "/query-data",
      '{"data":"x","filter":"a[ = 1"}',
      422,
      "Invalid filter. At line 1:1 token recognition error at: '['",
    ],
    ["/query", '{"vector":[1]}', 422, "This index requires sparse vectors"],
    ["/upsert", '{"id":"1"}', 422, "This index requires sparse vectors"],
    [
      "/upsert",
      '{"id":"1","sparseVector":{"indices":[],"values":[]}}',
      422,
      "A sparse vector must have at least one entry",
    ],
    ["/upsert", '{"id":{},"sparseVector":{"indices":[1],"values":[1]}}', 422, "The id must be a string"],
    [
      "/upsert",
      '{"id":"a\\u0000","sparseVector":{"indices":[1],"values":[1]}}',
      422,
      "The id must not contain the character U+0000",
    ],
    [
      "/upsert",
      '{"id":"1","sparseVector":{"indices":[1],"values":[1e400]}}',
      422,
      "The request body cannot be kept exactly: line 1, column 51, sparseVector.values[0]: 1e400 is outside the range of a double",
    ],
    ["/upsert-data", '{"id":"1"}', 422, "data is required to embed a record"],
    ["/delete-namespace", "", 422, "The default namespace cannot be deleted; reset it to empty it."],
    ["/range", '{"cursor":"x"}', 422, "cursor must be one that range returned, or 0"],
  ])("%s %s answers %i", async (path, body, status, error) => {
    const emulator = await started();
    expect(await send(emulator, path, { body })).toEqual({ status, body: { error, status } });
  });

  it("refuses other methods with 405, too many items, and metadata over 48 KB", async () => {
    const emulator = await started();
    const response = await fetch(`${emulator.url}/info`, { method: "PATCH" });
    expect(response.status).toBe(405);
    await response.text();
    const many = JSON.stringify(Array.from({ length: 1_001 }, () => record));
    expect((await send(emulator, "/upsert", { body: many })).body).toMatchObject({ status: 422 });
    const heavy = JSON.stringify({ ...record, metadata: { text: "x".repeat(49_152) } });
    expect((await send(emulator, "/upsert", { body: heavy })).body).toMatchObject({ status: 422 });
    expect((await send(emulator, "/info")).body).toMatchObject({ result: { vectorCount: 0 } });
  });

  it("says that a port is taken", async () => {
    const emulator = await started();
    const port = Number(new URL(emulator.url).port);
    await expect(startEmulator({ port })).rejects.toMatchObject({
      code: "connection",
      hint: expect.stringContaining("--port"),
    });
  });
});
