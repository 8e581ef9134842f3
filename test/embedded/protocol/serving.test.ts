import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import type { EmulatorOptions, RequestEntry } from "../../../src/embedded/index.ts";
import { UsageError } from "../../../src/foundation/errors.ts";
import { dense } from "../../helpers/index-settings.ts";
import { exchange, hybridOfVectors, post, served, sparseOfVectors } from "./wire.ts";

/** Requests that the service does not document, or that could do harm: decided here (docs/emulator.md). */

const records = (count: number) => Array.from({ length: count }, (_, n) => ({ id: `${n}`, vector: [1, n] }));
const sparseVector = { indices: [1], values: [1] };

describe("a query with a vector that the index does not have", () => {
  it("on a DENSE index ignores sparseVector and returns topK matches", async () => {
    const emulator = await served({ settings: dense });
    await post(emulator, "upsert", records(50));
    const { body } = await post(emulator, "query", { vector: [1, 0], sparseVector, topK: 3 });
    expect(body).toMatchObject({ result: [{ id: "0" }, { id: "1" }, { id: "2" }] });
    expect((body as { result: unknown[] }).result).toHaveLength(3);
  });

  it("on a SPARSE index ignores vector", async () => {
    const emulator = await served({ settings: sparseOfVectors });
    await post(emulator, "upsert", { id: "1", sparseVector });
    const { body } = await post(emulator, "query", { vector: [1, 0], sparseVector, topK: 3 });
    expect(body).toEqual({ result: [{ id: "1", score: 1 }] });
  });

  it("on a HYBRID index both count", async () => {
    const emulator = await served({ settings: hybridOfVectors });
    await post(emulator, "upsert", { id: "1", vector: [1, 0], sparseVector });
    const { body } = await post(emulator, "query", { vector: [1, 0], sparseVector, topK: 3 });
    expect(body).toMatchObject({ result: [{ id: "1", score: 0.033333335 }] });
  });
});

describe("text for an index without a model", () => {
  it.each([
    ["upsert-data", {}],
    ["upsert-data", { id: "1" }],
    ["upsert-data", { id: "1", data: "x" }],
    ["query-data", {}],
    ["query-data", { data: "x" }],
  ])("%s %j answers with the documented error", async (command, payload) => {
    const emulator = await served({ settings: dense });
    expect(await post(emulator, command, payload)).toMatchObject({
      status: 422,
      body: { error: expect.stringContaining("Embedding data for this index is not allowed") },
    });
  });
});

describe("requests that could delete more than was meant", () => {
  async function filled() {
    const emulator = await served({ settings: dense });
    for (const namespace of ["", "/ns"]) await post(emulator, `upsert${namespace}`, records(2));
    const counts = async () =>
      Object.values(
        (
          (await post(emulator, "info")).body as {
            result: { namespaces: Record<string, { vectorCount: number }> };
          }
        ).result.namespaces,
      ).map(({ vectorCount }) => vectorCount);
    return { emulator, counts };
  }

  it.each(["reset?all", "reset?all=true", "reset?all=1"])("%s empties every namespace", async (command) => {
    const { emulator, counts } = await filled();
    expect((await post(emulator, command)).status).toBe(200);
    expect(await counts()).toEqual([0, 0]);
  });

  it.each(["reset?all=false", "reset?all=0", "reset"])("%s empties one namespace", async (command) => {
    const { emulator, counts } = await filled();
    expect((await post(emulator, command)).status).toBe(200);
    expect(await counts()).toEqual([0, 2]);
  });

  it.each([
    ["reset?all=maybe", undefined, "all must be true or false"],
    ["reset?all=true&all=false", undefined, "all must be true or false"],
    ["reset/ns?all", undefined, "Name a namespace to reset, or all of them, but not both"],
    ["delete", { prefix: "" }, "The prefix is empty: it would delete every record. Use reset for that."],
  ])("%s %j is refused", async (command, payload, error) => {
    const { emulator, counts } = await filled();
    expect(await post(emulator, command, payload)).toMatchObject({ status: 422, body: { error } });
    expect(await counts()).toEqual([2, 2]);
  });

  it.each(["{bad", "[bad", '{"ids":["0"]', ' {"ids":[0}'])("delete %s is not an id", async (body) => {
    const { emulator, counts } = await filled();
    const headers = { Authorization: `Bearer ${emulator.token}` };
    expect(await exchange(emulator.url, { path: "/delete", headers, body })).toMatchObject({ status: 400 });
    expect(await counts()).toEqual([2, 2]);
  });

  it.each([undefined, [], null])("range with the body %j reads the first page", async (payload) => {
    const { emulator } = await filled();
    expect((await post(emulator, "range", payload)).body).toEqual({
      result: { nextCursor: "", vectors: [{ id: "0" }, { id: "1" }] },
    });
  });
});

describe("pages of other origins", () => {
  const origin = "https://app.example";
  const ask = async (options: EmulatorOptions, method: string, more: Record<string, string> = {}) => {
    const emulator = await served(options);
    return await fetch(`${emulator.url}/info`, {
      method,
      headers: { Origin: origin, Authorization: `Bearer ${emulator.token}`, ...more },
    });
  };
  const preflight = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization,upstash-telemetry-sdk",
  };

  it("may ask beforehand, without a token", async () => {
    const response = await ask({}, "OPTIONS", { ...preflight, Authorization: "" });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("access-control-allow-methods")).toBe("GET, POST, PUT, DELETE");
    expect(response.headers.get("access-control-allow-headers")).toBe("authorization,upstash-telemetry-sdk");
  });

  it.each([
    [{}, "*"],
    [{ allowedOrigins: [origin] }, origin],
    [{ allowedOrigins: ["https://other.example"] }, null],
    [{ allowedOrigins: [] }, null],
  ])("with %j may read answers and errors of origin %j", async (options, allowed) => {
    for (const more of [{}, { Authorization: "Bearer wrong" }] as Record<string, string>[]) {
      const response = await ask(options, "POST", more);
      expect(response.headers.get("access-control-allow-origin")).toBe(allowed);
    }
  });

  it("that are not allowed are refused beforehand, by name", async () => {
    const response = await ask({ allowedOrigins: ["https://other.example"] }, "OPTIONS", preflight);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error: `The origin ${origin} is not allowed` });
  });

  it.each(["app.example", "https://app.example/path", "https://app.example/"])(
    "%s is not an origin",
    async (allowed) => {
      await expect(served({ allowedOrigins: [allowed] })).rejects.toThrow(UsageError);
    },
  );
});

describe("the request log", () => {
  async function logged(options: EmulatorOptions = {}) {
    const entries: RequestEntry[] = [];
    const emulator = await served({ ...options, log: (entry) => entries.push(entry) });
    return { emulator, entries };
  }

  it("has method, path, status, milliseconds and index of each request", async () => {
    const { emulator, entries } = await logged({ indexes: [{ path: "/food" }] });
    await post(emulator, "query-data/recipes?x=secret", { data: "soup" });
    await post(emulator, "nonsense");
    expect(entries).toMatchObject([
      { method: "POST", path: "/food/query-data/recipes", status: 200, index: "/food" },
      { method: "POST", path: "/food/nonsense", status: 404, index: "/food" },
    ]);
    expect(entries[0]?.milliseconds).toBeGreaterThan(0);
  });

  it("never has a token, wherever a client puts it", async () => {
    const { emulator, entries } = await logged();
    await post(emulator, `info/${emulator.token}?token=${emulator.token}`);
    await post(emulator, `info/${emulator.readOnlyToken}`, { token: emulator.token });
    expect(entries.map(({ path }) => path)).toEqual(["/info/[token]", "/info/[token]"]);
    expect(JSON.stringify(entries)).not.toContain(emulator.token);
    expect(JSON.stringify(entries)).not.toContain(emulator.readOnlyToken);
  });

  it("has status 499 for a client that left in the middle of its request, which is no failure", async () => {
    const { emulator, entries } = await logged();
    const { port, hostname } = new URL(emulator.url);
    const socket = connect(Number(port), hostname);
    const head = `POST /upsert HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${emulator.token}\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n[`;
    socket.write(head);
    // The server asks for the rest of the body: it has the request.
    expect(String((await once(socket, "data"))[0])).toMatch(/^HTTP\/1\.1 100 /);
    socket.destroy();
    await expect.poll(() => entries[0]?.status).toBe(499);
    expect(entries[0]).not.toHaveProperty("failure");
  });

  it("has the cause of an unforeseen failure, which the client finds by the request's id", async () => {
    const broken = {
      model: "broken",
      dimension: 2,
      async embed(): Promise<never> {
        throw new RangeError("no memory", { cause: new Error("the machine is full") });
      },
    };
    const settings = { ...dense, embeddingModel: "broken" };
    const { emulator, entries } = await logged({ settings, embedders: { dense: broken } });
    const { status, body } = await post(emulator, "query-data", { data: "x" });
    expect(status).toBe(500);
    const requestId = entries[0]?.requestId as string;
    expect(body).toEqual({ error: `Internal server error (request ${requestId})`, status: 500 });
    expect(entries[0]?.failure).toBe("RangeError: no memory ← Error: the machine is full");
  });
});

describe("bounds of the server", () => {
  it("a list of a million objects is refused at once, and the next request is answered", async () => {
    const emulator = await served({ settings: dense });
    const headers = { Authorization: `Bearer ${emulator.token}` };
    for (const body of [`[${"{},".repeat(1_000_000)}{}]`, `{"a":[${"{},".repeat(1_000_000)}{}]}`]) {
      expect(await exchange(emulator.url, { path: "/upsert", headers, body })).toMatchObject({
        status: 422,
        body: {
          error: expect.stringMatching(
            /Too many items in one request: more than 10000|more than 8000000 values/,
          ),
        },
      });
    }
    expect((await post(emulator, "info")).status).toBe(200);
  });

  async function withLargeTexts(count: number) {
    const emulator = await served({ settings: dense });
    const data = "x".repeat(1_000_000);
    for (let start = 0; start < count; start += 50) {
      const batch = records(count).slice(start, start + 50);
      await post(
        emulator,
        "upsert",
        batch.map((record) => ({ ...record, data })),
      );
    }
    return emulator;
  }

  it("an answer is refused while it is read, in a batch of queries too", async () => {
    const emulator = await withLargeTexts(50);
    const query = { vector: [1, 0], topK: 50, includeData: true };
    expect(await post(emulator, "query", [query, query, query])).toMatchObject({
      status: 413,
      body: { error: expect.stringContaining("ask for fewer records at once") },
    });
    expect((await post(emulator, "query", [query])).status).toBe(200);
  });

  it("a page of large records ends early, and the next goes on", async () => {
    const emulator = await withLargeTexts(150);
    const ids: string[] = [];
    for (let cursor = "0", pages = 0; cursor !== ""; pages++) {
      expect(pages).toBeLessThan(3);
      const { body } = await post(emulator, "range", { cursor, includeData: true });
      const { result } = body as { result: { nextCursor: string; vectors: { id: string }[] } };
      ids.push(...result.vectors.map(({ id }) => id));
      cursor = result.nextCursor;
    }
    expect(ids).toEqual(records(150).map(({ id }) => id));
  });

  it("an id and the name of a namespace have at most 4,096 bytes", async () => {
    const emulator = await served({ settings: dense });
    const long = "ü".repeat(2_048);
    expect((await post(emulator, "upsert", { id: long, vector: [1, 0] })).status).toBe(200);
    expect(await post(emulator, "upsert", { id: `${long}x`, vector: [1, 0] })).toMatchObject({
      status: 422,
      body: { error: "The id is too long: 4097 bytes, maximum: 4096" },
    });
    expect(await post(emulator, `upsert/${"n".repeat(4_097)}`, records(1))).toMatchObject({
      status: 422,
      body: { error: "The namespace is too long: 4097 bytes, maximum: 4096" },
    });
  });

  it("a connection beyond the limit gets an answer that says so, and one later works", async () => {
    const emulator = await served({ maximumConnections: 2 });
    const { port, hostname } = new URL(emulator.url);
    const busy = Array.from({ length: 2 }, () => connect(Number(port), hostname));
    onTestFinished(() => {
      for (const socket of busy) socket.destroy();
    });
    // Connections in the middle of a request are not idle.
    await Promise.all(
      busy.map((socket) => new Promise((resolve) => socket.write("POST /info HTTP/1.1\r\n", resolve))),
    );
    await expect.poll(async () => (await post(emulator, "info")).status).toBe(503);
    expect(await post(emulator, "info")).toMatchObject({
      status: 503,
      body: { error: expect.stringContaining("Too many open connections, maximum: 2") },
    });
    for (const socket of busy) socket.destroy();
    await expect.poll(async () => (await post(emulator, "info")).status).toBe(200);
  });
});
