import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { describe, expect, it } from "vitest";
import { DataError } from "../../../src/foundation/errors.ts";
import { runMigration } from "../../../src/migration/run/index.ts";
import { environmentOf, startIndex } from "../../cli/migrate-helpers.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { makeStore, recordOf, segmentOf } from "../chroma-directory/stores.ts";
import { chromaOf, lyingServer, project } from "./helpers.ts";

describe("the proof of a run", () => {
  it("is never stale: a record that was changed since stops the next run", async () => {
    const index = await startIndex();
    const { run } = project(index.environment);
    const source = chromaOf(30);
    expect(await run(source, "upstash")).toMatchObject({ isComplete: true });
    await index.client.update({ id: "food-7", metadata: { calories: 8 } });
    const again = await run(source, "upstash");
    expect(again).toMatchObject({ isComplete: false, refused: { phase: "verify" } });
    expect(again.proof.records).toMatch(/^NOT PASSED: 29 of 30 records identical, 1 difference/);
    expect(again.proof.results).toBe("not compared");
  });

  it("says when a phase ran that was not repeated", async () => {
    const { run, directory } = project();
    const source = chromaOf(10);
    await run(source, `embedded:${join(directory, "index")}`);
    const { events, proof } = await run(source, `embedded:${join(directory, "index")}`);
    expect(events).toContainEqual(
      expect.objectContaining({ type: "phase-skip", phase: "bench", finishedAt: expect.any(String) }),
    );
    expect(proof.speed).toMatch(/\(\d{4}-\d\d-\d\d \d\d:\d\d UTC\)$/);
  });

  it.each([
    ["every tenth record", (id: string) => /0$/.test(id), 3],
    ["a single record", (id: string) => id === "food-17", 1],
  ])("stops if queries never return %s, and names it", async (_, hides, count) => {
    const index = await startIndex();
    const url = await lyingServer(index.url, (match) => (hides(match.id) ? undefined : match));
    const { run } = project(environmentOf(url, index.token));
    const { isComplete, refused, migration } = await run(chromaOf(30), "upstash");
    expect(isComplete).toBe(false);
    expect(refused).toMatchObject({ phase: "compare" });
    expect(refused?.found).toContain(`${count} of 30 records are not found by their own vector`);
    expect(refused?.found).toContain(count === 1 ? "food-17" : "food-10");
    const report = readFileSync(join(migration.directory, "report.md"), "utf8");
    expect(report).toMatch(/food-(17|10) \| none \| not-found/);
  });

  it("finds records that queries stopped returning after a complete run (items 2 and 3)", async () => {
    const index = await startIndex();
    let isHidden = false;
    const url = await lyingServer(index.url, (match) =>
      isHidden && match.id === "food-3" ? undefined : match,
    );
    const { run } = project(environmentOf(url, index.token));
    const source = chromaOf(12);
    expect(await run(source, "upstash")).toMatchObject({ isComplete: true });
    isHidden = true;
    expect(await run(source, "upstash")).toMatchObject({ refused: { phase: "compare" } });
  });

  it("stops if queries return another content than the index holds, and names the record", async () => {
    const index = await startIndex();
    const url = await lyingServer(index.url, (match) =>
      match.id === "food-5" ? { ...match, metadata: { calories: 6 } } : match,
    );
    const { run } = project(environmentOf(url, index.token));
    const { refused, proof } = await run(chromaOf(12), "upstash");
    expect(refused).toMatchObject({ phase: "compare", found: expect.stringContaining("food-5") });
    expect(proof.results).toContain("NOT PASSED");
  });

  it("leads with one sentence each for records, results and speed", async () => {
    const { run, directory } = project();
    const { proof, migration } = await run(chromaOf(30), `embedded:${join(directory, "index")}`);
    expect(proof.records).toMatch(/^identical: 30 records, both ways/);
    expect(proof.results).toMatch(/^All 30 records are found by their own vector\. The same but for ties/);
    expect(proof.results).not.toContain("differences");
    expect(proof.speed).toMatch(/^target [\d.]+ ms on average/);
    const report = readFileSync(join(migration.directory, "report.md"), "utf8");
    expect(report.indexOf("- Records: identical")).toBeLessThan(report.indexOf("- From:"));
    // One name for one hash.
    expect(report).not.toMatch(/Content: /);
    expect(report).toContain("Hash of the records with their vectors");
    expect(report).toContain("Hash of the source's records without vectors");
  });
});

describe("the passes of a run", () => {
  it("are three over the source and one over all ids of the target", async () => {
    const { open, directory } = project();
    // The doctor reads a sample of 500 records, which is not a pass.
    const migration = await open(chromaOf(600), `embedded:${join(directory, "index")}`);
    const passes = { source: 0, target: 0 };
    const { records } = migration.source;
    const readSource = records.records.bind(records);
    records.records = async function* (options) {
      yield* readSource(options);
      passes.source++;
    };
    const counted = {
      ...migration,
      openTarget: async (access: "read" | "write") => {
        const target = await migration.openTarget(access);
        const readTarget = target.store.range.bind(target.store);
        target.store.range = (options) => {
          passes.target++;
          return readTarget(options);
        };
        return target;
      },
    };
    const result = await runMigration(counted, { signal: new AbortController().signal });
    expect(result.isComplete).toBe(true);
    // Plan, export and verification; the verification also fetches each record by its id.
    expect(passes).toEqual({ source: 3, target: 1 });
  });
});

describe("the metric of the target", () => {
  it("is that of the source if the index is created", async () => {
    const { open, directory } = project();
    const { target } = await open(chromaOf(5), `embedded:${join(directory, "index")}`);
    expect(target.info.similarityFunction).toBe("EUCLIDEAN");
  });

  it("stops the run if it changes the ranks, until that is accepted; the warning is an event", async () => {
    const index = await startIndex({
      settings: {
        type: "DENSE",
        dimension: 4,
        similarityFunction: "COSINE",
        embeddingModel: "",
        sparseEmbeddingModel: "",
      },
    });
    const { run } = project(index.environment);
    const source = chromaOf(30);
    const stopped = await run(source, "upstash");
    expect(stopped).toMatchObject({ isComplete: false, refused: { phase: "plan" } });
    expect(stopped.refused?.advice).toContain("--accept-metric-change");
    expect(await index.count()).toBe(0);
    const accepted = await run(source, "upstash", { planning: { acceptMetricChange: true } });
    expect(accepted.isComplete).toBe(true);
    expect(accepted.events).toContainEqual(
      expect.objectContaining({ type: "finding", level: "warning", code: "metric-change" }),
    );
  });
});

describe("a Chroma directory without its HNSW folder", () => {
  it("is migrated completely with the target's model, and the comparison says what it lacks", async () => {
    const { run, directory } = project();
    const source = makeStore("1.3", (collection) => {
      for (let number = 0; number < 7; number++) collection.apply("add", recordOf(number));
      collection.sync();
      for (let number = 7; number < 10; number++) collection.apply("add", recordOf(number));
    });
    rmSync(segmentOf(source), { recursive: true });
    const { isComplete, proof, refused } = await run(source, `embedded:${join(directory, "index")}`, {
      embedding: "target",
    });
    expect(refused).toBeUndefined();
    expect(isComplete).toBe(true);
    expect(proof.records).toMatch(/^identical: 10 records/);
    expect(proof.results).toMatch(/Not compared with the source: the source is files without dense vectors/);
  });
});

describe("a source without records", () => {
  it("is an error, and nothing is created", async () => {
    const { open, directory } = project();
    await expect(open(chromaOf(0), `embedded:${join(directory, "index")}`)).rejects.toThrow(
      expect.objectContaining({ message: expect.stringContaining("the source holds no records") }),
    );
    await expect(open(chromaOf(0), "embedded")).rejects.toThrow(DataError);
    expect(existsSync(join(directory, "index"))).toBe(false);
    expect(existsSync(join(directory, ".ragfood"))).toBe(false);
  });

  it("is accepted on request, and still creates no index", async () => {
    const { run, directory } = project();
    const to = `embedded:${join(directory, "index")}`;
    const { isComplete, proof } = await run(chromaOf(0), to, { allowEmpty: true });
    expect(isComplete).toBe(true);
    expect(proof.results).toBe("not compared: there are no records to query with");
    expect(existsSync(join(directory, "index"))).toBe(false);
  });
});

describe("the settings for the target", () => {
  it("name the model that the source names, else a placeholder, and never a default", async () => {
    const { open, directory } = project({ EMBEDDING_MODEL: "mxbai-embed-large" });
    const migration = await open(chromaOf(5), `embedded:${join(directory, "index")}`);
    expect(migration.target).toMatchObject({
      settings: { EMBEDDING_MODEL: "<the model that made the vectors>" },
    });
  });

  it.each([
    ["embedding_model", "nomic-embed-text"],
    ["Embedding Model", "bge-m3"],
    ["model", "all-minilm"],
  ])("name the model in the metadata %s of the collection", async (key, model) => {
    const { open, directory } = project();
    const source = chromaOf(5);
    const database = new DatabaseSync(join(source, "chroma.sqlite3"));
    database
      .prepare(
        "INSERT INTO collection_metadata (collection_id, key, str_value) SELECT id, ?, ? FROM collections",
      )
      .run(key, model);
    database.close();
    const migration = await open(source, `embedded:${join(directory, "index")}`);
    expect(migration.target).toMatchObject({ settings: { EMBEDDING_MODEL: model } });
  });
});

describe("the report of a run", () => {
  it("is written if the export throws, and names what was thrown", async () => {
    const { run, directory } = project();
    const source = chromaOf(5);
    const to = `dump:${join(directory, "out")}`;
    expect(await run(source, to)).toMatchObject({ isComplete: true });
    const { refused, error, report } = await run(source, to, { dumpFormat: "parquet", name: "other" });
    expect(refused).toMatchObject({ phase: "export", found: expect.stringContaining("already exists") });
    expect(error).toBeInstanceOf(Error);
    const text = readFileSync(report?.markdown ?? "", "utf8");
    expect(text).toContain("**Stopped.**");
    expect(text).toContain("already exists, as jsonl");
  });

  it("is written if the plan throws, as when the target does not answer any more", async () => {
    const index = await startIndex();
    const { open, directory } = project(index.environment);
    const migration = await open(chromaOf(5), "upstash");
    await index.close();
    const broken = { ...migration, examine: async function* () {} };
    const { report, refused } = await runMigration(broken, { signal: new AbortController().signal });
    expect(refused?.phase).toBe("plan");
    expect(readFileSync(report?.markdown ?? "", "utf8")).toContain("| plan | failed |");
    expect(directory).toBeTruthy();
  });
});

describe("records of somebody else in the target", () => {
  it("get an advice that leads on: keep them, or use another namespace", async () => {
    const index = await startIndex();
    const { run } = project(index.environment);
    const source = chromaOf(10);
    await index.client.upsert({ id: "foreign", vector: [1, 2, 3, 4] });
    const stopped = await run(source, "upstash");
    expect(stopped.refused).toMatchObject({ phase: "verify" });
    expect(stopped.refused?.advice).toMatch(/--allow-extras.*--delete-extras.*--namespace/);
    const kept = await run(source, "upstash", { allowExtras: true });
    expect(kept.isComplete).toBe(true);
    expect(kept.proof.records).toContain("the target holds 1 other record");
    expect(await index.count()).toBe(11);
  });
});

describe("one backup", () => {
  it("serves all migrations of a directory in the same state", async () => {
    const { run, directory } = project();
    const source = chromaOf(5);
    const first = await run(source, `embedded:${join(directory, "one")}`);
    const second = await run(source, `embedded:${join(directory, "two")}`);
    const backupOf = ({ report }: typeof first) =>
      /Archive: (\S+)/.exec(readFileSync(report?.markdown ?? "", "utf8"))?.[1];
    expect(backupOf(first)).toBeDefined();
    expect(backupOf(second)).toBe(backupOf(first));
  });
});

describe("a temporary directory that does not exist", () => {
  it("is replaced by the project's own, and reported", async () => {
    const { run, directory } = project();
    const before = process.env.TMPDIR;
    const source = chromaOf(5);
    process.env.TMPDIR = join(temporaryDirectory(), "nonexistent");
    try {
      const { isComplete, events } = await run(source, `embedded:${join(directory, "index")}`);
      expect(isComplete).toBe(true);
      expect(events).toContainEqual(
        expect.objectContaining({ type: "check", code: "temporary-directory", level: "warning" }),
      );
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
  });
});
