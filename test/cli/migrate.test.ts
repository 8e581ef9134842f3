import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCli } from "../helpers/run-cli.ts";
import { runHere } from "../helpers/run-here.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { segmentOf, stateOf } from "../migration/chroma-directory/stores.ts";
import { chromaProject, eventsOf, startIndex } from "./migrate-helpers.ts";

const run = ["migrate", "run", "--from", "chroma_db", "--to", "embedded:index", "--name", "foods"];
const state = join(".ragfood", "migrations", "foods");

const everyTime = ["doctor", "verify", "compare"];

function phaseEvents(out: string, type: string): unknown[] {
  return eventsOf(out)
    .filter((event) => event.type === type)
    .map(({ phase }) => phase);
}

describe("migrate run", () => {
  it("backs up, plans, exports, checks, imports, verifies, compares, measures and reports (MIG-1 to MIG-10)", async () => {
    const directory = chromaProject(60);
    const before = stateOf(join(directory, "chroma_db"));
    const first = await runCli([...run, "--similarity", "EUCLIDEAN", "--json"], { directory });
    expect(first).toMatchObject({ code: 0 });
    const all = ["doctor", "backup", "plan", "export", "check", "import", "verify", "compare", "bench"];
    expect(phaseEvents(first.out, "phase-end")).toEqual(all);
    expect(eventsOf(first.out).at(-1)).toMatchObject({ type: "run-end", isComplete: true });
    expect(stateOf(join(directory, "chroma_db"))).toEqual(before);
    const report = readFileSync(join(directory, state, "report.md"), "utf8");
    expect(report).toContain("# Migration foods: complete");
    expect(report).toContain("60 of 60 records of the source are in the target as they should be");
    expect(report).toContain("The same but for ties");
    expect(report).toMatch(/ragfood backup restore backups\/chroma_db-\S+\.tar\.gz/);
    const facts = JSON.parse(readFileSync(join(directory, state, "report.json"), "utf8"));
    expect(facts).toMatchObject({
      isComplete: true,
      phases: {
        import: { outcome: { facts: { outcome: "complete", acknowledged: 60 } } },
        verify: { outcome: { facts: { isIdentical: true, equalCount: 60 } } },
        compare: { outcome: { facts: { outcome: "same" } } },
      },
    });
    const again = await runCli([...run, "--similarity", "EUCLIDEAN", "--json"], { directory });
    expect(again).toMatchObject({ code: 0 });
    // Nothing but a new pass shows that the target still holds and finds every record.
    expect(phaseEvents(again.out, "phase-skip")).toEqual(all.filter((phase) => !everyTime.includes(phase)));
    expect(readdirSync(join(directory, "backups"))).toHaveLength(2);
    const status = await runCli(["migrate", "status"], { directory });
    expect(status.out).toMatch(/^foods: complete\n/);
    expect(status.out).toContain("60 records acknowledged");
  });

  it("distinguishes lengths that no longer count from a fault (MIG-8)", async () => {
    const directory = chromaProject(60);
    const cosine = [...run, "--similarity", "COSINE"];
    const stopped = await runHere(cosine, { directory });
    expect(stopped).toMatchObject({ code: 1, error: expect.stringContaining("--accept-metric-change") });
    expect(stopped.out).toMatch(/STOP\s+plan\s+The source compares by L2, the target by cosine/);
    expect(existsSync(join(directory, "index"))).toBe(false);
    const accepted = await runHere([...cosine, "--accept-metric-change"], { directory });
    expect(accepted.code).toBe(0);
    expect(accepted.out).toMatch(
      /warn {2}The source compares by L2, the target by cosine.* are not normalised/,
    );
    expect(accepted.out).toMatch(
      /Results: .*No fault, and other results: mostly both are right by their own/,
    );
    const refused = await runHere([...run, "--similarity", "EUCLIDEAN"], { directory });
    expect(refused).toMatchObject({ code: 2, error: expect.stringContaining("compares by COSINE") });
  });

  it("joins a data file by id, and the target embeds (MIG-13, MIG-7)", async () => {
    const directory = chromaProject(12);
    const foods = Array.from({ length: 11 }, (_, number) => ({
      id: `food-${number}`,
      text: `The food number ${number}, cooked slowly.`,
      type: number < 4 ? "Curry" : "Soup",
    }));
    writeFileSync(join(directory, "foods.json"), JSON.stringify(foods));
    const words = [...run, "--embed", "target", "--join", "foods.json"];
    words[words.indexOf("embedded:index")] = "embedded";
    const migrated = await runHere(words, { directory });
    expect(migrated).toMatchObject({ code: 0 });
    expect(migrated.out).toContain("identical: 12 records");
    expect(migrated.out).toContain("found by their own text");
    const report = readFileSync(join(directory, state, "report.md"), "utf8");
    expect(report).toContain("11 of 12 records have a partner");
    const search = await runHere(
      ["search", "food cooked slowly", "--filter", "type = 'Curry'", "--json", "-k", "9"],
      {
        directory,
      },
    );
    expect(search.code).toBe(0);
    expect(search.out.match(/"Curry"/g)?.length).toBeGreaterThanOrEqual(4);
  });

  it("writes nothing with --dry-run, and says what it would do (MIG-4)", async () => {
    const directory = chromaProject(20);
    const before = stateOf(directory);
    const dry = await runCli([...run, "--dry-run"], { directory });
    expect(dry).toMatchObject({ code: 0, out: expect.stringContaining("# Plan: the migration can run") });
    expect(stateOf(directory)).toEqual(before);
    await runCli(["migrate", "import", ...run.slice(2)], { directory });
    const filled = stateOf(directory);
    for (const action of ["plan", "verify"]) {
      const words = ["migrate", action, ...run.slice(2)];
      expect(await runCli(words, { directory })).toMatchObject({ code: 0 });
    }
    expect(stateOf(directory)).toEqual(filled);
  });

  it("stops before the project's own index, which takes no vectors, and names one that does", async () => {
    const directory = chromaProject(5);
    const words = ["migrate", "run", "--from", "chroma_db", "--to", "embedded", "--vectors", "keep"];
    const stopped = await runHere(words, { directory });
    expect(stopped.code).toBe(1);
    expect(stopped.out).toMatch(/STOP\s+doctor\s+Target: .* is SPARSE \(BM25\)/);
    expect(stopped.error).toContain("--to embedded:DIR");
    expect(existsSync(join(directory, ".ragfood", "index.sqlite"))).toBe(false);
    expect(existsSync(join(directory, "backups"))).toBe(false);
  });

  it("finds a damaged source before anything is written", async () => {
    const directory = chromaProject(40);
    truncateSync(join(segmentOf(join(directory, "chroma_db")), "data_level0.bin"), 200);
    const damaged = await runHere(run, { directory });
    expect(damaged.code).toBe(1);
    expect(damaged.error).toMatch(/data_level0\.bin/);
    expect(existsSync(join(directory, "index"))).toBe(false);
  });

  it("finds a damaged dump at its check, and imports no record of it (MIG-3)", async () => {
    const directory = chromaProject(40);
    expect((await runHere(["dump", "export", "chroma_db", "dump"], { directory })).code).toBe(0);
    const shard = join(directory, "dump", "records-00001.jsonl.gz");
    truncateSync(shard, readFileSync(shard).length - 9);
    const words = [...run];
    words[words.indexOf("chroma_db")] = "dump:dump";
    const damaged = await runHere(words, { directory });
    expect(damaged.code).toBe(1);
    expect(`${damaged.out}${damaged.error}`).toContain("records-00001.jsonl.gz");
    expect(existsSync(join(directory, "index"))).toBe(false);
  });
});

describe("dump export and import", () => {
  it("moves every record out and in again, encrypted too (MIG-3, MIG-12, OPS-7)", async () => {
    const directory = chromaProject(25);
    const key = Buffer.alloc(32, 7).toString("base64");
    writeFileSync(join(directory, "key"), `test:${key}\n`);
    const words = ["dump", "export", "chroma_db", "dump", "--encrypt", "--key-file", "key"];
    const exported = await runHere(words, { directory });
    expect(exported).toMatchObject({
      code: 0,
      out: expect.stringMatching(/dump: 25 records of .*, encrypted/),
    });
    expect(`${exported.out}${exported.error}`).not.toContain(key);
    const target = ["--to", "embedded:index", "--key-file", "key"];
    expect(await runHere(["dump", "import", "dump", ...target], { directory })).toMatchObject({ code: 0 });
    const verified = await runHere(["migrate", "verify", "--from", "chroma_db", "--to", "embedded:index"], {
      directory,
    });
    expect(verified).toMatchObject({ code: 0, out: expect.stringContaining("# Verification: identical") });
    const itself = await runHere(["migrate", "plan", "--from", "embedded:index", "--to", "embedded:index"], {
      directory,
    });
    expect(itself).toMatchObject({ code: 2, error: expect.stringContaining("are the same") });
    const back = await runHere(["dump", "export", "embedded:index", "back", "--format", "parquet"], {
      directory,
    });
    expect(back).toMatchObject({ code: 0 });
    const same = await runHere(["migrate", "verify", "--from", "dump:back", "--to", "embedded:index"], {
      directory,
    });
    expect(same.code).toBe(0);
    const without = await runHere(["dump", "export", "chroma_db", "other", "--encrypt"], { directory });
    expect(without).toMatchObject({ code: 2, error: expect.stringContaining("--key-file") });
  });
});

describe("migrate verify and repair", () => {
  it("fails on a difference, writes it again, and then agrees (MIG-6, MIG-11)", async () => {
    const directory = chromaProject(30);
    const index = await startIndex();
    const sides = ["--from", "chroma_db", "--to", "upstash", "--vectors", "keep"];
    const options = { directory, environment: index.environment };
    const migrate = (action: string) => runHere(["migrate", action, ...sides, "--json"], options);
    expect(await migrate("import")).toMatchObject({ code: 0 });
    await index.client.delete("food-3");
    const differs = await migrate("verify");
    expect(differs.code).toBe(1);
    expect(eventsOf(differs.out)).toContainEqual(
      expect.objectContaining({
        type: "verify-mismatch",
        difference: expect.objectContaining({ kind: "missing", id: "food-3" }),
      }),
    );
    expect(await migrate("repair")).toMatchObject({ code: 0 });
    expect(await index.count()).toBe(30);
    expect(await migrate("catch-up")).toMatchObject({ code: 0 });
    expect(await migrate("compare")).toMatchObject({ code: 0 });
    const measured = await migrate("bench");
    expect(eventsOf(measured.out)).toMatchObject([
      { type: "bench-end", report: { calls: 300, queries: 30 } },
    ]);
  });
});

describe("words of migrations", () => {
  it("answers what it does not know with the forms, exit code 2", async () => {
    const directory = temporaryDirectory();
    const cases: readonly (readonly [string[], RegExp])[] = [
      [["migrate", "fly"], /run, plan, import/],
      [["migrate", "plan", "--from", "http://me:secret@host:8000", "--to", "embedded"], /CHROMA_TOKEN/],
      [["migrate", "plan", "--from", "upstash", "--to", "embedded"], /UPSTASH_VECTOR_REST_URL/],
    ];
    for (const [words, message] of cases) {
      const answered = await runHere(words, { directory });
      expect(answered).toMatchObject({ code: 2, error: expect.stringMatching(message) });
      expect(answered.error).not.toContain("me:secret");
    }
    expect(readdirSync(directory)).toEqual([]);
    const missing = await runHere(["migrate", "plan", "--from", "embedded:none", "--to", "embedded"], {
      directory,
    });
    expect(missing).toMatchObject({ code: 1, error: expect.stringContaining("no embedded index at none") });
    expect(readdirSync(directory)).toEqual([]);
  });
});
