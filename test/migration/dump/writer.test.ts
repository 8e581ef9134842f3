import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DumpSource, DumpWriter, writeDump } from "../../../src/migration/dump/index.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { ListSource, readAll, someRecords } from "./records.ts";

const description = await new ListSource([]).describe();

describe("writing a dump (MIG-3)", () => {
  it("reports its batches and shards, and has the description of its source", async () => {
    const directory = join(temporaryDirectory(), "deep", "dump");
    const events: string[] = [];
    const manifest = await writeDump(new ListSource(someRecords(12)), directory, {
      shardRecords: 10,
      onEvent: (event) =>
        events.push(event.type === "batch-end" ? `${event.done} of ${event.total}` : event.shard.file),
    });
    expect(events).toEqual(["7 of 12", "records-00001.jsonl.gz", "12 of 12", "records-00002.jsonl.gz"]);
    expect(readdirSync(directory).sort()).toEqual([
      "manifest.json",
      "records-00001.jsonl.gz",
      "records-00002.jsonl.gz",
    ]);
    expect(manifest).toMatchObject({
      format: "ragfood-dump",
      formatVersion: 1,
      source: { kind: "chroma-directory", name: "list foods", collection: "foods" },
      embeddingModel: "mxbai-embed-large",
      dimension: 4,
      similarityFunction: "EUCLIDEAN",
      encryption: null,
      recordCount: 12,
      vectorCount: 12,
      sparseVectorCount: 0,
    });
    expect(await DumpSource.open(directory).describe()).toEqual({
      ...(await new ListSource(someRecords(12)).describe()),
      kind: "dump",
    });
  });

  it("closes a shard by its bytes too", async () => {
    const directory = join(temporaryDirectory(), "dump");
    const { shards } = await writeDump(new ListSource(someRecords(20)), directory, { shardBytes: 1_000 });
    expect(shards.length).toBeGreaterThan(1);
    for (const shard of shards.slice(0, -1)) expect(shard.contentByteCount).toBeGreaterThanOrEqual(1_000);
    for (const shard of shards) expect(shard.contentByteCount).toBeLessThan(1_200);
  });

  it("has one content hash for the same records in any order, and another for others", async () => {
    const parent = temporaryDirectory();
    const hashOf = async (name: string, list: StoreRecord[]) =>
      (await writeDump(new ListSource(list), join(parent, name), { shardRecords: 5 })).contentHash;
    const list = someRecords(12);
    const hash = await hashOf("one", list);
    expect(await hashOf("two", list.toReversed())).toBe(hash);
    expect(await hashOf("three", list.with(3, { ...(list[3] as StoreRecord), text: "" }))).not.toBe(hash);
  });

  it("omits vectors on request, and keeps half a surrogate pair in JSON Lines", async () => {
    const list: StoreRecord[] = [
      {
        id: "\ud800",
        text: "\udfff",
        vector: new Float32Array(4),
        sparseVector: { indices: [1], values: [2] },
      },
    ];
    const parent = temporaryDirectory();
    await writeDump(new ListSource(list), join(parent, "jsonl"));
    expect(await readAll(DumpSource.open(join(parent, "jsonl")))).toEqual(list);
    for await (const batch of DumpSource.open(join(parent, "jsonl")).records({ includeVectors: false })) {
      expect(batch).toEqual([{ id: "\ud800", text: "\udfff" }]);
    }
    await expect(
      writeDump(new ListSource(list), join(parent, "parquet"), { format: "parquet" }),
    ).rejects.toThrow(/half of a surrogate pair/);
    const plain = someRecords(3);
    await writeDump(new ListSource(plain), join(parent, "parquet"), { format: "parquet" });
    for await (const batch of DumpSource.open(join(parent, "parquet")).records({ includeVectors: false })) {
      expect(batch).toEqual(plain.map(({ vector, ...rest }) => rest));
    }
  });

  const refused: [name: string, record: StoreRecord, problem: RegExp][] = [
    ["an id that comes twice", { id: "food-1" }, /"food-1": an earlier record has the same id/],
    ["another dimension", { id: "x", vector: [1] }, /has 1 dimension; the source has 4/],
    ["a number that JSON lacks", { id: "x", metadata: { a: [Number.NaN] } }, /metadata\.a\[0\] is NaN/],
    ["a function", { id: "x", metadata: { a: () => 1 } }, /metadata\.a is of type function/],
    ["a date", { id: "x", metadata: { a: new Date() } }, /metadata\.a is an instance of Date/],
    ["a list for metadata", { id: "x", metadata: [] as never }, /metadata is not a JSON object/],
    ["an id that is a number", { id: 1 as never }, /the id is not a string/],
    [
      "sparse parts that do not match",
      { id: "x", sparseVector: { indices: [1, 2], values: [1] } },
      /2 indices and 1 values/,
    ],
    ["a negative index", { id: "x", sparseVector: { indices: [-1], values: [1] } }, /has the index -1/],
  ];

  it.each(refused)("refuses %s, and leaves nothing", async (_name, record, problem) => {
    const parent = temporaryDirectory();
    const source = new ListSource([...someRecords(9), record]);
    await expect(writeDump(source, join(parent, "dump"))).rejects.toThrow(problem);
    expect(readdirSync(parent)).toEqual([]);
  });

  it("refuses a source that returns another number of records than it says", async () => {
    const parent = temporaryDirectory();
    const source = new ListSource(someRecords(9), { recordCount: 10 });
    await expect(writeDump(source, join(parent, "dump"))).rejects.toThrow(
      /said it has 10 records and returned 9/,
    );
    expect(readdirSync(parent)).toEqual([]);
  });

  it("never takes the place of anything", async () => {
    const parent = temporaryDirectory();
    mkdirSync(join(parent, "directory"));
    writeFileSync(join(parent, "file"), "mine");
    for (const name of ["directory", "file"]) {
      await expect(writeDump(new ListSource([]), join(parent, name))).rejects.toThrow(/never overwritten/);
    }
    expect(readdirSync(join(parent, "directory"))).toEqual([]);
  });

  it("refuses a second writer, and reports what a killed one left", async () => {
    const directory = join(temporaryDirectory(), "dump");
    const writer = DumpWriter.create(directory, { name: "one", description });
    await writer.append(someRecords(3));
    const again = () => DumpWriter.create(directory, { name: "two", description });
    expect(again).toThrow(/cut short, or is going on/);
    await writer.finish();
    await writer.abandon();
    expect(await readAll(DumpSource.open(directory))).toEqual(someRecords(3));
    await expect(writer.append(someRecords(1))).rejects.toThrow(/no longer being written/);
  });

  it("cannot be finished after a record that it did not take", async () => {
    const directory = join(temporaryDirectory(), "dump");
    const writer = DumpWriter.create(directory, { name: "one", description, format: "parquet" });
    await writer.append(someRecords(3));
    await expect(writer.append([{ id: "\ud800" }])).rejects.toThrow(/half of a surrogate pair/);
    await expect(writer.finish()).rejects.toThrow(/no longer being written/);
    await writer.abandon();
    expect(existsSync(directory)).toBe(false);
    expect(existsSync(`${directory}.partial`)).toBe(false);
  });

  it("does not take a directory that came meanwhile", async () => {
    const directory = join(temporaryDirectory(), "dump");
    const writer = DumpWriter.create(directory, { name: "one", description });
    mkdirSync(directory);
    await expect(writer.finish()).rejects.toThrow(/never overwritten/);
    await writer.abandon();
    expect(existsSync(`${directory}.partial`)).toBe(false);
  });

  it("stops when cancelled, and leaves nothing", async () => {
    const parent = temporaryDirectory();
    const controller = new AbortController();
    const { signal } = controller;
    const onEvent = () => controller.abort();
    const writing = writeDump(new ListSource(someRecords(20)), join(parent, "dump"), { signal, onEvent });
    await expect(writing).rejects.toThrow(/cancelled/);
    expect(readdirSync(parent)).toEqual([]);
  });

  it.each(["jsonl", "parquet"] as const)(
    "has the file of a shard as soon as it takes a record, so that none comes when it was abandoned (%s)",
    async (format) => {
      const parent = temporaryDirectory();
      const writer = DumpWriter.create(join(parent, "dump"), { name: "one", description, format });
      await writer.append(someRecords(1));
      expect(readdirSync(join(parent, "dump.partial"))).toHaveLength(1);
      await writer.abandon();
      expect(readdirSync(parent)).toEqual([]);
    },
  );

  it("refuses a malformed key", () => {
    const key = { id: "short", bytes: new Uint8Array(16) };
    const directory = join(temporaryDirectory(), "dump");
    expect(() => DumpWriter.create(directory, { name: "one", description, key })).toThrow(
      /must have 32 bytes/,
    );
  });
});
