import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { sampleFoods } from "../helpers/foods.ts";
import { startServer } from "../helpers/http-server.ts";
import { describeUnless } from "../helpers/obstacles.ts";
import { project as sampleProject } from "../helpers/project.ts";
import { main, startCli } from "../helpers/run-cli.ts";
import { runHere } from "../helpers/run-here.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { bash } from "../helpers/tools.ts";

/** A directory with a file of the sample foods, ingested, and a file of the first `count` of them. */
async function filledProject(count: number) {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "foods.json"), JSON.stringify(sampleFoods));
  writeFileSync(join(directory, "fewer.json"), JSON.stringify(sampleFoods.slice(0, count)));
  const run = (...words: string[]) => runHere(words, { directory, environment: { JSON_FILE: "foods.json" } });
  await run("ingest");
  const records = async () =>
    (JSON.parse((await run("info", "--json")).out) as { recordCount: number }).recordCount;
  return { directory, run, records };
}

describe("ingest", () => {
  it("counts what it did, and writes nothing the second time (RAG-9)", async () => {
    const { directory, dataFile } = sampleProject();
    const first = await runHere(["ingest", dataFile], { directory });
    expect(first.out).toContain("5 added, 0 changed, 0 unchanged, 0 deleted");
    const second = await runHere(["ingest"], { directory });
    expect(second.out).toContain("0 added, 0 changed, 5 unchanged, 0 deleted");
  });

  it("ingest fills another namespace on request", async () => {
    const { directory, dataFile } = sampleProject();
    const { out } = await runHere(["ingest", dataFile, "--namespace", "side", "--json"], { directory });
    expect(JSON.parse(out)).toMatchObject({ namespace: "side", added: 5 });
  });

  it("ingest reads records from standard input", async () => {
    const { directory } = sampleProject();
    const input = JSON.stringify({ id: "durian", text: "Durian is a smelly fruit." });
    const { out } = await runHere(["ingest", "-"], { directory, input });
    expect(out).toContain("standard input: 1 record in the default namespace of the embedded index.");
    const found = await runHere(["search", "smelly fruit"], { directory });
    expect(found.out).toContain("Durian");
    expect(found.error).not.toContain("JSON_FILE");
  });

  it.each([
    ['{"id":"1","text":"x"}\n{"id":', "standard input is not valid JSON: line 2, record 2"],
    ["", "the file is empty"],
  ])("names standard input in what is wrong with it", async (input, message) => {
    const { directory } = sampleProject();
    const { code, error } = await runHere(["ingest", "-"], { directory, input });
    expect(code).toBe(1);
    expect(error).toContain(message);
  });

  it("reports a fault of the file by line, and writes nothing", async () => {
    const { directory } = sampleProject();
    writeFileSync(join(directory, "bad.json"), '[\n{"id":"1","text":"x"},\n{"id":"1","text":""}\n]');
    const { code, error } = await runHere(["ingest", "bad.json"], { directory });
    expect(code).toBe(1);
    expect(error).toContain('line 3, record 2 (id "1"): "text" is empty');
    expect(existsSync(join(directory, ".ragfood"))).toBe(false);
  });

  it("reports a fault of the file with --json", async () => {
    const { directory } = sampleProject();
    writeFileSync(join(directory, "bad.json"), '{"id":"1","text":""}');
    const { out } = await runHere(["ingest", "bad.json", "--json"], { directory });
    expect(JSON.parse(out)).toMatchObject({
      error: { code: "data", faultCount: 1, faults: [{ line: 1 }] },
    });
  });

  it("is stopped by Ctrl-C without damage, and continues when it is run again", async () => {
    const { directory } = sampleProject();
    const count = 20_000;
    const lines = Array.from({ length: count }, (_, n) => `{"id":"${n}","text":"food number ${n} of many"}`);
    writeFileSync(join(directory, "many.jsonl"), lines.join("\n"));
    const running = startCli(["ingest", "many.jsonl"], { directory });
    await running.printed("Ingesting:");
    running.kill("SIGINT");
    const stopped = await running.finished;
    expect(stopped.code).toBe(130);
    expect(stopped.error).toMatch(
      /Stopped after [\d,]+ of 20,000 records\.\nRun the command again to continue\./,
    );
    const again = JSON.parse((await runHere(["ingest", "many.jsonl", "--json"], { directory })).out);
    expect(again.unchanged).toBeGreaterThan(0);
    expect(again.unchanged + again.added).toBe(count);
  });
});

describe("ingest --prune", () => {
  it("needs --yes without a terminal, and lists what would be deleted", async () => {
    const { run, records } = await filledProject(4);
    const { code, error } = await run("ingest", "fewer.json", "--prune");
    expect(code).toBe(2);
    expect(error).toMatch(/would delete 1 record of 5 in the embedded index.*: brie\. Nothing was written/);
    expect(error).toContain("Confirm it with --yes.");
    expect(await records()).toBe(5);
  });

  it("deletes with --yes, and counts what it deleted", async () => {
    const { run, records } = await filledProject(4);
    expect((await run("ingest", "fewer.json", "--prune", "--yes")).out).toContain("1 deleted");
    expect(await records()).toBe(4);
  });

  it("refuses to delete more than half without --force, regardless of other flags", async () => {
    const { run, records } = await filledProject(1);
    const refused = await run("ingest", "fewer.json", "--prune", "--yes");
    expect(refused.code).toBe(2);
    expect(refused.error).toMatch(/would delete 4 records of 5 .*more than half/);
    expect(await records()).toBe(5);
    expect((await run("ingest", "fewer.json", "--prune", "--force")).code).toBe(2);
    expect((await run("ingest", "fewer.json", "--prune", "--yes", "--force")).out).toContain("4 deleted");
  });

  it("does not ask if nothing is deleted", async () => {
    const { run } = await filledProject(5);
    expect((await run("ingest", "--prune")).code).toBe(0);
  });
});

describe("ingest --dry-run", () => {
  it("counts what would change, and changes nothing", async () => {
    const { run, records } = await filledProject(4);
    const text = await run("ingest", "fewer.json", "--prune", "--dry-run");
    expect(text).toMatchObject({ code: 0, out: expect.stringContaining("Nothing was written (--dry-run).") });
    expect(text.error).toContain("Comparing: ");
    expect(text.error).not.toContain("Ingesting");
    expect(text.out).toContain("0 to add, 0 to change, 4 unchanged, 1 to delete");
    expect(await records()).toBe(5);
    const json = JSON.parse((await run("ingest", "fewer.json", "--prune", "--dry-run", "--json")).out);
    expect(json).toMatchObject({ dryRun: true, unchanged: 4, deleted: 1 });
  });

  it("creates no index", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "foods.json"), JSON.stringify(sampleFoods));
    const { out } = await runHere(["ingest", "foods.json", "--dry-run"], { directory });
    expect(out).toContain("5 to add");
    expect(existsSync(join(directory, ".ragfood"))).toBe(false);
  });

  it("still checks the file", async () => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "foods.json"), '[{"id":"1","text":""}]');
    expect((await runHere(["ingest", "foods.json", "--dry-run"], { directory })).code).toBe(1);
  });
});

describe("a write that was only queued", () => {
  /** An index that answers reads, and refuses every write for now. */
  async function ingestIntoReadableIndex(...words: string[]) {
    const index = {
      vectorCount: 0,
      indexType: "SPARSE",
      sparseIndex: { embeddingModel: "BM25" },
      namespaces: { "": { vectorCount: 0 } },
    };
    const { url } = await startServer(({ url: path, body }, response) => {
      if (path === "/info") return response.end(JSON.stringify({ result: index }));
      if (path.startsWith("/fetch")) {
        const { ids } = JSON.parse(body) as { ids: string[] };
        return response.end(JSON.stringify({ result: ids.map(() => null) }));
      }
      return response.writeHead(503).end('{"error":"Service Unavailable"}');
    });
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "foods.json"), '[{"id":"1","text":"kimchi"}]');
    const environment = {
      UPSTASH_VECTOR_REST_URL: url,
      UPSTASH_VECTOR_REST_TOKEN: "token-of-this-test",
      REQUEST_RETRIES: "0",
      OUTAGE_WRITES: "queue",
    };
    return await runHere(["ingest", "foods.json", ...words], { directory, environment });
  }

  it("is reported as queued, not as added, and the exit code is not success", async () => {
    const { code, out, error } = await ingestIntoReadableIndex();
    expect(code).toBe(1);
    expect(out).toContain("0 added, 0 changed, 0 unchanged, 0 deleted, 1 queued");
    expect(error).toContain("does not hold 1 queued record yet: Service Unavailable");
    expect(error).toContain("ragfood queue drain");
  });

  it("is counted in --json", async () => {
    const { code, out } = await ingestIntoReadableIndex("--json");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ added: 0, queued: 1, queuedReason: "Service Unavailable" });
  });
});

describe("ingest --text-field", () => {
  it("makes the text of the fields that are named, and remembers them", async () => {
    const directory = temporaryDirectory();
    const file = join(directory, "menu.json");
    const menu = [{ id: "1", name: "Greek Salad", description: "Tomatoes and feta." }];
    writeFileSync(file, JSON.stringify(menu));
    const run = (...words: string[]) =>
      runHere(words, { directory, environment: { JSON_FILE: file, GENERATOR: "extractive" } });
    const refused = await run("ingest");
    expect(refused.error).toContain("ragfood ingest <file> --text-field name --text-field description");
    await run("ingest", "--text-field", "name", "--text-field", "description");
    expect((await run("search", "feta")).out).toContain("Greek Salad. Tomatoes and feta.");
    writeFileSync(file, JSON.stringify([...menu, { id: "2", name: "Kale", description: "A green." }]));
    expect((await run("search", "kale")).out).toContain("Kale. A green.");
  });
});

describeUnless(bash.obstacle, "a data file that is a pipe", () => {
  const shell = (command: string, directory: string) =>
    spawnSync("bash", ["--norc", "-c", command], {
      cwd: directory,
      encoding: "utf8",
      env: {
        PATH: process.env.PATH ?? "",
        OLLAMA_HOST: "127.0.0.1:9",
        RAGFOOD: `${process.execPath} ${main}`,
      },
    });

  function project(): string {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, "foods.json"), '[{"id":"1","text":"kimchi"}]');
    writeFileSync(join(directory, "queries.json"), '[{"id":"q","question":"kimchi","relevant":["1"]}]');
    return directory;
  }

  it.each([
    "$RAGFOOD ingest <(cat foods.json)",
    "cat foods.json | $RAGFOOD ingest /dev/stdin",
    "cat foods.json | $RAGFOOD ingest -",
    "gzip -c foods.json | $RAGFOOD ingest /proc/self/fd/0",
  ])("is ingested: %s", (command) => {
    const { status, stdout } = shell(command, project());
    expect(stdout).toMatch(/^(?:standard input|\/dev\/fd\/\d+): 1 record in the default namespace/);
    expect(status).toBe(0);
  });

  it("is checked before anything is written, and named as it was given", () => {
    const { status, stderr } = shell(`$RAGFOOD ingest <(echo '[{"id":"1"}]')`, project());
    expect(stderr).toMatch(/^Error: \/dev\/fd\/\d+: 1 fault in 1 record/);
    expect(status).toBe(1);
  });

  it("is refused as JSON_FILE, which is read more than once", () => {
    const { status, stderr } = shell("JSON_FILE=<(cat foods.json) $RAGFOOD ingest", project());
    expect(status).toBe(1);
    expect(stderr).toContain("is a pipe or a device, which can be read only once.");
  });

  it("serves as the queries of an evaluation", () => {
    const directory = project();
    const { stdout } = shell(
      "$RAGFOOD ingest foods.json && $RAGFOOD evaluate --queries <(cat queries.json)",
      directory,
    );
    expect(stdout).toContain("nDCG@10 1.0000");
  });

  it("leaves no copy behind", () => {
    const copies = () => readdirSync(tmpdir()).filter((name) => name.startsWith("ragfood-input-"));
    const before = copies();
    execFileSync("bash", ["-c", `cat foods.json | ${process.execPath} ${main} ingest -`], { cwd: project() });
    expect(copies()).toEqual(before);
  });

  it("is kept in the project if there is no temporary directory", () => {
    const { status, stdout } = shell("cat foods.json | TMPDIR=/nowhere $RAGFOOD ingest -", project());
    expect(stdout).toContain("1 added");
    expect(status).toBe(0);
  });
});
