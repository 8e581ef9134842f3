import { describe, expect, it, onTestFinished, vi } from "vitest";
import {
  type ApplicationObservers,
  createApplication,
  doctorOptions,
} from "../../src/composition/application.ts";
import { createMeasuring } from "../../src/composition/watch.ts";
import { readSettings } from "../../src/config/settings.ts";
import { startServer } from "../helpers/http-server.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

function cloudSettings(url: string, environment: Record<string, string> = {}) {
  return readSettings({
    RAGFOOD_DIR: temporaryDirectory(),
    UPSTASH_VECTOR_REST_URL: url,
    UPSTASH_VECTOR_REST_TOKEN: "Bearer full",
    UPSTASH_VECTOR_REST_READONLY_TOKEN: "reading",
    ...environment,
  });
}

/** Refuses the first request of each command; knows which token came with what. */
async function flakyServer() {
  const tokens: Record<string, string[]> = {};
  const { url } = await startServer(({ url: path, headers }, response) => {
    tokens[path] ??= [];
    const known = tokens[path];
    known.push(String(headers.authorization));
    response.writeHead(known.length === 1 ? 503 : 200, { "retry-after-ms": "1" });
    response.end(
      path === "/list-namespaces"
        ? '{"result":[""]}'
        : '{"result":{"deleted":1,"vectorCount":0,"namespaces":{}}}',
    );
  });
  return { url, tokens };
}

describe("the cloud store of an application (REL-2, SEC-2)", () => {
  it("retries, reads with the read-only token, writes with the full token, and reports its operations", async () => {
    const { url, tokens } = await flakyServer();
    const types: string[] = [];
    const observers: ApplicationObservers = { onTransportEvent: ({ type }) => types.push(type) };
    const { store, close } = createApplication(cloudSettings(url), observers);
    expect(await store.listNamespaces()).toEqual([""]);
    expect(await store.delete({ ids: ["1"] })).toBe(1);
    await close();
    expect(tokens).toEqual({
      "/list-namespaces": ["Bearer reading", "Bearer reading"],
      "/delete": ["Bearer full", "Bearer full"],
    });
    expect(types.filter((type) => type === "retry-scheduled").length).toBe(2);
  });

  it("takes the limits from the settings", async () => {
    const { url, tokens } = await flakyServer();
    const { store } = createApplication(cloudSettings(url, { REQUEST_RETRIES: "0" }));
    await expect(store.listNamespaces()).rejects.toMatchObject({ code: "service", status: 503 });
    expect(tokens["/list-namespaces"]?.length).toBe(1);
    const { store: limited } = createApplication(
      cloudSettings(url, { RATE_LIMIT: "1/1h", REQUEST_DEADLINE_MS: "60000" }),
    );
    await limited.listNamespaces();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const late = expect(limited.listNamespaces()).rejects.toMatchObject({ code: "timeout" });
    await vi.advanceTimersByTimeAsync(60_000);
    await late;
  });

  it("reports how each question ended: with the answer of the second store, or with the refused token", async () => {
    let status = 503;
    const { url } = await startServer((_request, response) => {
      response.writeHead(status, { "retry-after-ms": "1" });
      response.end('{"error":"refused"}');
    });
    const settings = cloudSettings(url, { FALLBACK: "embedded", REQUEST_RETRIES: "0" });
    const { stores, observers } = createMeasuring(settings, "0.0.0");
    const { store, secondary, close } = createApplication(settings, observers);
    await secondary?.upsert([{ id: "1", text: "rice", metadata: {} }]);
    const ask = () => store.query({ text: "rice", topK: 1 });
    expect(await ask()).toHaveLength(1);
    expect(stores.reading).toBe("embedded");
    status = 401;
    await expect(ask()).rejects.toMatchObject({ code: "authentication" });
    expect(stores.reading).toBeUndefined();
    expect(stores.isUnanswered).toBe(true);
    await close();
  });

  it("lets the doctor look by each token apart", async () => {
    const { url, tokens } = await flakyServer();
    const options = doctorOptions(cloudSettings(url));
    await options.openStore().info();
    await options.openReadOnlyStore?.().delete({ ids: ["1"] });
    expect(tokens).toEqual({
      "/info": ["Bearer full", "Bearer full"],
      "/delete": ["Bearer reading", "Bearer reading"],
    });
  });
});
