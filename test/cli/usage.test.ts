import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { startEmulator } from "../../src/embedded/index.ts";
import { allCommands } from "../helpers/commands.ts";
import { dense } from "../helpers/index-settings.ts";
import { project } from "../helpers/project.ts";
import { runCli } from "../helpers/run-cli.ts";
import { runHere } from "../helpers/run-here.ts";

const escapeCharacter = String.fromCharCode(27);

describe("wrong usage", () => {
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
    [
      ["backup"],
      "Name an action: ragfood backup <action>.\nThe actions are create, list, verify, prune, restore, drill.",
    ],
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
});

describe("a service that does not fit", () => {
  it("refuses a wrong token without repeating it", async () => {
    const emulator = await startEmulator();
    onTestFinished(() => emulator.close());
    const { directory } = project();
    const environment = { UPSTASH_VECTOR_REST_URL: emulator.url, UPSTASH_VECTOR_REST_TOKEN: "wrong-token" };
    const { code, error } = await runHere(["ask", "x"], { directory, environment });
    expect(code).toBe(1);
    expect(error).toContain("Invalid auth token\nCheck the token in UPSTASH_VECTOR_REST_TOKEN");
    expect(error).not.toContain("wrong-token");
  });

  it("has another dimension than the settings", async () => {
    const emulator = await startEmulator({ settings: { ...dense, dimension: 7 } });
    onTestFinished(() => emulator.close());
    const { directory } = project();
    const environment = {
      UPSTASH_VECTOR_REST_URL: emulator.url,
      UPSTASH_VECTOR_REST_TOKEN: emulator.token,
    };
    const { code, error } = await runHere(["ingest"], { directory, environment });
    expect(code).toBe(1);
    expect(error).toContain(
      "The index has 7 dimensions; VECTOR_DIMENSION is 1024. The index has no embedding model",
    );
  });
});

describe("a directory that cannot be used", () => {
  it.each([
    ["is below a file", "file/sub", "ENOTDIR, a part of its path is a file"],
    ["is below /proc", "/proc/ragfood/here", "cannot be made"],
    ["has a name that is too long", "x".repeat(300), "ENAMETOOLONG, its path, or a name in it, is too long"],
    ["holds a file of another program", "held", "is not an index"],
  ])("a directory cannot be used if it %s", async (_, RAGFOOD_DIR, message) => {
    const { directory } = project();
    writeFileSync(join(directory, "file"), "");
    mkdirSync(join(directory, "held"));
    writeFileSync(join(directory, "held", "index.sqlite"), "something else entirely, and not a database");
    const { code, error } = await runHere(["ask", "x"], { directory, environment: { RAGFOOD_DIR } });
    expect(code).toBe(1);
    expect(error).toContain(message);
  });
});

describe("help", () => {
  it.each(allCommands.map(({ definition }) => definition.name))(
    "%s --help shows usage and examples, without colours",
    async (name) => {
      const { directory } = project();
      const { code, out } = await runHere([...name.split(" "), "--help"], { directory });
      expect(code).toBe(0);
      expect(out).toContain(`USAGE ragfood ${name}`);
      expect(out).toMatch(/\nEXAMPLES\n\n {2}\S/);
      expect(out).not.toContain(escapeCharacter);
    },
  );

  it("help of each command keeps to 100 columns", async () => {
    const { directory } = project();
    for (const { definition } of allCommands) {
      const { out } = await runHere([...definition.name.split(" "), "--help"], { directory });
      const commandLines = definition.examples.map(([line]) => `  ${line}`);
      const long = out.split("\n").filter((line) => line.length > 100 && !commandLines.includes(line));
      expect(long.filter((line) => !line.startsWith("USAGE"))).toEqual([]);
    }
  });

  it("of a group lists its actions", async () => {
    const { directory } = project();
    const { out } = await runHere(["migrate", "--help"], { directory });
    expect(out).toMatch(/ACTIONS\n\n {2}run +Run all phases/);
  });

  it("of a command is also shown by help and its name", async () => {
    const { directory } = project();
    const asked = await runHere(["help", "migrate", "run"], { directory });
    expect(asked).toEqual(await runHere(["migrate", "run", "--help"], { directory }));
    expect((await runHere(["help", "aks"], { directory })).error).toContain("Did you mean ask?");
  });

  it("loads no code of a command", async () => {
    const { directory } = project("MAX_RESULTS=broken\n");
    expect((await runHere(["ask", "--help"], { directory })).code).toBe(0);
  });

  it("lists the commands, and prints the version", async () => {
    const { directory } = project();
    expect((await runCli(["--help"], { directory })).out).toMatch(/ask +Answer one question/);
    expect((await runCli(["--version"], { directory })).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await runCli([], { directory })).code).toBe(2);
  });
});
