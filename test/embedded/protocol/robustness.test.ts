import { Index } from "@upstash/vector";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Emulator, type EmulatorOptions, startEmulator } from "../../../src/embedded/index.ts";
import { HttpRequester } from "../../../src/transport/http-requester.ts";
import { dense } from "../../helpers/index-settings.ts";

async function started(options: EmulatorOptions = {}): Promise<{ emulator: Emulator; index: Index }> {
  const emulator = await startEmulator(options);
  onTestFinished(() => emulator.close());
  const { url, token } = emulator;
  return { emulator, index: new Index({ url, token, enableTelemetry: false, retry: false }) };
}

async function post(emulator: { url: string; token: string }, path: string, body: string) {
  const headers = { Authorization: `Bearer ${emulator.token}` };
  const response = await fetch(`${emulator.url}/${path}`, { method: "POST", headers, body });
  return { status: response.status, body: (await response.json()) as { result?: unknown; error?: string } };
}

const ids = (matches: readonly { id: string | number }[]) => matches.map(({ id }) => id);

describe("hostile and unlucky requests", () => {
  it("an answer that no string can hold is refused, and the server goes on", async () => {
    const { emulator, index } = await started();
    await index.upsert({ id: "big", data: "x".repeat(1_000_000) });
    const many = JSON.stringify({ ids: Array.from({ length: 540 }, () => "big"), includeData: true });
    expect(await post(emulator, "fetch", many)).toMatchObject({
      status: 413,
      body: { error: expect.stringContaining("too large") },
    });
    expect((await index.info()).vectorCount).toBe(1);
    // Half a gigabyte of work, however the answer ends.
  });

  it("metadata that nests too deeply is refused as a fault of the request", async () => {
    const { emulator } = await started();
    const deep = `{"id":"1","data":"x","metadata":{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}}`;
    expect((await post(emulator, "upsert-data", deep)).status).toBe(422);
  });

  it("patches cannot make metadata larger than it may be", async () => {
    const { index } = await started();
    await index.upsert({ id: "1", data: "x" });
    const patch = (key: string) =>
      index.update({ id: "1", metadata: { [key]: "x".repeat(30_000) }, metadataUpdateMode: "PATCH" });
    expect(await patch("a")).toEqual({ updated: 1 });
    await expect(patch("b")).rejects.toThrow(
      /metadata of a record is too large: 600\d\d bytes, maximum: 49152/,
    );
  });

  it("a filter may name 64 fields, and a pattern have 1,000 characters", async () => {
    const { index } = await started();
    await index.upsert({ id: "1", data: "x", metadata: { f: "a" } });
    const fields = (count: number) =>
      Array.from({ length: count }, (_, n) => `HAS NOT FIELD f${n}`).join(" AND ");
    expect(ids(await index.query({ data: "x", topK: 1, filter: fields(64) }))).toEqual(["1"]);
    await expect(index.query({ data: "x", topK: 1, filter: fields(65) })).rejects.toThrow(
      "Too many fields in a filter",
    );
    const pattern = `f GLOB '${"*a".repeat(501)}'`;
    await expect(index.query({ data: "x", topK: 1, filter: pattern })).rejects.toThrow(
      "longer than 1000 characters",
    );
  });

  it.each([".", ".."])("a namespace named %j is refused, since a URL would change it", async (name) => {
    const { emulator, index } = await started();
    await index.upsert({ id: "1", data: "x" });
    const requester = new HttpRequester({ url: emulator.url, token: emulator.token, timeoutMs: 5_000 });
    await expect(requester.request({ path: [`reset/${name}`], body: [] })).rejects.toMatchObject({
      code: "invalid-request",
    });
    expect((await index.info()).vectorCount).toBe(1);
  });

  it.each(["123", "null", "true", '"quoted"', "plain"])(
    "the Go client's delete of the id %s finds it",
    async (id) => {
      const { emulator, index } = await started();
      await index.upsert([
        { id, data: "x" },
        { id: "other", data: "y" },
      ]);
      const body = id.startsWith('"') ? JSON.stringify(id) : id;
      expect((await post(emulator, "delete", body)).body).toEqual({ result: { deleted: 1 } });
    },
  );
});

describe("vectors that float32 cannot square", () => {
  it.each([
    [1e20, 1e20],
    [1e-30, 2e-30],
    [3e38, -3e38],
  ])("score 1 with themselves and 0 with their opposite: %j, %j", async (...vector) => {
    const { index } = await started({ settings: dense });
    await index.upsert([
      { id: "same", vector },
      { id: "opposite", vector: vector.map((component) => -component) },
    ]);
    expect(await index.query({ vector, topK: 2 })).toEqual([
      { id: "same", score: 1 },
      { id: "opposite", score: 0 },
    ]);
  });

  it("have a dot product that is a number", async () => {
    const { index } = await started({ settings: { ...dense, similarityFunction: "DOT_PRODUCT" } });
    await index.upsert({ id: "1", vector: [1e30, 1e30] });
    expect((await index.query({ vector: [1e30, 1e30], topK: 1 }))[0]?.score).toBeGreaterThan(1e38);
  });
});

describe("concurrent requests", () => {
  it("two concurrent pages of a resumable query do not return the same records", async () => {
    const { index } = await started({ settings: { ...dense, similarityFunction: "EUCLIDEAN" } });
    await index.upsert(Array.from({ length: 8 }, (_, n) => ({ id: `${n}`, vector: [n, 0] })));
    const { fetchNext } = await index.resumableQuery({ vector: [0, 0], topK: 2, maxIdle: 60 });
    const [first, second] = await Promise.all([fetchNext(2), fetchNext(2)]);
    expect([...ids(first), ...ids(second)]).toEqual(["2", "3", "4", "5"]);
  });

  it("filters hold while and after writes are hidden by an indexing delay, and a delete by filter does not show them", async () => {
    const { emulator, index } = await started();
    await index.upsert([
      { id: "a", data: "apple", metadata: { r: "x" } },
      { id: "b", data: "apple", metadata: { r: "y" } },
    ]);
    await index.query({ data: "apple", topK: 5 });
    emulator.setFaults({ indexingDelayMs: 60_000 });
    await index.upsert([
      { id: "a", data: "apple", metadata: { r: "x" } },
      { id: "c", data: "apple", metadata: { r: "x" } },
    ]);
    expect(ids(await index.query({ data: "apple", topK: 5, filter: "r = 'y'" }))).toEqual(["b"]);
    expect(await index.delete({ filter: "r = 'none'" })).toEqual({ deleted: 0 });
    expect(ids(await index.query({ data: "apple", topK: 5 }))).toEqual(["b"]);
    expect(await index.delete({ filter: "r = 'y'" })).toEqual({ deleted: 1 });
    emulator.setFaults({ indexingDelayMs: 0 });
    expect(ids(await index.query({ data: "apple", topK: 5, filter: "r = 'x'" })).sort()).toEqual(["a", "c"]);
  });
});

it("an index below the path of another one answers itself", async () => {
  const { emulator } = await started({
    indexes: [
      { path: "/a", token: "outer" },
      { path: "/a/b", token: "inner" },
    ],
  });
  const inner = emulator.indexes.get("/a/b") as Emulator;
  expect((await post(inner, "info", "")).status).toBe(200);
});
