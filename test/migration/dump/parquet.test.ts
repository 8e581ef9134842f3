import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ColumnSource, parquetWriteBuffer } from "hyparquet-writer";
import { expect, it } from "vitest";
import { DataError } from "../../../src/foundation/errors.ts";
import { writeDump } from "../../../src/migration/dump/index.ts";
import { readFooter, readParquet } from "../../../src/migration/dump/parquet-reader.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { ListSource, someRecords } from "./records.ts";

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

it("ends if a number of the footer is negative", async () => {
  const directory = join(temporaryDirectory(), "dump");
  await writeDump(new ListSource(someRecords(2)), directory, { format: "parquet" });
  const shard = readdirSync(directory).find((name) => name.endsWith(".parquet")) as string;
  const bytes = readFileSync(join(directory, shard));
  const end = bytes.length - 8;
  let refused = 0;
  for (let place = end - bytes.readUInt32LE(end); place < end; place++) {
    for (const negative of [1, 3, 5]) {
      // -1 to -3, as the footer's encoding has them (zigzag).
      const changed = Buffer.from(bytes);
      changed[place] = negative;
      try {
        readFooter(changed, shard);
      } catch (error) {
        expect(error).toBeInstanceOf(DataError);
        refused++;
      }
    }
  }
  expect(refused).toBeGreaterThan(100);
});
