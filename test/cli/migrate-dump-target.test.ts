import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runHere } from "../helpers/run-here.ts";
import { stateOf } from "../migration/chroma-directory/stores.ts";
import { chromaProject, eventsOf } from "./migrate-helpers.ts";

const run = ["migrate", "run", "--from", "chroma_db", "--to", "dump:out", "--name", "foods"];
const state = join(".ragfood", "migrations", "foods");

function phasesOf(out: string, type: string): unknown[] {
  return eventsOf(out)
    .filter((event) => event.type === type)
    .map(({ phase }) => phase);
}

describe("a dump as the target of a migration", () => {
  it("is written, checked and verified record by record, with what is joined (MIG-3, MIG-6, MIG-13)", async () => {
    const directory = chromaProject(25);
    const foods = Array.from({ length: 20 }, (_, number) => ({
      id: `food-${number}`,
      text: "x",
      diet: "vegan",
    }));
    writeFileSync(join(directory, "foods.json"), JSON.stringify(foods));
    const words = [...run, "--join", "foods.json", "--json"];
    const dry = await runHere([...words, "--dry-run"], { directory });
    expect(dry.code).toBe(0);
    expect(eventsOf(dry.out).at(-1)).toMatchObject({
      plan: { isPossible: true, sizes: { recordCount: 25 } },
    });
    expect(existsSync(join(directory, "out"))).toBe(false);
    const first = await runHere(words, { directory });
    expect(first).toMatchObject({ code: 0 });
    expect(phasesOf(first.out, "phase-end")).toEqual([
      "doctor",
      "backup",
      "plan",
      "export",
      "check",
      "verify",
    ]);
    // A dump answers no queries: its list of phases is shorter.
    expect(phasesOf(first.out, "phase-leave-out")).toEqual([]);
    expect(eventsOf(first.out).at(-1)).not.toHaveProperty("use");
    const report = readFileSync(join(directory, state, "report.md"), "utf8");
    expect(report).toContain("out, a dump");
    expect(report).toContain("20 of 25 records have a partner");
    expect(report).toContain("| compare | skipped | | | a dump answers no queries |");
    const checked = await runHere(["dump", "check", "out"], { directory });
    expect(checked).toMatchObject({ code: 0, out: expect.stringContaining("25 records") });
    const status = await runHere(["migrate", "status"], { directory });
    expect(status.out).toMatch(/^foods: complete\n \S* ?.*chroma_db foods to .*out\n {2}doctor/);
    const again = await runHere(words, { directory });
    expect(phasesOf(again.out, "phase-begin")).toEqual(["doctor", "verify"]);
    // Without the join it is another dump, and the one that is there is not touched.
    const before = stateOf(join(directory, "out"));
    const other = await runHere([...run.slice(0, -1), "other"], { directory });
    expect(other).toMatchObject({ code: 1, error: expect.stringContaining("never overwritten") });
    expect(other.out).toContain("metadata  food-0: diet is only in the target");
    expect(stateOf(join(directory, "out"))).toEqual(before);
    const verified = await runHere(["migrate", "verify", ...run.slice(2)], { directory });
    expect(verified).toMatchObject({ code: 1, out: expect.stringContaining("20 metadata") });
  });

  it("finds what was damaged since, and what other sources do not have", async () => {
    const directory = chromaProject(12);
    expect(await runHere(run, { directory })).toMatchObject({ code: 0 });
    const index = ["migrate", "import", "--from", "dump:out", "--to", "embedded:index", "--name", "in"];
    expect(await runHere(index, { directory })).toMatchObject({ code: 0 });
    // Ten records fewer, and one more.
    const small = chromaProject(2);
    const sides = ["--from", "chroma_db", "--to", `dump:${join(directory, "out")}`, "--json"];
    const fewer = await runHere(["migrate", "verify", ...sides], { directory: small });
    expect(fewer.code).toBe(1);
    expect(eventsOf(fewer.out).at(-1)).toMatchObject({
      report: { isIdentical: false, equalCount: 2, counts: { extra: 10, missing: 0 } },
    });
    const large = chromaProject(13);
    const more = await runHere(["migrate", "verify", ...sides], { directory: large });
    expect(eventsOf(more.out).at(-1)).toMatchObject({
      report: { equalCount: 12, counts: { extra: 0, missing: 1 }, differences: [{ id: "food-12" }] },
    });
    appendFileSync(join(directory, "out", "records-00001.jsonl.gz"), "x");
    const damaged = await runHere(run, { directory });
    expect(damaged.code).toBe(1);
    expect(damaged.out).toMatch(/STOP\s+check/);
  });

  it("goes back and forth between an index and dumps, encrypted too (MIG-12, OPS-7)", async () => {
    const directory = chromaProject(15);
    writeFileSync(join(directory, "key"), `test:${Buffer.alloc(32, 7).toString("base64")}\n`);
    const migrate = (from: string, to: string, ...rest: string[]) =>
      runHere(["migrate", "run", "--from", from, "--to", to, ...rest], { directory });
    const locked = ["--encrypt", "--key-file", "key"];
    expect(await migrate("chroma_db", "embedded:index")).toMatchObject({ code: 0 });
    expect(await migrate("embedded:index", "dump:one", "--format", "parquet", ...locked)).toMatchObject({
      code: 0,
    });
    expect(await migrate("dump:one", "dump:two", ...locked)).toMatchObject({ code: 0 });
    expect(await migrate("dump:two", "dump:plain", "--key-file", "key")).toMatchObject({ code: 0 });
    const verify = ["migrate", "verify", "--from", "chroma_db", "--to", "dump:plain"];
    expect(await runHere(verify, { directory })).toMatchObject({
      code: 0,
      out: expect.stringContaining("15 of 15 records"),
    });
    const otherwise = await migrate("embedded:index", "dump:plain", "--format", "parquet", "--name", "p");
    expect(otherwise).toMatchObject({ code: 2, error: expect.stringContaining("already exists, as jsonl") });
  });

  it("replaces what its own killed export left, and nothing that somebody else writes (MIG-5)", async () => {
    const directory = chromaProject(5);
    const draft = join(directory, "out.partial");
    mkdirSync(draft);
    for (let attempt = 0; attempt < 2; attempt++) {
      const refused = await runHere(run, { directory });
      expect(refused).toMatchObject({ code: 1, error: expect.stringContaining("cut short, or is going on") });
      expect(existsSync(draft)).toBe(true);
    }
    // As a process leaves it that is killed while it exports.
    writeFileSync(join(directory, state, "export-begun"), join(directory, "out"));
    expect(await runHere(run, { directory })).toMatchObject({ code: 0 });
    expect(existsSync(draft)).toBe(false);
    rmSync(join(directory, "out"), { recursive: true });
    mkdirSync(join(directory, "out"));
    const taken = await runHere(run, { directory });
    expect(taken).toMatchObject({ code: 1, out: expect.stringMatching(/STOP\s+doctor .*is not a dump/) });
  });

  it("imports through the writer of dumps, and refuses what a dump cannot do", async () => {
    const directory = chromaProject(5);
    const words = (action: string, ...rest: string[]) => ["migrate", action, ...run.slice(2), ...rest];
    expect(await runHere(words("import"), { directory })).toMatchObject({ code: 0 });
    expect(await runHere(words("import"), { directory })).toMatchObject({
      code: 1,
      error: expect.stringContaining("never overwritten"),
    });
    const refusals: readonly (readonly [string[], string])[] = [
      [words("compare"), "answers no queries"],
      [words("bench"), "answers no queries"],
      [words("repair"), "no single record"],
      [words("run", "--embed", "target"), "embeds nothing"],
      [words("run", "--similarity", "COSINE"), "does not define a metric"],
      [["migrate", "run", "--from", "dump:out", "--to", "dump:out"], "are the same"],
    ];
    for (const [refused, message] of refusals) {
      expect(await runHere(refused, { directory })).toMatchObject({
        code: 2,
        error: expect.stringContaining(message),
      });
    }
  });
});
