import { Index } from "@upstash/vector";
import { describe, expect, it, onTestFinished } from "vitest";
import type { OpenIndex } from "../../src/embedded/data-session.ts";
import { startEmulator } from "../../src/embedded/index.ts";
import { createServer } from "../../src/server/app.ts";
import { localAccess } from "../helpers/access.ts";
import { sampleFoods } from "../helpers/foods.ts";
import { testKeys } from "../helpers/keys.ts";
import { type TestService, testService } from "../helpers/service.ts";

async function call(
  { app }: TestService,
  path: string,
  body: unknown = {},
  headers: Record<string, string> = {},
): Promise<{ status: number; result: unknown }> {
  const response = await app.request(`/api/index/${path}`, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", ...headers },
  });
  const answer = (await response.json()) as { result?: unknown };
  return { status: response.status, result: answer.result ?? answer };
}

/** The official client over the app: what the service answers is what clients of Upstash read. */
function clientOf({ app }: TestService): Index {
  return new Index({
    async request({ path = [], body }: { path?: string[]; body?: unknown }) {
      const response = await app.request(`/api/index/${path.join("/")}`, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { "Content-Type": "application/json" },
      });
      return (await response.json()) as never;
    },
  });
}

describe("/api/index: the store of the service for readers of Upstash's API", () => {
  it("answers the official client's info, range, fetch and query", async () => {
    const index = clientOf(await testService());
    expect(await index.info()).toMatchObject({
      vectorCount: sampleFoods.length,
      indexType: "SPARSE",
      namespaces: { "": { vectorCount: sampleFoods.length } },
    });
    const first = await index.range({ cursor: "0", limit: 3, includeMetadata: true });
    const rest = await index.range({ cursor: first.nextCursor, limit: 3 });
    expect([...first.vectors, ...rest.vectors].map(({ id }) => id)).toEqual(sampleFoods.map(({ id }) => id));
    expect(rest.nextCursor).toBe("");
    expect(first.vectors[0]?.metadata).toMatchObject({ region: "India" });
    expect(rest.vectors[0]).not.toHaveProperty("metadata");
    const [found, missing] = await index.fetch(["pho", "x"], { includeData: true, includeVectors: true });
    expect(found?.data).toContain("noodle soup");
    expect(found?.sparseVector?.indices.length).toBeGreaterThan(3);
    expect(missing).toBeNull();
    const matches = await index.query({ data: "soup", topK: 5, filter: "region = 'Spain'" });
    expect(matches.map(({ id }) => id)).toEqual(["gazpacho"]);
    expect(matches[0]?.score).toBeGreaterThan(0);
  });

  it("reads as many records in one answer as its caller asks for", async () => {
    const service = await testService();
    const many = Array.from({ length: 300 }, (_, place) => ({
      id: `dish-${place}`,
      text: "rice",
      metadata: {},
    }));
    await service.application.store.upsert(many, { namespace: "many" });
    const read = async (cursor: string, limit: number) =>
      (await call(service, "range/many", { cursor, limit })).result as {
        nextCursor: string;
        vectors: object[];
      };
    const first = await read("0", 250);
    expect(first.vectors).toHaveLength(250);
    const rest = await read(first.nextCursor, 250);
    expect(rest).toMatchObject({ nextCursor: "" });
    expect([...first.vectors, ...rest.vectors]).toEqual(many.map(({ id }) => ({ id })));
  });

  it("writes nothing, whatever the key allows", async () => {
    const service = await testService();
    for (const command of [
      "upsert",
      "update",
      "delete",
      "reset",
      "emulator-faults",
      "__proto__",
      "toString",
    ]) {
      expect((await call(service, command)).status, command).toBe(403);
    }
  });

  it("is described by OpenAPI, command by command", async () => {
    const { app } = await testService();
    const { paths } = (await (await app.request("/openapi.json")).json()) as {
      paths: Record<string, Record<string, unknown>>;
    };
    const described = Object.keys(paths).filter((path) => /^.(api.index|data)/.test(path));
    expect(described.sort()).toEqual([
      "/api/index/fetch",
      "/api/index/fetch/{namespace}",
      "/api/index/info",
      "/api/index/query",
      "/api/index/query-data",
      "/api/index/query-data/{namespace}",
      "/api/index/query/{namespace}",
      "/api/index/range",
      "/api/index/range/{namespace}",
      "/data/session",
    ]);
    expect(paths["/api/index/query-data"]).toMatchObject({
      post: {
        requestBody: {
          content: { "application/json": { schema: { properties: { data: { type: "string" } } } } },
        },
      },
    });
  });

  it("names what is wrong with a request", async () => {
    const service = await testService();
    expect((await call(service, "range", { limit: 0 })).status).toBe(422);
    expect((await call(service, "query-data", { topK: 3 })).status).toBe(422);
    const { status, result } = await call(service, "query-data", { data: "x", filter: "region ==" });
    expect(status).toBe(422);
    expect(JSON.stringify(result)).toContain("At line 1:8");
  });

  it.each([
    ["application/json", "{", 400],
    ["text/plain", "{}", 415],
    ["application/json", '{"limit":1,"limit":2}', 422],
    ["application/json", "", 422],
  ])("takes only JSON, like the other routes: %s %s is answered with %i", async (type, body, status) => {
    const { app } = await testService();
    const headers = { "Content-Type": type };
    const response = await app.request("/api/index/range", { method: "POST", headers, body });
    expect(response.status).toBe(status);
  });

  it("shows a key the namespaces that it is bound to, and no other", async () => {
    const keys = await testKeys();
    const service = await testService({
      parts: { access: { ...localAccess, openTo: "nobody", keys: keys.verifier } },
    });
    await service.application.store.upsert([{ id: "a", text: "rice", metadata: {} }], { namespace: "mine" });
    const { headers } = await keys.issue({ namespaces: ["mine"] });
    const { result } = await call(service, "info", {}, headers);
    expect(result).toMatchObject({ vectorCount: 1, namespaces: { mine: { vectorCount: 1 } } });
    expect(Object.keys((result as { namespaces: object }).namespaces)).toEqual(["mine"]);
    expect((await call(service, "range/mine", {}, headers)).status).toBe(200);
    expect((await call(service, "range", {}, headers)).status).toBe(403);
    expect((await call(service, "range/other", {}, headers)).status).toBe(403);
  });

  it("needs a key with the scope read where a key is needed", async () => {
    const keys = await testKeys();
    const service = await testService({
      parts: { access: { ...localAccess, openTo: "nobody", keys: keys.verifier } },
    });
    const session = async (headers = {}) => (await service.app.request("/data/session", { headers })).status;
    const operate = await keys.issue({ scopes: ["operate"] });
    const read = await keys.issue();
    expect((await call(service, "range")).status).toBe(401);
    expect((await call(service, "range", {}, operate.headers)).status).toBe(403);
    expect((await call(service, "range", {}, read.headers)).status).toBe(200);
    expect([await session(), await session(operate.headers), await session(read.headers)]).toEqual([
      401, 403, 200,
    ]);
  });

  it("shows each store of a cutover alone, beside the one that answers", async () => {
    const target = await startEmulator({ log: () => {} });
    onTestFinished(() => target.close());
    const environment = {
      STORE: "embedded",
      CUTOVER_TO: "upstash",
      UPSTASH_VECTOR_REST_URL: target.url,
      UPSTASH_VECTOR_REST_TOKEN: target.token,
    };
    const service = await testService({ environment });
    const { sides } = service.application;
    const app = createServer({ ...service.parts, sides });
    await sides[1]?.store.upsert([{ id: "only-new", text: "rice", metadata: {} }]);
    const idsOf = async (path: string) => {
      const { result } = await call({ ...service, app }, path);
      return (result as { vectors: { id: string }[] }).vectors.map(({ id }) => id);
    };
    const { indexes } = (await (await app.request("/data/session")).json()) as { indexes: OpenIndex[] };
    expect(indexes.map(({ name, role }) => `${name} (${role})`)).toEqual([
      "embedded (answers questions)",
      "source (embedded: the old store)",
      "target (upstash: the new store)",
    ]);
    expect(await idsOf("../stores/target/range")).toEqual(["only-new"]);
    expect(await idsOf("../stores/source/range")).toEqual(sampleFoods.map(({ id }) => id));
    expect((await call({ ...service, app }, "../stores/target/upsert")).status).toBe(403);
    expect((await call({ ...service, app }, "../stores/primary/range")).status).toBe(404);
  });

  it("is open to programs on this machine as the rest of the service is", async () => {
    const { app } = await testService();
    expect(await (await app.request("/data/session")).json()).toEqual({
      host: "service",
      indexes: [{ name: "embedded", base: "/api/index", access: "read" }],
    });
  });
});
