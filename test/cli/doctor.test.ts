import { EventEmitter, once } from "node:events";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Index } from "@upstash/vector";
import { describe, expect, it, onTestFinished } from "vitest";
import { startEmulator } from "../../src/embedded/index.ts";
import { diskFinding, stateFileFinding } from "../../src/operations/machine-findings.ts";
import { openSqliteState } from "../../src/state/sqlite.ts";
import { sampleFoods } from "../helpers/foods.ts";
import { deadAddress, startServer } from "../helpers/http-server.ts";
import { answering, startOllama } from "../helpers/ollama-server.ts";
import { project } from "../helpers/project.ts";
import { startCli } from "../helpers/run-cli.ts";
import { runHere } from "../helpers/run-here.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

interface Finding {
  readonly code: string;
  readonly level: string;
  readonly message: string;
  readonly hint?: string;
}

/** A project on an index in the cloud, which an emulator plays, filled with `foods`. */
async function cloudProject(foods: readonly object[] = sampleFoods) {
  const emulator = await startEmulator();
  onTestFinished(() => emulator.close());
  const { directory } = project();
  const environment = {
    UPSTASH_VECTOR_REST_URL: emulator.url,
    UPSTASH_VECTOR_REST_TOKEN: emulator.token,
    REQUEST_RETRIES: "0",
  };
  writeFileSync(join(directory, "part.json"), JSON.stringify(foods));
  if (foods.length > 0) await runHere(["ingest", "part.json"], { directory, environment });
  const findings = async (changes: Record<string, string> = {}): Promise<Finding[]> => {
    const { out } = await runHere(["doctor", "--json"], {
      directory,
      environment: { ...environment, ...changes },
    });
    return (JSON.parse(out) as { findings: Finding[] }).findings;
  };
  const finding = async (code: string, changes?: Record<string, string>) =>
    (await findings(changes)).find((candidate) => candidate.code === code);
  return { directory, emulator, environment, findings, finding };
}

describe("doctor on a cloud index", () => {
  it("passes if everything is in place", async () => {
    const { emulator, findings } = await cloudProject();
    const found = await findings({ UPSTASH_VECTOR_REST_READONLY_TOKEN: emulator.readOnlyToken });
    expect(found.map(({ code, level }) => `${code}: ${level}`)).toEqual([
      "node-js: fact",
      "settings-file: fact",
      "data-file: fact",
      "disk: fact",
      "temporary-files: fact",
      "state-store: fact",
      "file-rights: fact",
      "index: fact",
      "index-settings: fact",
      "token: fact",
      "records: fact",
      "read-only-token: fact",
      "ollama: warning",
      "chroma: warning",
    ]);
  });

  it("fails if the full token is the read-only one", async () => {
    const { emulator, finding } = await cloudProject();
    expect(await finding("token", { UPSTASH_VECTOR_REST_TOKEN: emulator.readOnlyToken })).toMatchObject({
      level: "problem",
      message: expect.stringContaining("UPSTASH_VECTOR_REST_TOKEN cannot write: it is the read-only token"),
      hint: expect.stringContaining("full token"),
    });
  });

  it("fails with the read-only token of the second index", async () => {
    const second = await startEmulator();
    onTestFinished(() => second.close());
    const { finding } = await cloudProject();
    const settings = {
      FALLBACK: "upstash",
      FALLBACK_VECTOR_REST_URL: second.url,
      FALLBACK_VECTOR_REST_TOKEN: second.readOnlyToken,
    };
    expect((await finding("secondary-token", settings))?.level).toBe("problem");
    const full = { ...settings, FALLBACK_VECTOR_REST_TOKEN: second.token };
    expect((await finding("secondary-token", full))?.level).toBe("fact");
  });

  it("changes nothing by asking for the right to write", async () => {
    const { emulator, findings } = await cloudProject();
    const index = new Index({ url: emulator.url, token: emulator.token });
    const before = await index.info();
    await findings();
    expect(await index.info()).toEqual(before);
  });

  it("names a mistaken read-only token", async () => {
    const { directory, environment } = await cloudProject();
    const wrong = await runHere(["doctor"], {
      directory,
      environment: { ...environment, UPSTASH_VECTOR_REST_READONLY_TOKEN: "mistaken" },
    });
    expect(wrong.out).toMatch(
      /FAIL {2}Read-only token: [^\n]+\n {6}Check UPSTASH_VECTOR_REST_READONLY_TOKEN/,
    );
  });
});

describe("doctor compares the index with the data file", () => {
  it.each([1, 3])("fails if the index holds only %d of 5 records", async (count) => {
    const { finding } = await cloudProject(sampleFoods.slice(0, count));
    expect(await finding("records")).toMatchObject({
      level: "problem",
      message: expect.stringMatching(new RegExp(`holds only ${count} of the 5 records of .*foods\\.json`)),
      hint: "Run: ragfood ingest",
    });
  });

  it("passes if the index holds all of them, and others", async () => {
    const { finding } = await cloudProject([...sampleFoods, { id: "kale", text: "Kale is a green." }]);
    expect(await finding("records")).toMatchObject({
      level: "fact",
      message: expect.stringMatching(/holds all 5 records of .*, and 1 other$/),
    });
  });

  it("warns of records that differ", async () => {
    const { finding } = await cloudProject([...sampleFoods.slice(1), { id: "vindaloo", text: "Another." }]);
    expect(await finding("records")).toMatchObject({
      level: "warning",
      message: expect.stringMatching(/1 of the 5 records .*: vindaloo$/),
    });
  });

  it("warns if the index is empty, or filled from elsewhere", async () => {
    const { finding, environment } = await cloudProject([]);
    expect((await finding("records"))?.message).toBe("Records: the default namespace is empty");
    const other = await cloudProject([{ id: "kale", text: "Kale is a green." }]);
    expect(await other.finding("records")).toMatchObject({
      level: "warning",
      message: expect.stringContaining("from elsewhere, and none of the 5 records"),
    });
    expect(environment.REQUEST_RETRIES).toBe("0");
  });

  it("passes for an index of one's own if the settings name no data file", async () => {
    const { finding } = await cloudProject([{ id: "kale", text: "Kale is a green." }]);
    expect((await finding("records", { JSON_FILE: "" }))?.level).toBe("fact");
  });

  it("fails for an embedded index that an interrupted ingest left", async () => {
    const { directory } = project();
    writeFileSync(join(directory, "part.json"), JSON.stringify(sampleFoods.slice(0, 2)));
    await runHere(["ingest", "part.json"], { directory });
    const { code, out } = await runHere(["doctor"], { directory });
    expect(code).toBe(1);
    expect(out).toMatch(/FAIL {2}Records: the default namespace holds only 2 of the 5 records/);
  });
});

describe("doctor on the machine", () => {
  it("fails if temporary files cannot be written", async () => {
    const { directory } = project();
    const running = startCli(["doctor"], { directory, environment: { TMPDIR: "/nowhere" } });
    const { code, out } = await running.finished;
    expect(code).toBe(1);
    expect(out).toMatch(/FAIL {2}Temporary files: \/nowhere cannot be written: [^\n]+\n {6}Set TMPDIR/);
  });

  it("opens the state store for writing, and writes beside it", async () => {
    expect(stateFileFinding("/nowhere/yet/state.sqlite3").level).toBe("fact");
    const file = join(temporaryDirectory(), "state.sqlite3");
    await openSqliteState(file).close();
    expect(stateFileFinding(file)).toMatchObject({
      level: "fact",
      message: expect.stringContaining("can be written"),
    });
    rmSync(file);
    // As a file that nobody may write, also for root.
    mkdirSync(file);
    expect(stateFileFinding(file)).toMatchObject({
      level: "problem",
      message: expect.stringMatching(/^State store: .* cannot be written: EISDIR/),
    });
  });

  it("compares the free space with what an index needs", () => {
    expect(diskFinding("/", 0).level).not.toBe("problem");
    expect(diskFinding("/nowhere/yet", Number.MAX_SAFE_INTEGER)).toMatchObject({
      level: "problem",
      message: expect.stringMatching(/free at \/; the index needs about/),
    });
  });
});

describe("doctor (MIG-1)", () => {
  it("fails with a hint for each fault", async () => {
    const { directory } = project();
    const environment = {
      UPSTASH_VECTOR_REST_URL: await deadAddress(),
      UPSTASH_VECTOR_REST_TOKEN: "very-secret",
      JSON_FILE: "missing.json",
      GENERATOR: "ollama",
    };
    const { code, out, error } = await runHere(["doctor"], { directory, environment });
    expect(code).toBe(1);
    expect(out).toMatch(/FAIL {2}Data file: missing\.json does not exist\.\n {6}Name the data file/);
    expect(out).toMatch(/FAIL {2}Index: No connection to http:\/\/127\.0\.0\.1:\d+: ECONNREFUSED/);
    expect(out).toMatch(/FAIL {2}Ollama: Ollama does not answer/);
    expect(out + error).not.toContain("very-secret");
  });

  it("names a model that Ollama lacks", async () => {
    const { url } = await startOllama(answering(), { models: ["mistral:latest"] });
    const { directory } = project();
    const { out } = await runHere(["doctor"], { directory, environment: { OLLAMA_HOST: url } });
    expect(out).toContain("without llama3.2\n      Run: ollama pull llama3.2");
  });

  it("compares every record of the index file with its checksum", async () => {
    const { directory } = project();
    await runHere(["ingest"], { directory });
    const whole = await runHere(["doctor"], { directory });
    expect(whole.out).toContain("pass  Index file: every record is as it was written\n");
    const file = join(directory, ".ragfood", "index.sqlite");
    const bytes = readFileSync(file);
    bytes.write("W", bytes.indexOf("Vindaloo is a fiery curry"));
    writeFileSync(file, bytes);
    const damaged = await runHere(["doctor"], { directory });
    expect(damaged.code).toBe(1);
    expect(damaged.out).toMatch(/pass {2}Index: embedded/);
    expect(damaged.out).toMatch(
      /FAIL {2}Index file: damaged: the record "vindaloo" [^\n]+\n {6}Restore a backup/,
    );
  });

  it("reports settings in .env that are ignored, and the setting that was meant", async () => {
    const { directory } = project("UPSTASH_VECTOR_TOKEN=very-secret\nGENERATOR: extractive\nMY_OWN=1\n");
    const { code, out } = await runHere(["doctor"], { directory });
    expect(code).toBe(0);
    expect(out).toMatch(
      /warn {2}Settings file: \S+\.env: line 3 is not NAME=value; UPSTASH_VECTOR_TOKEN is no setting; UPSTASH_VECTOR_REST_TOKEN is\.\n/,
    );
    expect(out).not.toContain("very-secret");
    const { directory: right } = project("MY_OWN=1\n");
    expect((await runHere(["doctor"], { directory: right })).out).toMatch(
      /pass {2}Settings file: \S+\.env: 2 settings\n/,
    );
  });

  it("reports that the first question could not create its index", async () => {
    const { directory } = project("RAGFOOD_DIR=foods.json/sub\n");
    const { code, out } = await runHere(["doctor"], { directory });
    expect(code).toBe(1);
    expect(out).toMatch(/FAIL {2}Index: none yet, and it cannot be created at [^\n]+\n {6}Set RAGFOOD_DIR/);
  });

  it("is ended by Ctrl-C while a service keeps it waiting", async () => {
    const { directory } = project();
    const requests = new EventEmitter();
    const asked = once(requests, "request");
    const silent = await startServer(() => requests.emit("request"));
    const running = startCli(["doctor"], { directory, environment: { OLLAMA_HOST: silent.url } });
    await asked;
    running.kill("SIGINT");
    const { code, out } = await running.finished;
    expect(code).toBe(130);
    expect(out).not.toContain("Ollama");
  });
});
