import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runHere } from "../helpers/run-here.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

/** A directory with files that no command can use. */
function badProject(): string {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "none.json"), "[]");
  writeFileSync(join(directory, "latin1.json"), Buffer.from('[{"id":"a","text":"caf\u00e9"}]', "latin1"));
  return directory;
}

describe("a command that fails on its input leaves no files behind", () => {
  it.each([
    [["ingest", "none.json"]],
    [["ingest", "missing.json", "--namespace", "menu"]],
    [["ask", "What is tempeh?"]],
    [["search", "tempeh"]],
    [["search", "tempeh", "--namespace", "menu"]],
    [["chat"]],
    [["serve", "--port", "0"]],
    [["serve", "--host", "0.0.0.0", "--port", "0"]],
    [["serve", "--host", "no-such-host.invalid"]],
    [["emulator", "--host", "no-such-host.invalid"]],
    [["evaluate", "--namespace", "menu"]],
    [["evaluate", "answers", "--against", "none.json"]],
    [["index", "restore", "missing.sqlite"]],
    [["cost", "--records", "1", "--dimension", "1", "--prices", "latin1.json"]],
  ])("a failed command leaves no files behind: ragfood %j", async (words) => {
    const directory = badProject();
    const environment = { JSON_FILE: "none.json" };
    const { code, error } = await runHere(words, { directory, environment });
    expect({ failed: code !== 0, error }).toEqual({ failed: true, error: expect.stringMatching(/^Error: /) });
    expect(readdirSync(directory).sort()).toEqual(["latin1.json", "none.json"]);
  });
});

describe("a file in another encoding is refused, not changed", () => {
  it.each([
    [["emulator", "--seed", "latin1.json", "--port", "0"]],
    [["emulator", "--config", "latin1.json", "--port", "0"]],
    [["evaluate", "answers", "--against", "latin1.json"]],
    [["evaluate", "--queries", "latin1.json"]],
    [["evaluate", "--queries", "none.json", "--judgements", "latin1.json"]],
    [["cost", "--records", "1", "--dimension", "1", "--prices", "latin1.json"]],
  ])("a file in another encoding is refused: ragfood %j", async (words) => {
    const { error } = await runHere(words, { directory: badProject() });
    expect(error).toContain("not UTF-8 text");
  });
});

it("a command in a hint quotes names for the shell", async () => {
  const hintFor = async (namespace: string) =>
    (await runHere(["evaluate", `--namespace=${namespace}`], { directory: badProject() })).error;
  expect(await hintFor("Bob's menu")).toContain("ragfood ingest --namespace 'Bob'\\''s menu'");
  expect(await hintFor("-x")).toContain("ragfood ingest --namespace=-x");
});

describe("a command that had nothing to do does not report success", () => {
  it.each([
    [["secrets", "scan", "."], "no file that could be scanned"],
    [["queue", "retry", "--number", "7"], "0 writes queued again."],
    [["queue", "discard", "--from", "https://old.example", "--yes"], "0 writes dropped."],
  ])("a command without work reports no success: ragfood %j", async (words, problem) => {
    const { code, error } = await runHere(words, { directory: temporaryDirectory() });
    expect({ code, error }).toEqual({ code: 1, error: expect.stringContaining(problem) });
  });

  it("ragfood evaluate answers --against a run over other questions", async () => {
    const directory = badProject();
    const run = '\ufeff{"questions":[{"id":"other","outcome":"well"}]}';
    writeFileSync(join(directory, "run.json"), run);
    const { code, error } = await runHere(["evaluate", "answers", "--against", "run.json"], { directory });
    expect({ code, error }).toEqual({ code: 1, error: expect.stringContaining("nothing to compare") });
  });
});
