import { Index } from "@upstash/vector";
import { expect, it } from "vitest";
import { startCli } from "../helpers/run-cli.ts";
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
