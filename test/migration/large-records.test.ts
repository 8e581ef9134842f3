import { describe, expect, it } from "vitest";
import { maximumBatchBytes, PageSize } from "../../src/foundation/bounded-batch.ts";
import { ChromaDirectory } from "../../src/migration/chroma-directory/index.ts";
import { DumpSource, writeDump } from "../../src/migration/dump/index.ts";
import { importRecords } from "../../src/migration/import/index.ts";
import type { RecordSource } from "../../src/migration/source.ts";
import { StoreSource } from "../../src/migration/store-source.ts";
import { recordsBytes } from "../../src/store/record-bytes.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";
import { makeStore, vectorOf } from "./chroma-directory/stores.ts";
import { faultyStore } from "./import/faulty-store.ts";
import { embeddedIndex, MemorySource, storeOf, withLedger } from "./import/helpers.ts";

const textBytes = 500_000;

function largeRecords(count: number): { id: string; text: string; vector: Float32Array }[] {
  return Array.from({ length: count }, (_, number) => ({
    id: `large-${number}`,
    text: `${number} `.padEnd(textBytes, "soup "),
    vector: vectorOf(number),
  }));
}

/** Bytes of the largest batch, and the number of records in all. */
async function readAll(source: RecordSource): Promise<{ largest: number; count: number }> {
  let [largest, count] = [0, 0];
  for await (const batch of source.records()) {
    largest = Math.max(largest, recordsBytes(batch));
    count += batch.length;
  }
  return { largest, count };
}

describe("batches of large records are bounded by bytes (texts of 0.5 MB)", () => {
  it.each(["tables", "write-ahead queue"])("from the %s of a Chroma directory", async (place) => {
    const path = makeStore("1.3", (collection, store) => {
      for (const record of largeRecords(40)) collection.apply("add", record);
      // As if Chroma had been killed before it wrote the records to its tables.
      if (place !== "tables") {
        for (const table of ["embedding_metadata", "embeddings", "max_seq_id"])
          store.database.exec(`DELETE FROM ${table}`);
      }
    });
    const directory = ChromaDirectory.open(path);
    const source = directory.source(directory.collections[0]!);
    const { largest, count } = await readAll(source);
    directory.close();
    expect(count).toBe(40);
    expect(largest).toBeLessThanOrEqual(maximumBatchBytes + textBytes);
  });

  it("from a dump", async () => {
    const directory = `${temporaryDirectory()}/dump`;
    await writeDump(new MemorySource(() => largeRecords(40)), directory);
    const { largest, count } = await readAll(DumpSource.open(directory));
    expect(count).toBe(40);
    expect(largest).toBeLessThanOrEqual(maximumBatchBytes + textBytes);
  });

  it("from an index, once a page has shown how large its records are", async () => {
    const store = storeOf(embeddedIndex());
    for (const record of largeRecords(90)) await store.upsertRecords([record]);
    const pages: number[] = [];
    for await (const batch of new StoreSource({ store }).records()) pages.push(recordsBytes(batch));
    expect(pages.slice(1).every((bytes) => bytes <= maximumBatchBytes + textBytes)).toBe(true);
    expect(pages.length).toBeGreaterThan(3);
  });

  it("in an import: few of them are in memory, independent of their number", async () => {
    const all = largeRecords(240);
    let [read, acknowledged, held] = [0, 0, 0];
    const source = new MemorySource(() => all);
    const { store } = faultyStore(
      storeOf(embeddedIndex()),
      () => {
        held = Math.max(held, source.yielded - acknowledged);
        return undefined;
      },
      (some) => {
        acknowledged += some.length;
      },
    );
    read = all.length;
    const counted: RecordSource = {
      name: source.name,
      describe: () => source.describe(),
      close: async () => {},
      records: () => source.records({ batchSize: 16 }),
    };
    const target = { store, namespace: "", embedding: "carried" } as const;
    const report = await withLedger(temporaryDirectory(), (ledger) =>
      importRecords({ source: counted, target, ledger }),
    );
    expect(report).toMatchObject({ outcome: "complete", acknowledged: read });
    // 48 MiB of blocks, one batch that is read, and one request.
    expect(held).toBeLessThan(160);
  });
});

describe("PageSize", () => {
  it("grows while records are small, and shrinks with large ones", () => {
    const size = new PageSize(1_000);
    expect(size.next).toBe(50);
    size.observe(50, 50 * 100);
    expect(size.next).toBe(200);
    size.observe(200, 200 * 100);
    size.observe(800, 800 * 100);
    expect(size.next).toBe(1_000);
    size.observe(1_000, 1_000 * 1_048_576);
    expect(size.next).toBe(8);
    size.observe(8, 8 * 16_777_216);
    expect(size.next).toBe(1);
    expect(new PageSize(10).next).toBe(10);
  });
});
