import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Index } from "@upstash/vector";
import { describe, expect, it, onTestFinished } from "vitest";
import { startEmulator } from "../../src/embedded/index.ts";
import { sampleFoods } from "../helpers/foods.ts";
import { answering, chatLine, startOllama } from "../helpers/ollama-server.ts";
import { project } from "../helpers/project.ts";
import { main, runCli, startCli } from "../helpers/run-cli.ts";
import { runHere } from "../helpers/run-here.ts";

const escapeCharacter = String.fromCharCode(27);

describe("ask", () => {
  it("fills the index at first use and answers with sources, without a model (RAG-2, RAG-10)", async () => {
    const { directory } = project();
    const first = await runCli(["ask", "Which curry is fiery?"], { directory });
    expect(first.code).toBe(0);
    expect(first.error).toContain("5 of 5 (100 %)");
    expect(first.out).toMatch(
      /^only: Curry\n\[1\] India · Curry · score \d+\.\d{3}\n {4}Vindaloo is a fiery curry/,
    );
    expect(first.out).toContain("Vindaloo is a fiery curry of pork, vinegar and chilies from Goa. [1]");
    expect(first.out).toContain("quoted from the sources, no model · embedded index");
    expect(first.out).not.toContain(escapeCharacter);
    const second = await runCli(["ask", "Which curry is fiery?"], { directory });
    expect(second.error).not.toContain("Filling");
  });

  it("streams the answer of Ollama, and tells who answered as JSON (RAG-3, RAG-4)", async () => {
    const { url } = await startOllama(answering("It is ", "vindaloo [1]."));
    const { directory } = project(`OLLAMA_HOST=${url}\n`);
    const environment = { OLLAMA_HOST: url };
    const text = await runHere(["ask", "Which curry is fiery?"], { directory, environment });
    expect(text.out).toContain("\nIt is vindaloo [1].\n\nollama llama3.2 · embedded index");
    const json = await runHere(["ask", "Which curry is fiery?", "--json"], { directory, environment });
    expect(JSON.parse(json.out)).toMatchObject({
      text: "It is vindaloo [1].",
      generator: "ollama llama3.2",
      store: "embedded",
      sources: [{ number: 1, id: "vindaloo" }],
    });
  });

  it("quotes the sources when Ollama stops in the middle, and fails when it was asked for by name", async () => {
    const { url } = await startOllama((response) => {
      response.writeHead(200, { "Content-Type": "application/x-ndjson" }).end(chatLine("It is vin"));
    });
    const { directory } = project();
    const fallback = await runHere(["ask", "Which curry is fiery?"], {
      directory,
      environment: { OLLAMA_HOST: url },
    });
    expect(fallback.code).toBe(0);
    expect(fallback.error).toContain("stopped in the middle of the answer");
    expect(fallback.out).toContain("Vindaloo is a fiery curry of pork, vinegar and chilies from Goa. [1]");
    const strict = await runHere(["ask", "Which curry is fiery?"], {
      directory,
      environment: { OLLAMA_HOST: url, GENERATOR: "ollama" },
    });
    expect(strict.code).toBe(1);
    expect(strict.error).toContain("Error: Ollama");
  });

  it("follows the data file: a change is taken in, another file is only reported", async () => {
    const { directory, dataFile } = project();
    await runHere(["ask", "curry"], { directory });
    writeFileSync(
      dataFile,
      JSON.stringify([...sampleFoods, { id: "new", text: "Durian is a smelly fruit." }]),
    );
    expect((await runHere(["ask", "smelly fruit"], { directory })).out).toContain(
      "Durian is a smelly fruit.",
    );
    writeFileSync(join(directory, "other.json"), JSON.stringify([{ id: "1", text: "Kale is a green." }]));
    const other = await runHere(["ask", "green kale"], {
      directory,
      environment: { JSON_FILE: "other.json" },
    });
    expect(other.error).toContain("ragfood ingest --prune");
    expect(other.out).toContain("nothing relevant");
    const gone = { directory, environment: { JSON_FILE: "gone.json" } };
    expect((await runHere(["ask", "green kale"], gone)).error).toContain(
      "gone.json, which JSON_FILE names, does not exist.",
    );
  });
});

describe("filling the index at first use", () => {
  it("is taken up again where it was cut short, and not begun over records that came another way", async () => {
    const { directory } = project();
    const many = Array.from({ length: 5_000 }, (_, n) => ({ id: `${n}`, text: `food number ${n}` }));
    writeFileSync(join(directory, "foods.json"), JSON.stringify(many));
    const running = startCli(["search", "4999"], { directory });
    await running.printed("Filling");
    running.kill("SIGKILL");
    await running.finished;
    expect((await runHere(["search", "4999"], { directory })).out).toContain("food number 4999");
    const other = join(directory, "other.json");
    writeFileSync(other, JSON.stringify(sampleFoods));
    await runHere(["ingest", other, "--namespace", "mine"], { directory });
    const found = await runHere(["search", "fiery curry"], { directory, environment: { NAMESPACE: "mine" } });
    expect(found.error).toContain("ragfood ingest --prune");
    expect(found.out).toContain("Vindaloo");
  });
});

describe("search", () => {
  it("filters by region, type and expression, each a flag (RAG-6)", async () => {
    const { directory } = project();
    const search = async (...words: string[]) => {
      const { out } = await runHere(["search", "soft cold soup curry cheese cake rice", "--json", ...words], {
        directory,
      });
      return (JSON.parse(out) as { sources: { id: string }[] }).sources.map(({ id }) => id).sort();
    };
    expect(await search("--region", "India", "-k", "10")).toEqual(["idli", "vindaloo"]);
    expect(await search("--type", "Soup", "--top-k", "10")).toEqual(["gazpacho", "pho"]);
    expect(await search("--filter", "diet CONTAINS 'vegan' AND region != 'India'")).toEqual(["gazpacho"]);
    expect(await search("--region", "India", "--type", "Soup")).toEqual([]);
  });
});

describe("nothing found", () => {
  it("is explained by the region, field or namespace that there is not (RAG-6)", async () => {
    const { directory } = project();
    const region = await runHere(["ask", "soft cake", "--region", "Inda"], { directory });
    expect(region.out).toMatch(/^only: Cake\nI found nothing relevant[^\n]+\n\nno model was asked/);
    expect(region.error).toContain("No food has region 'Inda'. Did you mean India?");
    const json = await runHere(["search", "cake", "--filter", "tpye = 'Cake'", "--json"], { directory });
    expect(JSON.parse(json.out)).toMatchObject({
      sources: [],
      notices: ["No food has a field 'tpye'. Did you mean type?"],
    });
    const space = await runHere(["search", "cake", "--namespace", "mine"], { directory });
    expect(space.error).toContain("There is no namespace 'mine'.");
  });

  it("of a cloud index is told once: that it is empty, or that it lacks the namespace", async () => {
    const emulator = await startEmulator();
    onTestFinished(() => emulator.close());
    const { directory } = project();
    const environment = {
      UPSTASH_VECTOR_REST_URL: emulator.url,
      UPSTASH_VECTOR_REST_TOKEN: emulator.token,
    };
    const empty = await runHere(["search", "cake"], { directory, environment });
    expect(empty.error).toContain(
      "The namespace (default) of the index is empty. Fill it with: ragfood ingest",
    );
    const other = await runHere(["search", "cake", "--namespace", "mine"], { directory, environment });
    expect(other.error).toMatch(/^There is no namespace 'mine'\.\nupstash index · [\d.]+ ms\n$/);
  });
});

describe("chat", () => {
  it("answers line after line until exit, and goes on after nothing was found (RAG-5, RAG-6)", async () => {
    const { directory } = project();
    const input =
      "Which curry is fiery?\n\nquantum entanglement\nwhat about a soft steamed cake?\nexit\nnever asked\n";
    const { code, out } = await runHere(["chat"], { directory, input });
    expect(code).toBe(0);
    expect(out.match(/embedded index/g)).toHaveLength(3);
    expect(out).toContain("nothing relevant");
    expect(out).not.toContain("never");
  });

  it("prints a line of JSON for each question with --json, failures too (RAG-4)", async () => {
    const { directory } = project();
    const input = "Which curry is fiery?\nIs it gluten-free?\nquantum entanglement\n";
    const { code, out } = await runHere(["chat", "--json"], { directory, input });
    expect(code).toBe(0);
    expect(out.split("\n")).toHaveLength(4);
    const answers = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(answers).toMatchObject([
      { question: "Which curry is fiery?", generator: "extractive", sources: [{ id: "vindaloo" }] },
      { question: "Is it gluten-free?", store: "embedded" },
      { question: "quantum entanglement", sources: [], generator: "none" },
    ]);
    const environment = { GENERATOR: "ollama" };
    const failed = await runHere(["chat", "--json"], { directory, input: "fiery curry\n", environment });
    expect(JSON.parse(failed.out)).toMatchObject({ question: "fiery curry", error: { code: "connection" } });
    const unable = await runHere(["chat", "--json"], {
      directory,
      input,
      environment: { MAX_RESULTS: "0" },
    });
    expect(unable.code).toBe(2);
    expect(unable.out.trim()).not.toContain("\n");
    expect(JSON.parse(unable.out)).toMatchObject({ error: { code: "settings" } });
  });

  it("goes on after a failure", async () => {
    const { directory } = project();
    const { code, error } = await runHere(["chat"], {
      directory,
      input: "Which curry is fiery?\nWhich curry is fiery?\n",
      environment: { GENERATOR: "ollama" },
    });
    expect(code).toBe(0);
    expect(error.match(/Error: Ollama does not answer at http:\/\/127\.0\.0\.1:9/g)).toHaveLength(2);
  });
});

describe("ingest and info", () => {
  it("says what it did, and writes nothing the second time (RAG-9)", async () => {
    const { directory, dataFile } = project();
    expect((await runHere(["ingest", dataFile], { directory })).out).toMatch(
      /5 added, 0 changed, 0 unchanged, 0 deleted/,
    );
    expect((await runHere(["ingest"], { directory })).out).toMatch(
      /0 added, 0 changed, 5 unchanged, 0 deleted/,
    );
    const side = await runHere(["ingest", dataFile, "--namespace", "side", "--json"], { directory });
    expect(JSON.parse(side.out)).toMatchObject({ namespace: "side", added: 5 });
    const info = JSON.parse((await runHere(["info", "--json"], { directory })).out);
    expect(info).toMatchObject({ store: "embedded", type: "SPARSE", namespaces: { "": 5, side: 5 } });
    expect((await runHere(["info"], { directory })).out).toContain("Namespace side       5 records");
  });

  it("reads standard input, and says what is wrong with it by that name", async () => {
    const { directory } = project();
    const one = JSON.stringify({ id: "durian", text: "Durian is a smelly fruit." });
    const piped = await runHere(["ingest", "-"], { directory, input: one });
    expect(piped.out).toContain("standard input: 1 record in the default namespace of the embedded index.");
    const found = await runHere(["search", "smelly fruit"], { directory });
    expect(found.out).toContain("Durian");
    expect(found.error).not.toContain("JSON_FILE");
    expect((await runHere(["info"], { directory })).out).toContain("Namespace (default)  1 record\n");
    const broken = await runHere(["ingest", "-"], { directory, input: `${one}\n{"id":` });
    expect(broken.code).toBe(1);
    expect(broken.error).toContain("standard input is not valid JSON: line 2, record 2");
    expect((await runHere(["ingest", "-"], { directory })).error).toContain("the file is empty");
  });

  it("info makes no index where there is none, and says how to get one", async () => {
    const { directory } = project();
    const { code, out, error } = await runHere(["info"], { directory });
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(error).toMatch(/There is no index at \S+index\.sqlite yet\.\n.*ragfood ingest/);
    expect(existsSync(join(directory, ".ragfood"))).toBe(false);
  });

  it("is stopped by Ctrl-C without damage, and goes on when run again", async () => {
    const { directory } = project();
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

/** Root may write anywhere, so that for root the command runs as another user, where that one can run it. */
const reader = process.getuid?.() === 0 ? { uid: 65_534 } : {};
const canRead = spawnSync(process.execPath, [main, "--version"], reader).status === 0;

describe.skipIf(!canRead)("a directory that may only be read", () => {
  it("is asked, searched and described, and says why it is not brought up to date", async () => {
    const { directory, dataFile } = project();
    await runCli(["search", "curry"], { directory });
    chmodSync(directory, 0o755);
    chmodSync(join(directory, ".ragfood"), 0o555);
    onTestFinished(() => chmodSync(join(directory, ".ragfood"), 0o755));
    const asked = await runCli(["ask", "Which curry is fiery?"], { directory, ...reader });
    expect(asked).toMatchObject({ code: 0, out: expect.stringContaining("Vindaloo is a fiery curry") });
    const info = JSON.parse((await runCli(["info", "--json"], { directory, ...reader })).out);
    expect(info.recordCount).toBe(5);
    writeFileSync(dataFile, JSON.stringify([{ id: "new", text: "Durian is a smelly fruit." }]));
    const stale = await runCli(["search", "fiery curry"], { directory, ...reader });
    expect(stale).toMatchObject({ code: 0, out: expect.stringContaining("Vindaloo") });
    expect(stale.error).toContain("is not brought up to date with");
    const refused = await runCli(["ingest", "--prune", "--yes", "--force"], { directory, ...reader });
    expect(refused.code).toBe(1);
  });
});

describe("two processes on one .ragfood", () => {
  it("both work, and each sees what the other wrote", async () => {
    const { directory, dataFile } = project();
    const server = startCli(["emulator", "--port", "0", "--json"], { directory });
    const { url, token } = JSON.parse(await server.printed("}")) as { url: string; token: string };
    const index = new Index({ url, token, enableTelemetry: false });
    expect((await index.info()).vectorCount).toBe(0);
    expect((await runCli(["ingest", dataFile], { directory })).code).toBe(0);
    expect((await index.query({ data: "fiery curry", topK: 1 }))[0]?.id).toBe("vindaloo");
    await index.upsert({ id: "new", data: "Durian is a smelly fruit." });
    expect((await runCli(["search", "smelly fruit"], { directory })).out).toContain("Durian");
    server.kill("SIGINT");
    expect((await server.finished).code).toBe(0);
  });
});

describe("emulator", () => {
  it("prints what a client needs, serves it as the cloud would, and stops on SIGTERM", async () => {
    const { directory, dataFile } = project();
    const server = startCli(
      ["emulator", "--port", "0", "--data", "served", "--token", "full", "--read-only-token", "read"],
      { directory },
    );
    const out = await server.printed("Ready");
    const url = /UPSTASH_VECTOR_REST_URL=(\S+)/.exec(out)?.[1] ?? "";
    const environment = { UPSTASH_VECTOR_REST_URL: url, UPSTASH_VECTOR_REST_TOKEN: "Bearer full" };
    expect((await runHere(["ingest", dataFile], { directory, environment })).out).toContain(
      "of the upstash index",
    );
    const answer = await runHere(["ask", "Which curry is fiery?"], { directory, environment });
    expect(answer.out).toContain("· upstash index ·");
    server.kill("SIGTERM");
    expect((await server.finished).code).toBe(0);
  });

  it("refuses other settings for an index that is there, and flags that make no sense", async () => {
    const { directory } = project();
    await runHere(["ingest"], { directory });
    const other = await runHere(["emulator", "--port", "0", "--type", "dense"], { directory });
    expect(other).toMatchObject({ code: 1, error: expect.stringContaining('made with type "SPARSE"') });
    expect((await runHere(["emulator", "--type", "graph"], { directory })).code).toBe(2);
    expect((await runHere(["emulator", "--port", "70000"], { directory })).code).toBe(2);
    expect((await runHere(["emulator", "--dimension", "3"], { directory })).code).toBe(2);
  });
});

describe("the index embeds by Ollama (VEC-6)", () => {
  it("as a hybrid index that names its model and refuses another", async () => {
    const { url } = await startOllama(answering("ok"), {
      embed: (text) => (/soup/i.test(text) ? [1, 0, 0] : /curry/i.test(text) ? [0, 1, 0] : [0, 0, 1]),
    });
    const { directory } = project();
    const environment = {
      OLLAMA_HOST: url,
      EMBEDDER: "ollama",
      VECTOR_DIMENSION: "3",
      GENERATOR: "extractive",
    };
    const found = await runHere(["search", "a noodle soup", "--json"], { directory, environment });
    expect(JSON.parse(found.out).sources[0].id).toBe("pho");
    const info = JSON.parse((await runHere(["info", "--json"], { directory, environment })).out);
    expect(info).toMatchObject({
      type: "HYBRID",
      dimension: 3,
      embeddingModel: "mxbai-embed-large",
      sparseEmbeddingModel: "BM25",
    });
    const other = await runHere(["ask", "soup"], {
      directory,
      environment: { ...environment, EMBEDDING_MODEL: "nomic-embed-text" },
    });
    expect(other.code).toBe(1);
    expect(other.error).toMatch(
      /made with embeddingModel "mxbai-embed-large"; the settings ask for "nomic-embed-text"/,
    );
  });

  it("says which dimension the model really has", async () => {
    const { url } = await startOllama(answering("ok"), { embed: () => [1, 0] });
    const { directory } = project();
    const environment = { OLLAMA_HOST: url, EMBEDDER: "ollama", VECTOR_DIMENSION: "3" };
    const { code, error } = await runHere(["ingest"], { directory, environment });
    expect(code).toBe(1);
    expect(error).toContain("makes vectors of 2 dimensions; the settings say 3.\nSet VECTOR_DIMENSION=2");
  });
});

describe("bad input", () => {
  const commands = [
    [["ask"], "Ask a question."],
    [["search", "x", "--top-k", "0"], "--top-k has to be a whole number from 1 to 1000"],
    [["search", "x", "--top-k"], "--top-k"],
    [["search", "x", "--no-such-flag"], "Unknown option '--no-such-flag'.\n"],
    [["no-such-command"], 'Unknown command "no-such-command".\n'],
    [["serch", "soup"], 'Unknown command "serch". Did you mean search?'],
    [["search", "x", "--regin", "Peru"], "Unknown option '--regin'. Did you mean --region?"],
    [["search", "x", "--filter", "a = 1", "--filter=b = 2"], "Option '--filter' is given more than once."],
    [["search", "x", "-k", "1", "--top-k", "2"], "Option '--top-k' is given more than once."],
    [["backup"], "Name an action: ragfood backup <action>.\nThe actions are create, verify, restore."],
    [
      ["backup", "verify"],
      "<archive> is missing: the backup, a .tar.gz file.\nUsage: ragfood backup verify <archive>",
    ],
    [["queue", "drain", "now"], 'Unexpected word "now" after queue drain.'],
    [["secrets", "scan", "a", "b"], 'Unexpected word "b" after secrets scan.'],
    [["migrate", "run", "--to", "upstash"], "--from is missing.\nUsage: ragfood migrate run --from <source>"],
    [
      ["migrate", "verify", "--delete-extras"],
      "migrate verify has no --delete-extras. These have it: migrate repair",
    ],
    [["migrate", "rum"], 'migrate has no action "rum". Did you mean run?'],
    [["search", "x", "--filter", "-a"], 'If "-a" is the value, write --filter=-a.'],
    [["search", "x", "--json=yes"], "Option '--json' takes no value."],
    [["search", "x", "-k", "1e2"], 'it is "1e2"'],
    [["info", "foo", "bar"], 'Unexpected word "foo" after info.\nUsage: ragfood info [options].'],
    [
      ["ingest", "foods.json", "more.json"],
      'Unexpected word "more.json" after ingest.\nUsage: ragfood ingest [file]',
    ],
    [["emulator", "--memory", "9000"], 'Unexpected word "9000"'],
    [["search", "x", "--filter", "region = "], "Invalid filter. At line 1:9"],
  ] as const;

  it.each(commands)("%j is a usage error: exit code 2, no stack trace", async (words, message) => {
    const { directory } = project();
    const { code, out, error } = await runHere(words, { directory });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(error).toContain(message);
    expect(error).not.toMatch(/\n\s+at /);
  });

  it("points at the column of a filter that does not parse", async () => {
    const { directory } = project();
    const { error } = await runHere(["search", "x", "--filter", "region = 'Peru' AND AND"], { directory });
    const lines = error.split("\n");
    expect(lines[2]?.indexOf("^")).toBe((lines[1]?.indexOf("AND AND") ?? 0) + 4);
  });

  it("reports every fault of the settings at once", async () => {
    const { directory } = project("MAX_RESULTS=0\nGENERATOR=gpt\n");
    const { code, error } = await runHere(["ask", "x"], { directory });
    expect(code).toBe(2);
    expect(error).toMatch(/MAX_RESULTS has to be[^\n]+\n {2}GENERATOR has to be/);
  });

  it("a wrong token, and an index of another dimension, are named", async () => {
    const { directory } = project();
    const server = startCli(
      ["emulator", "--port", "0", "--data", "d", "--type", "DENSE", "--dimension", "7", "--token", "t"],
      { directory },
    );
    const url = /URL=(\S+)/.exec(await server.printed("Ready"))?.[1] ?? "";
    const wrong = await runHere(["ask", "x"], {
      directory,
      environment: { UPSTASH_VECTOR_REST_URL: url, UPSTASH_VECTOR_REST_TOKEN: "wrong-token" },
    });
    expect(wrong.code).toBe(1);
    expect(wrong.error).toContain("Invalid auth token\nCheck the token in UPSTASH_VECTOR_REST_TOKEN");
    expect(wrong.error).not.toContain("wrong-token");
    const mismatch = await runHere(["ingest"], {
      directory,
      environment: { UPSTASH_VECTOR_REST_URL: url, UPSTASH_VECTOR_REST_TOKEN: "t" },
    });
    expect(mismatch.code).toBe(1);
    expect(mismatch.error).toContain(
      "The index has 7 dimensions; VECTOR_DIMENSION is 1024. The index has no embedding model",
    );
  });

  it("a faulty data file is told by line, and nothing is written", async () => {
    const { directory } = project();
    writeFileSync(join(directory, "bad.json"), '[\n{"id":"1","text":"x"},\n{"id":"1","text":""}\n]');
    const text = await runHere(["ingest", "bad.json"], { directory });
    expect(text.code).toBe(1);
    expect(text.error).toContain('line 3, record 2 (id "1"): "text" is empty');
    const json = await runHere(["ingest", "bad.json", "--json"], { directory });
    expect(JSON.parse(json.out)).toMatchObject({
      error: { code: "data", faultCount: 1, faults: [{ line: 3 }] },
    });
    expect(JSON.parse((await runHere(["info", "--json"], { directory })).out).recordCount).toBe(0);
  });

  it("a directory that cannot be used is named", async () => {
    const { directory } = project();
    writeFileSync(join(directory, "file"), "");
    const inFile = await runHere(["ask", "x"], { directory, environment: { RAGFOOD_DIR: "file/sub" } });
    expect(inFile).toMatchObject({
      code: 1,
      error: expect.stringContaining("ENOTDIR, a part of its path is a file"),
    });
    const nowhere = await runHere(["search", "x"], {
      directory,
      environment: { RAGFOOD_DIR: "/proc/ragfood/here" },
    });
    expect(nowhere).toMatchObject({ code: 1, error: expect.stringContaining("cannot be made") });
    mkdirSync(join(directory, "held"));
    writeFileSync(join(directory, "held", "index.sqlite"), "something else entirely, and not a database");
    const foreign = await runHere(["ask", "x"], { directory, environment: { RAGFOOD_DIR: "held" } });
    expect(foreign).toMatchObject({ code: 1, error: expect.stringContaining("is not an index") });
  });
});

describe("help", () => {
  it.each(["ask", "chat", "search", "ingest", "info", "evaluate", "doctor", "emulator"])(
    "%s --help shows arguments and examples",
    async (name) => {
      const { directory } = project();
      const { code, out } = await runHere([name, "--help"], { directory });
      expect(code).toBe(0);
      expect(out).toContain(`USAGE ragfood ${name}`);
      expect(out).toContain(`EXAMPLES\n\n  ragfood ${name}`);
      expect(out).not.toContain(escapeCharacter);
    },
  );

  it("of a command is also had by help and its name", async () => {
    const { directory } = project();
    const asked = await runHere(["help", "ask"], { directory });
    expect(asked).toEqual(await runHere(["ask", "--help"], { directory }));
    expect((await runHere(["help", "aks"], { directory })).error).toContain("Did you mean ask?");
  });

  it("lists the commands, and prints the version", async () => {
    const { directory } = project();
    expect((await runCli(["--help"], { directory })).out).toMatch(/ask +Answer one question/);
    expect((await runCli(["--version"], { directory })).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await runCli([], { directory })).code).toBe(2);
  });
});
