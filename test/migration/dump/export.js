/** Exports records into a dump and prints a line after each batch and at the end: `node export.js <directory> <count>`. */
import { writeSync } from "node:fs";
import { writeDump } from "../../../dist/migration/dump/index.js";

const [directory, count] = process.argv.slice(2);
const recordCount = Number(count);

const source = {
  name: "numbers",
  describe: async () => ({ kind: "embedded", collection: "", recordCount, dimension: 16 }),
  async *records() {
    for (let start = 0; start < recordCount; start += 100) {
      yield Array.from({ length: Math.min(100, recordCount - start) }, (_, index) => ({
        id: `${start + index}`,
        vector: Float32Array.from({ length: 16 }, () => Math.random()),
      }));
    }
  },
};

try {
  await writeDump(source, directory, {
    shardRecords: 500,
    discardPartial: true,
    onEvent: (event) => writeSync(1, `${event.type}\n`),
  });
  writeSync(1, "dump-end\n");
} catch (error) {
  writeSync(1, `${error.code}: ${error.message}\n`);
  process.exitCode = 1;
}
