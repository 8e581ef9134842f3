import { parquetWriteBuffer } from "hyparquet-writer";
import { expect, it } from "vitest";
import { DataError } from "../../../src/errors.ts";
import { readParquet } from "../../../src/migration/dump/parquet.ts";

async function read(columns: Readonly<Record<string, unknown[]>>): Promise<unknown[]> {
  const columnData = Object.entries(columns).map(([name, data]) => ({
    name,
    data,
    type: typeof data[0] === "number" ? ("INT32" as const) : ("STRING" as const),
  }));
  const bytes = new Uint8Array(parquetWriteBuffer({ columnData }));
  const options = { path: "shard", contentByteCount: bytes.length, batchSize: 10, includeVectors: false };
  const records: unknown[] = [];
  for await (const batch of readParquet(bytes, options)) records.push(...batch);
  return records;
}

const whole = { id: ["a"], text: ["x"], metadata: ['{"n":1}'] };

it("reads a file of the columns that there are", async () => {
  expect(await read(whole)).toEqual([{ id: "a", text: "x", metadata: { n: 1 } }]);
});

it.each<[string, Readonly<Record<string, unknown[]>>]>([
  ["an id that is missing", { ...whole, id: [null] }],
  ["numbers for ids", { ...whole, id: [1] }],
  ["numbers for texts", { ...whole, text: [1] }],
  ["metadata that is a list", { ...whole, metadata: ["[1]"] }],
  ["metadata that is no JSON", { ...whole, metadata: ["{"] }],
])("refuses a file with %s, by its row", async (_, columns) => {
  const reading = read(columns);
  await expect(reading).rejects.toBeInstanceOf(DataError);
  await expect(reading).rejects.toThrow(/shard, line 1: it is not a record/);
});
