import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { ChromaStore } from "../../../bench/migration/chroma-store.ts";
import { StorageError } from "../../../src/foundation/errors.ts";
import { ChromaDirectory } from "../../../src/migration/chroma-directory/index.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { readAll, recordOf, segmentOf, smallStore, stateOf } from "./stores.ts";

const databaseName = "chroma.sqlite3";

function copies(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("ragfood-recovered-"));
}

describe("a Chroma directory that is read (MIG-2)", () => {
  it.each(["0.4", "1.5"] as const)("%s: does not change, including time stamps", async (version) => {
    const path = smallStore(version, { space: "cosine" });
    const before = stateOf(path);
    const { records } = await readAll(path, { batchSize: 3 });
    expect(records).toHaveLength(10);
    expect(stateOf(path)).toEqual(before);
  });

  it("is rolled back in a copy if a crash left a journal", async () => {
    const path = smallStore("1.0");
    const database = new DatabaseSync(join(path, databaseName));
    database.exec(
      "PRAGMA cache_spill = 1; PRAGMA cache_size = 1; BEGIN; DELETE FROM embedding_metadata; DELETE FROM embeddings",
    );
    const crashed = join(temporaryDirectory(), "chroma_db");
    cpSync(path, crashed, { recursive: true });
    database.exec("ROLLBACK");
    database.close();
    expect(existsSync(join(crashed, `${databaseName}-journal`))).toBe(true);
    const before = stateOf(crashed);
    const copiesBefore = copies();
    const { records } = await readAll(crashed);
    expect(records.map(({ id }) => id)).toEqual(Array.from({ length: 10 }, (_, number) => `food-${number}`));
    expect(stateOf(crashed)).toEqual(before);
    expect(copies()).toEqual(copiesBefore);
  });

  it("is read with its write-ahead log, if SQLite was set to keep one", async () => {
    const path = smallStore("1.0");
    const database = new DatabaseSync(join(path, databaseName));
    database.exec(
      "PRAGMA journal_mode = WAL; UPDATE embedding_metadata SET string_value = 'new' WHERE id = 1 AND string_value IS NOT NULL",
    );
    const copied = join(temporaryDirectory(), "chroma_db");
    cpSync(path, copied, { recursive: true });
    database.close();
    rmSync(join(copied, `${databaseName}-shm`));
    const before = stateOf(copied);
    const { records } = await readAll(copied);
    expect(records[0]?.text).toBe("new");
    expect(stateOf(copied)).toEqual(before);
  });

  it("is refused while another process has it open to write", async () => {
    const path = smallStore("1.0");
    const script = `require("node:fs").openSync(${JSON.stringify(join(path, databaseName))}, "r+"); console.log("open"); setTimeout(() => {}, 60000)`;
    const child = spawn(process.execPath, ["-e", script]);
    onTestFinished(() => void child.kill("SIGKILL"));
    await once(child.stdout, "data");
    if (process.platform !== "linux") return;
    expect(() => ChromaDirectory.open(path)).toThrow(`The process ${child.pid} (node) has ${path} open`);
    child.kill("SIGKILL");
    await once(child, "close");
    ChromaDirectory.open(path).close();
  });

  it("is refused while its database is locked", () => {
    const path = smallStore("1.0");
    const database = new DatabaseSync(join(path, databaseName));
    database.exec("BEGIN EXCLUSIVE");
    expect(() => ChromaDirectory.open(path)).toThrow(StorageError);
    expect(() => ChromaDirectory.open(path)).toThrow(/Another process is writing/);
    database.exec("ROLLBACK");
    database.close();
  });

  it.each<[string, (path: string) => void]>([
    ["a row is added", (path) => addRow(path)],
    ["a file of the index grows", (path) => appendFileSync(join(segmentOf(path), "data_level0.bin"), "x")],
    ["the index is rewritten", (path) => writeFileSync(join(segmentOf(path), "index_metadata.pickle"), "x")],
    ["a journal appears", (path) => writeFileSync(join(path, `${databaseName}-journal`), "x")],
    ["the database is replaced", (path) => replace(join(path, databaseName))],
    ["the database is removed", (path) => rmSync(join(path, databaseName))],
  ])("returns nothing more when %s meanwhile", async (_, change) => {
    const path = smallStore("1.0");
    const directory = ChromaDirectory.open(path);
    onTestFinished(() => directory.close());
    const records = directory.source(directory.collection("foods")).records({ batchSize: 4 });
    expect((await records.next()).value).toHaveLength(4);
    change(path);
    await expect(records.next()).rejects.toThrow(/was written to while/);
  });

  it("stops between batches when the caller gives up", async () => {
    const controller = new AbortController();
    const directory = ChromaDirectory.open(smallStore("1.0"));
    onTestFinished(() => directory.close());
    const records = directory
      .source(directory.collection("foods"))
      .records({ batchSize: 4, signal: controller.signal });
    await records.next();
    controller.abort();
    await expect(records.next()).rejects.toMatchObject({ code: "cancelled" });
  });
});

function addRow(path: string): void {
  const database = new DatabaseSync(join(path, databaseName));
  database.exec("INSERT INTO tenants VALUES ('another')");
  database.close();
}

function replace(file: string): void {
  copyFileSync(file, `${file}.new`);
  rmSync(file);
  copyFileSync(`${file}.new`, file);
}

describe("the collections of a Chroma directory", () => {
  it("are found in every tenant and database, and a name that is not enough is refused", async () => {
    const store = new ChromaStore(join(temporaryDirectory(), "chroma_db"), "1.3");
    for (const tenant of ["default_tenant", "other"]) {
      const collection = store.collection({ name: "foods", dimension: 4, tenant });
      collection.apply("add", { ...recordOf(1), id: tenant });
    }
    store.close();
    const directory = ChromaDirectory.open(store.path);
    onTestFinished(() => directory.close());
    expect(directory.collections.map(({ tenant, database }) => [tenant, database])).toEqual([
      ["default_tenant", "default_database"],
      ["other", "default_database"],
    ]);
    expect(() => directory.collection("foods")).toThrow(/has 2 collections/);
    expect(() => directory.collection("drinks")).toThrow(/no collection "drinks"/);
    const source = directory.source(directory.collection("foods", { tenant: "other" }));
    expect((await source.records().next()).value).toMatchObject([{ id: "other" }]);
  });

  it.each([
    ["0.4", "0.4", "collection metadata"],
    ["0.6", "0.5.6 to 0.6", "collection metadata"],
    ["1.0", "1.0 to 1.2", "configuration"],
    ["1.3", "1.3 to 1.4", "schema"],
    ["1.5", "1.5 or later", "schema"],
  ] as const)(
    "%s: reports version, distance space and where they were found (MIG-3)",
    async (version, writtenBy, foundIn) => {
      const embeddingFunction = { name: "ollama", model: "mxbai-embed-large" };
      const path = smallStore(version, { space: "cosine", embeddingFunction });
      const directory = ChromaDirectory.open(path);
      onTestFinished(() => directory.close());
      expect(directory.version.writtenBy).toBe(writtenBy);
      const collection = directory.collection("foods");
      expect(collection.distance).toMatchObject({ space: "cosine", foundIn });
      const isNoted = version !== "0.4" && version !== "0.6";
      expect(await directory.source(collection).describe()).toEqual({
        kind: "chroma-directory",
        collection: "foods",
        recordCount: 10,
        dimension: 4,
        similarityFunction: "COSINE",
        embeddingModel: isNoted ? "mxbai-embed-large" : undefined,
      });
    },
  );

  it("compare by L2 by default", () => {
    const directory = ChromaDirectory.open(smallStore("0.4"));
    onTestFinished(() => directory.close());
    expect(directory.collection("foods").distance).toEqual({
      space: "l2",
      foundIn: "default",
      contradictedBy: [],
    });
  });
});
