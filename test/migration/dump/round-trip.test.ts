import { randomBytes } from "node:crypto";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkDump, DumpSource, type ShardFormat, writeDump } from "../../../src/migration/dump/index.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";
import { ListSource, readAll, records } from "./records.ts";

const key = { id: "backup-2026", bytes: randomBytes(32) };

const cases: [name: string, format: ShardFormat, isEncrypted: boolean][] = [
  ["JSON Lines", "jsonl", false],
  ["JSON Lines, encrypted", "jsonl", true],
  ["Parquet", "parquet", false],
  ["Parquet, encrypted", "parquet", true],
];

describe.each(cases)("a dump as %s", (_name, format, isEncrypted) => {
  const encryption = isEncrypted ? { key } : {};

  it("returns any records unchanged, in their order (MIG-3)", async () => {
    const parent = temporaryDirectory();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(records, fc.integer({ min: 1, max: 9 }), async (list, shardRecords) => {
        const directory = join(parent, `${run++}`);
        const manifest = await writeDump(new ListSource(list), directory, {
          format,
          shardRecords,
          ...encryption,
        });
        expect(manifest.recordCount).toBe(list.length);
        expect(manifest.shards).toHaveLength(Math.ceil(list.length / shardRecords));
        const source = DumpSource.open(directory, encryption.key);
        expect(await readAll(source, 3)).toEqual(list);
        const report = await checkDump(directory, encryption);
        expect(report.faults).toEqual([]);
        expect(report.isContentChecked).toBe(true);
      }),
      { numRuns: 25 },
    );
  });
});
