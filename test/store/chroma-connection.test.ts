import type { ServerResponse } from "node:http";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { UsageError } from "../../src/foundation/errors.ts";
import { ChromaStore } from "../../src/store/chroma.ts";
import { deadAddress, startServer } from "../helpers/http-server.ts";

const collection = {
  id: "5aa5dfdf-593f-48fa-91db-b7efbf58a558",
  name: "foods",
  tenant: "default_tenant",
  database: "default_database",
  configuration_json: { hnsw: { space: "l2" } },
  metadata: null,
};

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}

function storeAt(
  url: string,
  options: { timeoutMs?: number; tenant?: string; database?: string; token?: string } = {},
) {
  return new ChromaStore({ server: { url, timeoutMs: 5_000, ...options }, collection: "foods" });
}

/** A stand-in for a server that knows one collection, and answers all else about it as the test says. */
function startStandIn(answer: (url: string, response: ServerResponse, body: string) => unknown) {
  return startServer(({ url, body }, response) => {
    if (url.endsWith("/pre-flight-checks")) {
      return send(response, 200, { max_batch_size: 5_461, supports_base64_encoding: true });
    }
    if (url.endsWith("/collections/foods")) return send(response, 200, collection);
    return answer(url, response, body);
  });
}

describe("ChromaStore's connection", () => {
  it.each([
    [400, "invalid-request", { message: "Collection expecting embedding with dimension of 3" }],
    [401, "authentication", {}],
    [403, "forbidden", {}],
    [409, "invalid-request", {}],
    [422, "invalid-request", { message: "wrong shape" }],
    [422, "quota", { message: "Quota exceeded for documents" }],
    [429, "rate-limit", {}],
    [500, "service", { message: "Error finding id" }],
    [503, "service", {}],
  ])("turns status %s into the error %s", async (status, code, body: { message?: string }) => {
    const { url } = await startStandIn((_, response) => send(response, status, body));
    const failing = storeAt(url).fetch(["a"]);
    await expect(failing).rejects.toMatchObject({ code, service: "chroma" });
    if (body.message !== undefined) await expect(failing).rejects.toThrow(body.message);
  });

  it.each([
    ["a page", "text/html", "<html>It works!</html>"],
    ["ids that are none", "application/json", '{"ids":[1],"include":[]}'],
    ["fewer texts than ids", "application/json", '{"ids":["a","b"],"documents":["x"],"include":[]}'],
    ["nothing", "application/json", "null"],
  ])("takes %s in the place of records for a fault of the server", async (_, type, text) => {
    const { url } = await startStandIn((_, response) =>
      response.writeHead(200, { "Content-Type": type }).end(text),
    );
    const store = storeAt(url);
    const fault = { code: "service", service: "chroma" };
    await expect(store.fetch(["a"])).rejects.toMatchObject(fault);
    await expect(store.query({ vector: [1], topK: 1 })).rejects.toMatchObject(fault);
    await expect(store.range().next()).rejects.toMatchObject(fault);
    await expect(store.info()).rejects.toMatchObject(fault);
  });

  it("names the token in no error, and sends it in both headers", async () => {
    const { url, received } = await startStandIn((_, response) => send(response, 401, {}));
    const failing = storeAt(url, { token: "secret-token", tenant: "acme", database: "kitchen" }).fetch(["a"]);
    await expect(failing).rejects.toMatchObject({ hint: "Check CHROMA_TOKEN." });
    await expect(failing).rejects.not.toThrow(/secret-token/);
    expect(received[0]?.headers).toMatchObject({
      "x-chroma-token": "secret-token",
      authorization: "Bearer secret-token",
    });
    expect(received[0]?.url).toBe("/api/v2/tenants/acme/databases/kitchen/collections/foods");
  });

  it("says that nothing answers", async () => {
    await expect(storeAt(await deadAddress()).info()).rejects.toMatchObject({
      code: "connection",
      message: expect.stringContaining("does not answer"),
    });
  });

  it("distinguishes an unknown host, a refused connection and TLS, each with its own advice", async () => {
    const { url } = await startStandIn(() => {});
    const unknown = storeAt("http://chroma.invalid:8000").info();
    await expect(unknown).rejects.toMatchObject({
      code: "connection",
      hint: expect.stringContaining("No such host"),
    });
    const refused = storeAt(await deadAddress()).info();
    await expect(refused).rejects.toMatchObject({
      code: "connection",
      hint: expect.stringContaining("chroma run"),
    });
    const untrusted = storeAt(url.replace("http:", "https:")).info();
    await expect(untrusted).rejects.toMatchObject({
      code: "connection",
      isRetryable: false,
      hint: expect.stringContaining("TLS"),
    });
  });

  it("names the server's status and words", async () => {
    const { url } = await startStandIn((_, response) =>
      send(response, 404, { error: "NotFoundError", message: "Collection [x] does not exist" }),
    );
    await expect(storeAt(url).range().next()).rejects.toMatchObject({
      status: 404,
      message: expect.stringContaining("Collection [x] does not exist"),
    });
  });

  it("waits no longer than it may, for each request", async () => {
    const { url } = await startStandIn(() => {});
    await expect(storeAt(url, { timeoutMs: 50 }).fetch(["a"])).rejects.toMatchObject({ code: "timeout" });
  });

  it.each<[string, (store: ChromaStore, signal: AbortSignal) => Promise<unknown>]>([
    ["info", (store, signal) => store.info({ signal })],
    ["a question", (store, signal) => store.query({ vector: [1], topK: 1 }, { signal })],
    ["range", (store, signal) => store.range({ signal }).next()],
    ["a write", (store, signal) => store.upsertRecords([{ id: "a", vector: [1] }], { signal })],
    ["an update", (store, signal) => store.update({ id: "a", text: "x" }, { signal })],
    ["a deletion", (store, signal) => store.delete({ prefix: "a" }, { signal })],
    ["a reset", (store, signal) => store.reset({ signal })],
    ["the namespaces", (store, signal) => store.listNamespaces({ signal })],
    ["deleting a namespace", (store, signal) => store.deleteNamespace("x", { signal })],
  ])("ends %s when its signal fires", async (_, call) => {
    const controller = new AbortController();
    const { url } = await startServer(() => controller.abort());
    await expect(call(storeAt(url), controller.signal)).rejects.toMatchObject({ code: "cancelled" });
  });

  it("aborts a request when the caller cancels", async () => {
    const controller = new AbortController();
    const { url } = await startStandIn(() => controller.abort());
    await expect(storeAt(url).fetch(["a"], { signal: controller.signal })).rejects.toMatchObject({
      code: "cancelled",
    });
  });

  it("sends large records in several requests, below what Chroma takes", async () => {
    const sizes: number[] = [];
    const { url } = await startStandIn((path, response, body) => {
      if (path.endsWith("/upsert")) sizes.push(body.length);
      send(response, 200, { ids: [], include: [], metadatas: [] });
    });
    const text = "x".repeat(5_000_000);
    await storeAt(url, { timeoutMs: 15_000 }).upsertRecords(
      ["a", "b", "c", "d"].map((id) => ({ id, text, vector: [1, 0] })),
    );
    expect(sizes).toHaveLength(2);
    expect(Math.max(...sizes)).toBeLessThan(40 * 1_048_576);
  });

  it("says what to install if the client is missing", async () => {
    vi.resetModules();
    vi.doMock("chromadb", () => {
      throw Object.assign(new Error("Cannot find package 'chromadb'"), { code: "ERR_MODULE_NOT_FOUND" });
    });
    onTestFinished(() => {
      vi.doUnmock("chromadb");
      vi.resetModules();
    });
    const { ChromaStore: Unequipped } = await import("../../src/store/chroma.ts");
    const store = new Unequipped({
      server: { url: await deadAddress(), timeoutMs: 5_000 },
      collection: "foods",
    });
    await expect(store.info()).rejects.toMatchObject({
      code: "not-found",
      hint: expect.stringContaining("npm install chromadb"),
    });
  });

  it("refuses an address with a path, which the client would drop", () => {
    expect(() => storeAt("http://127.0.0.1:8000/chroma")).toThrow(UsageError);
  });
});
