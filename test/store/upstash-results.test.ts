import { describe, expect, it } from "vitest";
import { ServiceFaultError } from "../../src/foundation/errors.ts";
import { UpstashStore } from "../../src/store/upstash.ts";

/** A store whose service gives this as the result of every command. */
const storeGiving = (result: unknown) =>
  new UpstashStore({ name: "upstash", requester: { request: async () => ({ result: result as never }) } });

const vector = { vector: [1, 2], topK: 1 };

describe("results of a shape that the protocol does not have", () => {
  it.each<[string, unknown, (store: UpstashStore) => Promise<unknown>]>([
    ["query", null, (store) => store.query(vector)],
    ["query", [{ id: "1" }], (store) => store.query(vector)],
    ["query", [{ id: null, score: 1 }], (store) => store.query(vector)],
    ["fetch", {}, (store) => store.fetch(["1"])],
    ["fetch", [{ id: "1", metadata: "x" }], (store) => store.fetch(["1"])],
    ["range", null, (store) => store.range().next()],
    ["range", { vectors: [] }, (store) => store.range().next()],
    ["delete", "Success", (store) => store.delete({ ids: ["1"] })],
    ["update", 1, (store) => store.update({ id: "1", text: "x" })],
    ["list-namespaces", [1], (store) => store.listNamespaces()],
    ["info", {}, (store) => store.info()],
    ["info", { vectorCount: 1, namespaces: { "": null } }, (store) => store.info()],
  ])("%s: %j is a fault of the service", async (endpoint, result, call) => {
    const failing = call(storeGiving(result));
    await expect(failing).rejects.toBeInstanceOf(ServiceFaultError);
    await expect(failing).rejects.toThrow(`/${endpoint}`);
  });

  it("is a page that leads to itself: a range would never end", async () => {
    const pages = storeGiving({ nextCursor: "7", vectors: [{ id: "1" }] }).range();
    await expect(pages.next()).resolves.toMatchObject({ value: [{ id: "1" }] });
    await pages.next();
    await expect(pages.next()).rejects.toThrow(/same page again/);
  });

  it("returns null for missing parts of a record", async () => {
    const record = { id: 1, data: null, metadata: null, vector: null };
    await expect(storeGiving([record, null]).fetch(["1", "2"])).resolves.toMatchObject([
      { id: "1" },
      undefined,
    ]);
  });
});
