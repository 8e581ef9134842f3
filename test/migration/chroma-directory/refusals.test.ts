import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { describe, expect, it } from "vitest";
import { DataError } from "../../../src/foundation/errors.ts";
import { ChromaDirectory } from "../../../src/migration/chroma-directory/index.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import { temporaryDirectory, temporaryFile } from "../../helpers/temporary.ts";
import { makeStore, readAll, recordOf, segmentOf, smallStore, vectorOf } from "./stores.ts";

function directoryWith(name: string, content: string | Uint8Array): string {
  const path = join(temporaryDirectory(), "chroma_db");
  mkdirSync(path);
  writeFileSync(join(path, name), content);
  return path;
}

function changed(sql: string): string {
  const path = smallStore("1.0");
  const database = new DatabaseSync(join(path, "chroma.sqlite3"));
  database.exec(sql);
  database.close();
  return path;
}

const lfsPointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0000\nsize 123\n";

describe("a path that is not a Chroma directory is named for what it is (MIG-3)", () => {
  it.each<[string, () => string, RegExp]>([
    ["nothing", () => join(temporaryDirectory(), "missing"), /does not exist/],
    ["a file", () => temporaryFile("x"), /is a file/],
    ["an empty directory", () => temporaryDirectory(), /is empty/],
    [
      "another directory",
      () => directoryWith("notes.txt", "x"),
      /is not a Chroma directory: it has no chroma.sqlite3/,
    ],
    ["Chroma 0.3", () => directoryWith("chroma-embeddings.parquet", "PAR1"), /0\.3 or earlier/],
    ["no SQLite", () => directoryWith("chroma.sqlite3", "x".repeat(5_000)), /not a SQLite database/],
    ["an empty database", () => directoryWith("chroma.sqlite3", ""), /chroma.sqlite3 is empty \(0 bytes\)/],
    ["a Git LFS pointer", () => directoryWith("chroma.sqlite3", lfsPointer), /is a Git LFS pointer/],
    ["the database itself", () => join(smallStore("1.0"), "chroma.sqlite3"), /is a part of a Chroma store/],
    ["an archive", () => temporaryFile("PK\u0003\u0004rest"), /is an archive/],
    ["a dump", () => directoryWith("manifest.json", "{}"), /is a dump/],
    ["an embedded index", () => directoryWith("index.sqlite", ""), /is an embedded index/],
    ["an empty file by itself", () => temporaryFile(""), /is empty \(0 bytes\)/],
    ["a folder of HNSW files", () => segmentOf(smallStore("1.0")), /is a part of a Chroma store/],
    [
      "the parent of a store",
      () => join(smallStore("1.0"), ".."),
      /is not a Chroma directory, but holds one/,
    ],
    [
      "a later version",
      () => changed("INSERT INTO migrations VALUES ('metadb', 7, '', '', '')"),
      /later Chroma.*migration 7 of metadb/,
    ],
    [
      "a later part",
      () => changed("INSERT INTO migrations VALUES ('graphdb', 1, '', '', '')"),
      /later Chroma.*graphdb/,
    ],
    ["another database", () => changed("DROP TABLE migrations"), /not one of Chroma/],
    ["no migrations", () => changed("DELETE FROM migrations"), /migrations is missing or empty/],
    [
      "a missing table",
      () => changed("PRAGMA foreign_keys = OFF; DROP TABLE embeddings"),
      /table embeddings is missing/,
    ],
    [
      "a missing segment",
      () => changed("DELETE FROM segments WHERE scope = 'VECTOR'"),
      /0 segments of the kind VECTOR/,
    ],
    [
      "an unknown space",
      () =>
        changed(`UPDATE collections SET config_json_str = '{"vector_index":{"hnsw":{"space":"hamming"}}}'`),
      /distance space/,
    ],
    ["no JSON", () => changed("UPDATE collections SET config_json_str = '{'"), /is not JSON/],
    ["a dimension below one", () => changed("UPDATE collections SET dimension = -1"), /-1 dimensions/],
  ])("a path that is not a Chroma directory is refused: %s", (_, make, message) => {
    const open = () => ChromaDirectory.open(make());
    expect(open).toThrow(DataError);
    expect(open).toThrow(message);
  });

  it("half a database is refused", () => {
    const path = smallStore("1.0");
    truncateSync(join(path, "chroma.sqlite3"), 3 * 4096);
    expect(() => ChromaDirectory.open(path)).toThrow(DataError);
  });
});

describe("the advice fits the fault", () => {
  const hintOf = async (path: string): Promise<string> => {
    const error = await readAll(path).catch((error: DataError) => error);
    return (error as DataError).hint ?? "";
  };
  const withRecord = (metadata: Record<string, number | bigint>) =>
    makeStore("1.5", (collection) => collection.apply("add", { ...recordOf(1), metadata }));

  it("names --large-integers for an integer beyond 2^53, and no backup", async () => {
    expect(await hintOf(withRecord({ tweet: 2n ** 60n + 1n }))).toBe(
      "Add --large-integers text to keep its digits as text.",
    );
  });

  it("names the record and the key of Infinity, which JSON cannot hold", async () => {
    const path = changed(
      "UPDATE embedding_metadata SET float_value = 9e999, int_value = NULL WHERE key = 'share' AND id = 2",
    );
    await expect(readAll(path)).rejects.toThrow(/record "food-1": its metadata "share" is Infinity/);
    expect(await hintOf(path)).toMatch(/Correct the value in Chroma/);
  });

  it("speaks of the model for a vector of another dimension", async () => {
    const path = changed("UPDATE embeddings_queue SET vector = x'0000803f' WHERE id = 'food-8'");
    expect(await hintOf(path)).toMatch(/Another embedding model/);
  });

  it("speaks of the model for HNSW files of another dimension", async () => {
    const path = changed("UPDATE collections SET dimension = 8");
    await expect(readAll(path)).rejects.toThrow(/vectors of 4 dimensions, and the collection has 8/);
    expect(await hintOf(path)).toMatch(/--embed target/);
  });

  it("says so of an HNSW file that Git LFS has not fetched", async () => {
    const path = smallStore("1.0");
    writeFileSync(join(segmentOf(path), "data_level0.bin"), lfsPointer);
    await expect(readAll(path)).rejects.toThrow(/data_level0.bin is a Git LFS pointer/);
    expect(await hintOf(path)).toMatch(/git lfs pull/);
  });

  it.each([
    [
      "a text that is not UTF-8",
      "string_value = CAST(x'ff' AS TEXT)",
      /"food-1": the text "region" .* not UTF-8/,
    ],
    ["a key that is not UTF-8", "key = CAST(x'ff' AS TEXT)", /"food-1": a key of its metadata is not UTF-8/],
    ["a value of another type", "string_value = x'00'", /"food-1": its metadata "region" is of a type/],
  ])("skips one record for %s", async (_, change, message) => {
    const path = changed(`UPDATE embedding_metadata SET ${change} WHERE key = 'region' AND id = 2`);
    await expect(readAll(path, { largeIntegers: "text" })).rejects.toThrow(message);
    const { records, source } = await readAll(path, { salvage: true });
    expect(records).toHaveLength(9);
    expect(source.skipped.faults).toMatchObject([{ id: "food-1" }]);
  });

  it("names a backup and --salvage for damage", async () => {
    const path = smallStore("1.0");
    truncateSync(join(segmentOf(path), "header.bin"), 10);
    expect(await hintOf(path)).toMatch(/backup.*--salvage/);
  });

  it("names the missing folder of HNSW files", async () => {
    const path = smallStore("1.0");
    const segment = segmentOf(path);
    rmSync(segment, { recursive: true });
    await expect(readAll(path)).rejects.toThrow(`the folder ${basename(segment)} is missing`);
    expect(await hintOf(path)).toMatch(/Copy the whole directory.*--embed target/);
  });
});

describe("records without their vectors", () => {
  it("are read if the folder of HNSW files is missing", async () => {
    const path = smallStore("1.0");
    rmSync(segmentOf(path), { recursive: true });
    const { records } = await readAll(path, { includeVectors: false });
    expect(records).toHaveLength(10);
  });

  it("are given to a target that makes the vectors itself", async () => {
    const path = smallStore("1.0");
    rmSync(segmentOf(path), { recursive: true });
    const directory = ChromaDirectory.open(path);
    const source = directory.source(directory.collection());
    source.acceptMissingVectors();
    expect((await source.describe()).dimension).toBe(0);
    const records: StoreRecord[] = [];
    for await (const batch of source.records()) records.push(...batch);
    directory.close();
    // An incomplete set of vectors compares with nothing.
    expect(records.every(({ vector }) => vector === undefined)).toBe(true);
    expect(records.every(({ text }) => text !== undefined)).toBe(true);
  });
});

describe("a damaged store fails with the record, and is salvaged only on request", () => {
  const files = (path: string, name: string) => join(segmentOf(path), name);
  const tail = ["food-7", "food-8", "food-9"];
  // A purge keeps the last row that the files have taken in, and with it the vector.
  const queued = ["food-6", ...tail];

  it.each<[string, (path: string) => void, RegExp, string[]]>([
    [
      "data cut off",
      (path) => truncateSync(files(path, "data_level0.bin"), 5 * 156 + 60),
      /data_level0.bin: it holds 5 elements, and the header says 7/,
      ["food-0", "food-1", "food-2", "food-3", "food-4", ...tail],
    ],
    [
      "lengths cut off",
      (path) => truncateSync(files(path, "length.bin"), 8),
      /length.bin: it is too short for 7/,
      ["food-0", "food-1", ...tail],
    ],
    [
      "no header",
      (path) => truncateSync(files(path, "header.bin"), 0),
      /header.bin: the file ends at byte 0/,
      queued,
    ],
    [
      "a header of another format",
      (path) => writeFileSync(files(path, "header.bin"), Buffer.alloc(100, 2)),
      /format 33686018/,
      queued,
    ],
    [
      "half a pickle",
      (path) => truncateSync(files(path, "index_metadata.pickle"), 90),
      /index_metadata.pickle: the file ends.*at byte/,
      queued,
    ],
    ["no pickle", (path) => truncateSync(files(path, "index_metadata.pickle"), 0), /at byte 0/, queued],
  ])("a damaged store fails with the record: %s", async (_, break_, message, whole) => {
    const path = smallStore("1.0", { space: "cosine" });
    break_(path);
    await expect(readAll(path)).rejects.toThrow(message);
    await expect(readAll(path)).rejects.toBeInstanceOf(DataError);
    const { records, source } = await readAll(path, { salvage: true });
    expect(records.map(({ id }) => id)).toEqual(whole);
    expect(source.skipped.count).toBe(10 - whole.length);
    for (const { id, problem } of source.skipped.faults) {
      expect(whole).not.toContain(id);
      expect(problem).not.toBe("");
    }
  });

  it("an element that is marked as deleted, and that a record still needs", async () => {
    const path = smallStore("1.0");
    const file = files(path, "data_level0.bin");
    const content = readFileSync(file);
    content.writeUInt8(1, 3 * 156 + 2);
    writeFileSync(file, content);
    await expect(readAll(path)).rejects.toThrow(/record "food-3": no element carries its label 4/);
  });

  it("lists of labels that contradict each other", async () => {
    const path = smallStore("1.0");
    const file = files(path, "index_metadata.pickle");
    const content = readFileSync(file);
    const label = content.indexOf("food-3") + "food-3K".length;
    expect(content[label]).toBe(4);
    content.writeUInt8(5, label);
    writeFileSync(file, content);
    await expect(readAll(path)).rejects.toThrow(/two lists of labels do not agree/);
  });

  it("a record without a vector, as two processes on one directory leave it", async () => {
    const path = makeStore("1.0", (collection, store) => {
      for (let number = 0; number < 5; number++) collection.apply("add", recordOf(number));
      store.run("DELETE FROM embeddings_queue WHERE id = 'food-3'");
    });
    await expect(readAll(path)).rejects.toMatchObject({ code: "data", faults: [{ id: "food-3" }] });
    const { records, source } = await readAll(path, { salvage: true });
    expect(records).toHaveLength(4);
    expect(source.skipped.faults).toMatchObject([
      { id: "food-3", problem: expect.stringContaining("no vector") },
    ]);
  });

  it.each<[string, string, RegExp]>([
    [
      "of another length",
      "UPDATE embeddings_queue SET vector = x'0000803f' WHERE id = 'food-8'",
      /record "food-8": row \d+ .* 1 dimensions/,
    ],
    [
      "in another encoding",
      "UPDATE embeddings_queue SET encoding = 'FLOAT16' WHERE id = 'food-8'",
      /unknown encoding "FLOAT16"/,
    ],
    [
      "by an unknown operation",
      "UPDATE embeddings_queue SET operation = 9 WHERE id = 'food-8'",
      /not a change of a record/,
    ],
    [
      "by a number that no operation has",
      "UPDATE embeddings_queue SET operation = -9007199254740992 WHERE id = 'food-8'",
      /a number in its tables is beyond 2\^53/,
    ],
  ])("a vector in the queue %s", async (_, sql, message) => {
    await expect(readAll(changed(sql))).rejects.toThrow(message);
  });

  it("whole numbers in the queue are read as such", async () => {
    const bytes = Buffer.from(Int32Array.of(1, -2, 3, 4).buffer).toString("hex");
    const path = changed(
      `UPDATE embeddings_queue SET encoding = 'INT32', vector = x'${bytes}' WHERE id = 'food-8'`,
    );
    const { records } = await readAll(path);
    expect(records[8]?.vector).toEqual(Float32Array.of(1, -2, 3, 4));
    expect(records[9]?.vector).toEqual(vectorOf(9));
  });
});
