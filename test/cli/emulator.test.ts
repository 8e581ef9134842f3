import { spawn } from "node:child_process";
import { Index } from "@upstash/vector";
import { expect, it } from "vitest";
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

it("R9: a dense index that cannot have its memory says so when it is opened, and what helps does", async () => {
  const start = (environment: string) =>
    new Promise<{ code: number | null; error: string; out: string }>((resolve) => {
      const command = `ulimit -v 4194304; exec ${environment} "$0" "$1" emulator --port 0 --memory --type DENSE --dimension 4`;
      const child = spawn("sh", ["-c", command, process.execPath, main], { cwd: temporaryDirectory() });
      let [out, error] = ["", ""];
      child.stdout.on("data", (chunk: Buffer) => {
        out += chunk.toString();
        if (out.includes("Ready")) child.kill("SIGTERM");
      });
      child.stderr.on("data", (chunk: Buffer) => {
        error += chunk.toString();
      });
      child.on("close", (code) => resolve({ code, out, error }));
    });
  const refused = await start("env");
  expect(refused.code).toBe(1);
  expect(refused.error).toContain("cannot have a WebAssembly memory");
  expect(refused.error).toContain("NODE_OPTIONS=--disable-wasm-trap-handler");
  const served = await start("env NODE_OPTIONS=--disable-wasm-trap-handler");
  expect(served.out).toContain("Ready");
});

it("A1: an error that nothing caught is logged, and the emulator goes on serving", async () => {
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
