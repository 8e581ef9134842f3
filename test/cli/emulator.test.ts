import { spawn } from "node:child_process";
import { join } from "node:path";
import { Index } from "@upstash/vector";
import { expect, it, onTestFinished } from "vitest";
import { defaultSettings, VectorIndex } from "../../src/embedded/index.ts";
import { main, startCli } from "../helpers/run-cli.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

it("the emulator logs each request as JSON with --log json, and no token", async () => {
  const words = [
    "emulator",
    "--port",
    "0",
    "--memory",
    "--token",
    "full-secret-token",
    "--json",
    "--log",
    "json",
  ];
  const server = startCli(words, { directory: temporaryDirectory() });
  const { url, token } = JSON.parse(await server.printed("}")) as { url: string; token: string };
  const index = new Index({ url, token, enableTelemetry: false });
  await index.namespace("recipes").upsert({ id: "1", data: "vindaloo" });
  await fetch(`${url}/info/${token}?token=${token}`);
  server.kill("SIGTERM");
  const { code, error } = await server.finished;
  expect(code).toBe(0);
  const [written, refused] = error
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(written).toMatchObject({ method: "POST", path: "/upsert-data/recipes", status: 200, index: "/" });
  expect(written.milliseconds).toBeGreaterThan(0);
  expect(refused).toMatchObject({ method: "GET", path: "/info/[token]", status: 401 });
  expect(error).not.toContain(token);
});

it("without flags the emulator serves the index that the directory holds, as a migration left it", async () => {
  const directory = temporaryDirectory();
  const kept = { type: "DENSE", dimension: 3, similarityFunction: "DOT_PRODUCT" } as const;
  const settings = { ...defaultSettings, ...kept, sparseEmbeddingModel: "" };
  VectorIndex.open({ path: join(directory, "index.sqlite"), settings }).close();
  const server = startCli(["emulator", "--port", "0", "--data", directory, "--json"], { directory });
  const { url, token } = JSON.parse(await server.printed("}")) as { url: string; token: string };
  const { dimension, similarityFunction } = await new Index({ url, token, enableTelemetry: false }).info();
  server.kill("SIGTERM");
  expect({ dimension, similarityFunction }).toEqual({ dimension: 3, similarityFunction: "DOT_PRODUCT" });
  expect((await server.finished).code).toBe(0);
});

it("under a limit on addresses a dense index says what helps, and serves where it can have its memory", async () => {
  /** Serves until a query has been answered; ends earlier if it is refused. */
  const answer = (environment: string) =>
    new Promise<{ code: number | null; error: string; found: unknown }>((resolve) => {
      const command = `ulimit -v 4194304; exec ${environment} "$0" "$1" emulator --port 0 --memory --type DENSE --dimension 4 --json`;
      const child = spawn("sh", ["-c", command, process.execPath, main], { cwd: temporaryDirectory() });
      onTestFinished(() => void child.kill("SIGKILL"));
      let [out, error, found] = ["", "", undefined as unknown];
      child.stdout.on("data", async (chunk: Buffer) => {
        out += chunk.toString();
        if (!out.startsWith('{"url"') || !out.endsWith("}\n")) return;
        try {
          const index = new Index({
            ...(JSON.parse(out) as { url: string; token: string }),
            enableTelemetry: false,
          });
          await index.upsert({ id: "a", vector: [1, 2, 3, 4] });
          found = await index.query({ vector: [1, 2, 3, 4], topK: 1 });
        } finally {
          child.kill("SIGTERM");
        }
      });
      child.stderr.on("data", (chunk: Buffer) => {
        error += chunk.toString();
      });
      child.on("close", (code) => resolve({ code, error: out + error, found }));
    });
  const plain = await answer("env");
  const flagged = await answer("env NODE_OPTIONS=--disable-wasm-trap-handler");
  expect(flagged.found).toMatchObject([{ id: "a" }]);
  // Node.js 24 falls back to a memory without reserved addresses; earlier versions refuse it.
  if (plain.code === 0) {
    expect(plain.found).toMatchObject([{ id: "a" }]);
    return;
  }
  expect(plain.code).toBe(1);
  expect(plain.error).toContain("cannot have a WebAssembly memory");
  expect(plain.error).toContain("NODE_OPTIONS=--disable-wasm-trap-handler");
});

it("an error that nothing caught is logged, and the emulator goes on serving", async () => {
  const fault = encodeURIComponent('process.on("SIGUSR2", () => Promise.reject(new Error("stray fault")));');
  const server = startCli(["emulator", "--port", "0", "--memory", "--json", "--log", "off"], {
    directory: temporaryDirectory(),
    environment: { NODE_OPTIONS: `--import=data:text/javascript,${fault}` },
  });
  const { url, token } = JSON.parse(await server.printed("}")) as { url: string; token: string };
  server.kill("SIGUSR2");
  await server.printed("Still serving after an error: Error: stray fault");
  const index = new Index({ url, token, enableTelemetry: false });
  expect(await index.listNamespaces()).toEqual([""]);
  server.kill("SIGTERM");
  expect((await server.finished).code).toBe(0);
});
