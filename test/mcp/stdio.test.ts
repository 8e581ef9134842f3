import { spawn } from "node:child_process";
import { PassThrough } from "node:stream";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { expect, it } from "vitest";
import { serveStdio } from "../../src/mcp/stdio.ts";
import { foodEngine } from "../helpers/food-engine.ts";
import { project } from "../helpers/project.ts";
import { main } from "../helpers/run-cli.ts";

it("serves the SDK's own client over stdio, and ends with it (UX-4)", async () => {
  const { directory } = project("GENERATOR=extractive\n");
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [main, "mcp"],
    cwd: directory,
    env: { PATH: process.env.PATH ?? "", OLLAMA_HOST: "127.0.0.1:9" },
    stderr: "pipe",
  });
  const client = new Client({ name: "test", version: "1" });
  await client.connect(transport);
  expect(client.getServerVersion()).toMatchObject({ name: "ragfood" });
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(["ask", "search", "get_food", "list_facets"]);
  const answer = await client.callTool({ name: "ask", arguments: { question: "What is pho?" } });
  expect(answer.structuredContent).toMatchObject({
    answer: expect.stringContaining("[1]"),
    sources: [{ id: "pho" }],
  });
  const { pid } = transport;
  await client.close();
  expect(() => process.kill(pid as number, 0)).toThrow("ESRCH");
});

it("answers what it has read when its input ends, prints only protocol, and exits with 0", async () => {
  const { directory } = project("GENERATOR=extractive\n");
  const child = spawn(process.execPath, [main, "mcp"], {
    cwd: directory,
    env: { PATH: process.env.PATH ?? "", OLLAMA_HOST: "127.0.0.1:9" },
  });
  const out: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  const initialize = {
    protocolVersion: "2025-06-18",
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  };
  const messages = [
    { id: 1, method: "initialize", params: initialize },
    { method: "notifications/initialized" },
    { id: 2, method: "tools/call", params: { name: "get_food", arguments: { food: "pho" } } },
  ];
  child.stdin.end(messages.map((message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`).join(""));
  const code = await new Promise((resolve) => child.on("close", resolve));
  const answers = Buffer.concat(out).toString().trimEnd().split("\n");
  expect(answers.map((line) => JSON.parse(line).id)).toEqual([1, 2]);
  expect(code).toBe(0);
});

it("answers a line that it cannot read with an error, and reads on", async () => {
  const input = new PassThrough();
  const output = new PassThrough();
  const lines = [
    '{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}',
    "not JSON",
    '{"jsonrpc":"2.0","id":1,"method":"ping"}',
  ];
  input.end(`${lines.join("\n")}\n`);
  await serveStdio({
    ...(await foodEngine()),
    namespace: "",
    version: "1.2.3",
    signal: new AbortController().signal,
    input: input as unknown as NodeJS.ReadStream,
    output: output as unknown as NodeJS.WriteStream,
  });
  output.end();
  const answers = (await output.toArray()).join("").trimEnd().split("\n");
  expect(answers.map((line) => JSON.parse(line))).toEqual([
    { jsonrpc: "2.0", id: null, error: { code: -32_600, message: expect.stringContaining("2^53 - 1") } },
    { jsonrpc: "2.0", id: null, error: { code: -32_700, message: expect.stringContaining("not JSON") } },
    { jsonrpc: "2.0", id: 1, result: {} },
  ]);
});
