import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Index } from "@upstash/vector";
import { describe, expect, it, onTestFinished } from "vitest";
import { describeUnless, unless } from "../helpers/obstacles.ts";
import { project } from "../helpers/project.ts";
import { main, runCli, startCli } from "../helpers/run-cli.ts";
import { runHere } from "../helpers/run-here.ts";

/** Root may write anywhere: for root the command runs as another user, if that one can run it. */
const reader = process.getuid?.() === 0 ? { uid: 65_534 } : {};
const obstacle = unless(
  spawnSync(process.execPath, [main, "--version"], reader).status === 0,
  "another user cannot run the program here",
);

describeUnless(obstacle, "a directory that may only be read", () => {
  /** A filled project; its index cannot be written. */
  async function readOnlyProject() {
    const { directory, dataFile } = project();
    await runHere(["search", "curry"], { directory });
    // Its owner lets others read it: what is stored is the owner's alone at first.
    execFileSync("chmod", ["-R", "a+rX", directory]);
    chmodSync(join(directory, ".ragfood"), 0o555);
    onTestFinished(() => chmodSync(join(directory, ".ragfood"), 0o755));
    return { dataFile, run: (...words: string[]) => runCli(words, { directory, ...reader }) };
  }

  it("is asked and described", async () => {
    const { run } = await readOnlyProject();
    const asked = await run("ask", "Which curry is fiery?");
    expect(asked).toMatchObject({ code: 0, out: expect.stringContaining("Vindaloo is a fiery curry") });
    expect(JSON.parse((await run("info", "--json")).out)).toMatchObject({ recordCount: 5 });
  });

  it("answers from what it holds if its data file has changed, and says so", async () => {
    const { dataFile, run } = await readOnlyProject();
    writeFileSync(dataFile, JSON.stringify([{ id: "new", text: "Durian is a smelly fruit." }]));
    const stale = await run("search", "fiery curry");
    expect(stale).toMatchObject({ code: 0, out: expect.stringContaining("Vindaloo") });
    expect(stale.error).toContain("is not brought up to date with");
  });

  it("cannot be written by an ingest", async () => {
    const { dataFile, run } = await readOnlyProject();
    writeFileSync(dataFile, JSON.stringify([{ id: "new", text: "Durian is a smelly fruit." }]));
    expect((await run("ingest")).code).toBe(1);
  });
});

describe("two processes on one .ragfood", () => {
  it("both work, and each sees what the other wrote", async () => {
    const { directory, dataFile } = project();
    const server = startCli(["emulator", "--port", "0", "--json"], { directory });
    const { url, token } = JSON.parse(await server.printed("}")) as { url: string; token: string };
    const index = new Index({ url, token, enableTelemetry: false });
    expect((await runCli(["ingest", dataFile], { directory })).code).toBe(0);
    expect((await index.query({ data: "fiery curry", topK: 1 }))[0]?.id).toBe("vindaloo");
    await index.upsert({ id: "new", data: "Durian is a smelly fruit." });
    expect((await runHere(["search", "smelly fruit"], { directory })).out).toContain("Durian");
    server.kill("SIGINT");
    expect((await server.finished).code).toBe(0);
  });
});

describe("the emulator", () => {
  it("prints what a client needs, serves it like the cloud, and stops on SIGTERM", async () => {
    const { directory, dataFile } = project();
    const server = startCli(
      ["emulator", "--port", "0", "--data", "served", "--token", "full", "--read-only-token", "read"],
      { directory },
    );
    const out = await server.printed("Ready");
    const url = /UPSTASH_VECTOR_REST_URL=(\S+)/.exec(out)?.[1] ?? "";
    const environment = { UPSTASH_VECTOR_REST_URL: url, UPSTASH_VECTOR_REST_TOKEN: "Bearer full" };
    const ingested = await runHere(["ingest", dataFile], { directory, environment });
    expect(ingested.out).toContain("of the upstash index");
    server.kill("SIGTERM");
    expect((await server.finished).code).toBe(0);
  });

  it("refuses other settings than those of an existing index", async () => {
    const { directory } = project();
    await runHere(["ingest"], { directory });
    const other = await runHere(["emulator", "--port", "0", "--type", "dense"], { directory });
    expect(other).toMatchObject({ code: 1, error: expect.stringContaining('made with type "SPARSE"') });
  });

  it.each([[["--type", "graph"]], [["--port", "70000"]], [["--dimension", "3"]]])(
    "refuses %j",
    async (words) => {
      const { directory } = project();
      expect((await runHere(["emulator", ...words], { directory })).code).toBe(2);
    },
  );
});
