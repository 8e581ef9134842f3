import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Generator } from "../../src/rag/generator.ts";
import { listen } from "../../src/server/listen.ts";
import type { RequestEntry } from "../../src/server/parts.ts";
import { localAccess } from "../helpers/access.ts";
import { testKeys } from "../helpers/keys.ts";
import { type TestServiceOptions, testService } from "../helpers/service.ts";

async function connect(options: TestServiceOptions = {}, path = "/mcp"): Promise<Client> {
  const { app } = await testService(options);
  const server = await listen(app, { host: "127.0.0.1", port: 0 });
  onTestFinished(() => server.close(0));
  const client = new Client({ name: "test", version: "1" });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${server.url}${path}`)));
  onTestFinished(() => client.close());
  return client;
}

describe("the MCP server over HTTP with the SDK's client (UX-4)", () => {
  it("lists the tools and answers calls, several at once", async () => {
    const client = await connect();
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["ask", "search", "get_food", "list_facets"]);
    const calls = ["brie", "pho", "idli"].map((food) =>
      client.callTool({ name: "get_food", arguments: { food } }),
    );
    const found = (await Promise.all(calls)).map(({ structuredContent }) => structuredContent);
    expect(found).toMatchObject([
      { foods: [{ id: "brie" }] },
      { foods: [{ id: "pho" }] },
      { foods: [{ id: "idli" }] },
    ]);
  });

  it("reads the namespace of the address", async () => {
    const client = await connect({}, "/mcp?namespace=menu");
    const { structuredContent } = await client.callTool({ name: "list_facets", arguments: {} });
    expect(structuredContent).toMatchObject({ recordCount: 0 });
  });

  it("takes the keys of the API, each within its namespaces", async () => {
    const { issue, verifier } = await testKeys();
    const access = { ...localAccess, host: "0.0.0.0", keys: verifier };
    const { app } = await testService({ parts: { access } });
    const server = await listen(app, { host: "127.0.0.1", port: 0 });
    onTestFinished(() => server.close(0));
    const open = async (headers: Record<string, string>, path = "/mcp") => {
      const client = new Client({ name: "test", version: "1" });
      const transport = new StreamableHTTPClientTransport(new URL(`${server.url}${path}`), {
        requestInit: { headers },
      });
      await client.connect(transport);
      return client;
    };
    await expect(open({})).rejects.toThrow();
    const { headers } = await issue({ namespaces: ["tenant-a"] });
    const client = await open(headers);
    const { structuredContent } = await client.callTool({ name: "list_facets", arguments: {} });
    expect(structuredContent).toMatchObject({ recordCount: 0 });
    await client.close();
    await expect(open(headers, "/mcp?namespace=tenant-b")).rejects.toThrow("tenant-b");
  });

  it("stops the model when the client cancels", async () => {
    let start = () => {};
    let stop = () => {};
    const started = new Promise<void>((resolve) => {
      start = resolve;
    });
    const stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    const slow: Generator = {
      name: "slow",
      async *generate({ signal }) {
        start();
        yield "Pho";
        await new Promise((resolve) => signal?.addEventListener("abort", resolve));
        stop();
      },
    };
    const client = await connect({ generators: [slow] });
    const cancel = new AbortController();
    const answer = client.callTool({ name: "ask", arguments: { question: "What is pho?" } }, undefined, {
      signal: cancel.signal,
    });
    answer.catch(() => {});
    await started;
    cancel.abort();
    await stopped;
    await expect(answer).rejects.toThrow();
    // The connection goes on.
    expect((await client.listTools()).tools).toHaveLength(4);
  });

  it("reports a fault of the program to the log, and not to the model", async () => {
    const entries: RequestEntry[] = [];
    const engine = {
      find: () => {
        throw new TypeError("secret insides");
      },
    };
    const onRequest = (entry: RequestEntry) => entries.push(entry);
    const client = await connect({ parts: { engine: engine as never, onRequest } });
    const result = await client.callTool({ name: "search", arguments: { text: "pho" } });
    expect(result.isError).toBe(true);
    expect(JSON.stringify(result)).not.toContain("secret insides");
    expect(entries).toContainEqual(
      expect.objectContaining({ code: "internal", error: expect.any(TypeError) }),
    );
  });

  it("takes only POST, and only JSON", async () => {
    const { app, post } = await testService();
    const stream = await app.request("/mcp", { headers: { Accept: "text/event-stream" } });
    expect([stream.status, stream.headers.get("allow")]).toEqual([405, "POST"]);
    const headers = { Accept: "application/json, text/event-stream", "Content-Type": "application/json" };
    expect((await app.request("/mcp", { method: "POST", headers, body: "{" })).status).toBe(400);
    for (const body of [null, 5, {}, [null], []]) {
      expect((await post("/mcp", body, headers)).status).toBe(400);
    }
    expect((await post("/mcp", { jsonrpc: "2.0", id: 1, method: "ping" })).status).toBe(406);
  });
});
