import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import { expect, it } from "vitest";
import { DataError } from "../../../src/errors.ts";
import { readParquet } from "../../../src/migration/dump/parquet.ts";

it.each<[string, ColumnSource[]]>([
  ["no ids", [{ name: "text", data: ["x"] }]],
  ["other columns", [{ name: "id", data: ["a"] }]],
  ["numbers for ids", ["id", "text", "metadata"].map((name) => ({ name, data: [1], type: "INT32" }))],
])("refuses a file with %s", async (_, columnData) => {
  const bytes = new Uint8Array(parquetWriteBuffer({ columnData }));
  const options = { path: "shard", contentByteCount: bytes.length, batchSize: 10, includeVectors: true };
  const reading = readParquet(bytes, options).next();
  await expect(reading).rejects.toBeInstanceOf(DataError);
  await expect(reading).rejects.toThrow("shard: its columns are not those of a dump");
});
