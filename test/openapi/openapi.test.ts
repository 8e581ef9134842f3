import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, it, onTestFinished } from "vitest";
import { openService } from "../../src/composition/service.ts";
import { readSettings } from "../../src/config/settings.ts";
import { startEmulator } from "../../src/embedded/index.ts";
import { listen } from "../../src/server/listen.ts";
import { testService } from "../helpers/service.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

const modules = fileURLToPath(new URL("../../node_modules", import.meta.url));
const typescriptApi = new URL("typescript-api.mjs", import.meta.url).href;

/** A service with all parts: votes, alerts, and a cutover. */
async function wholeService() {
  const emulator = await startEmulator();
  const settings = readSettings({
    RAGFOOD_DIR: temporaryDirectory(),
    STORE: "embedded",
    CUTOVER_TO: "upstash",
    UPSTASH_VECTOR_REST_URL: emulator.url,
    UPSTASH_VECTOR_REST_TOKEN: emulator.token,
    GENERATOR: "extractive",
  });
  const output = { write: () => {}, isTerminal: false };
  const options = { version: "1.2.3", host: "127.0.0.1", environment: {}, output };
  const service = await openService(settings, options);
  onTestFinished(async () => {
    await service.close();
    await emulator.close();
  });
  return service;
}

it("is a valid OpenAPI document of all parts, whose operations have names, summaries and answers", async () => {
  const { app } = await wholeService();
  const document = (await (await app.request("http://127.0.0.1/openapi.json")).json()) as {
    paths: Record<
      string,
      Record<string, { summary?: string; operationId?: string; requestBody?: object; responses: object }>
    >;
  };
  const { valid, errors } = await new Validator().validate(document);
  expect(errors ?? []).toEqual([]);
  expect(valid).toBe(true);
  const paths = Object.keys(document.paths);
  for (const path of ["/api/feedback", "/api/status", "/api/alerts", "/api/cutover", "/api/incidents"])
    expect(paths).toContain(path);
  const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
  for (const { summary, responses, requestBody } of operations) {
    expect(summary).toBeTruthy();
    expect("421" in responses).toBe(true);
    expect("415" in responses).toBe(requestBody !== undefined);
  }
  const names = operations.map(({ operationId }) => operationId);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain("getApiFoodsId");
});

const program = `
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

export async function ask(baseUrl: string, question: string): Promise<components["schemas"]["Answer"]> {
  const client = createClient<paths>({ baseUrl });
  const { data, error } = await client.POST("/api/ask", { body: { question, topK: 2 } });
  if (error !== undefined) throw new Error(error.detail);
  // A text comes only to a request for server-sent events.
  if (typeof data === "string") throw new TypeError("a stream");
  return data;
}

export async function complete(baseUrl: string, content: string): Promise<string> {
  const client = createClient<paths>({ baseUrl });
  const messages = [{ role: "user" as const, content }];
  const { data, error } = await client.POST("/v1/chat/completions", { body: { model: "ragfood", messages } });
  if (error !== undefined) throw new Error(error.error.message);
  if (typeof data === "string") throw new TypeError("a stream");
  return data.choices[0]?.message.content ?? "";
}

export async function refused(baseUrl: string): Promise<string | undefined> {
  // @ts-expect-error the question is missing
  const { error } = await createClient<paths>({ baseUrl }).POST("/api/ask", { body: {} });
  return error?.code;
}
`;

it("gives a typed client by openapi-typescript and openapi-fetch that compiles strictly and asks", async () => {
  const { app } = await testService();
  const directory = temporaryDirectory();
  symlinkSync(modules, join(directory, "node_modules"));
  writeFileSync(join(directory, "package.json"), '{ "type": "module" }');
  writeFileSync(join(directory, "openapi.json"), await (await app.request("/openapi.json")).text());
  mkdirSync(join(directory, "source"));
  writeFileSync(join(directory, "source", "client.ts"), program);
  const run = (...words: string[]) => {
    const { status, stdout } = spawnSync(process.execPath, words, { cwd: directory, encoding: "utf8" });
    expect(status, stdout).toBe(0);
  };
  const generator = join(modules, "openapi-typescript/bin/cli.js");
  run("--import", typescriptApi, generator, "openapi.json", "-o", "source/api.d.ts");
  const strict = ["--strict", "--exactOptionalPropertyTypes", "--noUncheckedIndexedAccess"];
  const target = ["--module", "nodenext", "--target", "es2022", "--outDir", "built"];
  run(join(modules, "typescript/bin/tsc"), ...strict, ...target, "source/client.ts");
  const server = await listen(app, { host: "127.0.0.1", port: 0 });
  onTestFinished(() => server.close(0));
  const { ask, complete, refused } = await import(pathToFileURL(join(directory, "built/client.js")).href);
  expect(await ask(server.url, "What is pho?")).toMatchObject({ sources: [{ id: "pho" }] });
  expect(await complete(server.url, "What is pho?")).toContain("[1]");
  expect(await refused(server.url)).toBe("validation");
});
