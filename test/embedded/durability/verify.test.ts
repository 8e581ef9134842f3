import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { describe, expect, it } from "vitest";
import { VectorIndex } from "../../../src/embedded/index.ts";
import { verifyFile } from "../../../src/embedded/storage/verify.ts";
import { dense } from "../../helpers/index-settings.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";

/** An index with two namespaces and a deleted record, closed, and then changed behind its back. */
function changedBy(sql: string): string {
  const path = join(temporaryDirectory(), "index.sqlite");
  const index = VectorIndex.open({ path, settings: dense });
  const records = ["1", "2", "3"].map((id) => ({
    id,
    dense: Float32Array.of(1, Number(id)),
    sparse: undefined,
    metadata: undefined,
    data: undefined,
  }));
  index.upsert("", records);
  index.upsert("ns", records);
  index.remove("", { ids: ["3"] });
  index.close();
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
  return path;
}

describe("EMB-2: verify", () => {
  it("finds nothing in an index that is whole, and counts its records", () => {
    expect(verifyFile(changedBy(""))).toEqual({ recordCount: 5, faults: [] });
  });

  it.each([
    [
      "UPDATE namespaces SET record_count = 4 WHERE name = 'ns'",
      "a namespace counts records that it does not have",
    ],
    [
      "UPDATE namespaces SET next_position = 3 WHERE name = 'ns'",
      "a namespace would give out a place that is taken",
    ],
    ["DELETE FROM namespaces WHERE name = 'ns'", "a record is in no namespace"],
    [
      "INSERT INTO vectors SELECT 999, checksum, dense, sparse FROM vectors LIMIT 1",
      "vectors belong to no record",
    ],
    [
      "INSERT INTO tombstones (namespace, slot) SELECT namespace, slot FROM records LIMIT 1",
      "a record counts that was deleted",
    ],
    [
      "UPDATE sqlite_sequence SET seq = 1 WHERE name = 'records'",
      "numbers that were given out would be given out again",
    ],
    ["UPDATE namespaces SET name = 'other' WHERE name = ''", "the default namespace is missing"],
  ])("%s: reported only as a fault of the counters", (sql, problem) => {
    expect(verifyFile(changedBy(sql)).faults).toEqual([{ kind: "counter", problem }]);
  });

  it.each([
    ["settings", "UPDATE settings SET value = value || ' '", "the settings are not what was written"],
    ["record", "UPDATE records SET metadata = '{}' WHERE slot = 1", 'the record "1" is not what was written'],
    [
      "record",
      "UPDATE vectors SET dense = zeroblob(8) WHERE slot = 2",
      'the record "2" is not what was written',
    ],
    ["schema", "CREATE TABLE more (a)", "the tables are not those of an index"],
  ])("a fault of the %s: %s", (kind, sql, problem) => {
    expect(verifyFile(changedBy(sql)).faults).toContainEqual({ kind, problem });
  });

  it("reports a check that cannot run, and runs the others", () => {
    const report = verifyFile(
      changedBy("DROP TABLE tombstones; UPDATE namespaces SET record_count = 4 WHERE name = ''"),
    );
    expect(report.faults).toContainEqual({
      kind: "structure",
      problem: expect.stringContaining("no such table: tombstones"),
    });
    expect(report.faults).toContainEqual({
      kind: "counter",
      problem: "a namespace counts records that it does not have",
    });
    expect(report.recordCount).toBe(5);
  });
});

describe("EMB-2: a damaged vector", () => {
  /** The index as a search knows it from before the damage. */
  async function searched(count: number) {
    const path = join(temporaryDirectory(), "index.sqlite");
    const open = () => VectorIndex.open({ path, settings: dense });
    const request = {
      dense: Float32Array.of(1, 0),
      sparse: undefined,
      filter: undefined,
      topK: 3,
      weightByFrequency: false,
      fusion: "RRF",
    } as const;
    const index = open();
    index.upsert(
      "",
      Array.from({ length: count }, (_, place) => ({
        id: `id-${place}`,
        dense: Float32Array.of(1, place / count),
        sparse: undefined,
        metadata: undefined,
        data: undefined,
      })),
    );
    const [best] = await index.query("", request, {});
    expect(best?.record.id).toBe("id-0");
    return { path, index, open, find: (of: VectorIndex) => of.query("", request, {}) };
  }

  it.each([20, 3_000])("is reported by a search that would leave its record out (of %i)", async (count) => {
    const { path, index, open, find } = await searched(count);
    const database = new DatabaseSync(path);
    database.exec("UPDATE vectors SET dense = x'000080bf00000000' WHERE slot = 1");
    database.close();
    await expect(find(index)).rejects.toThrow('the record "id-0" is not what was written');
    index.close();
    const reopened = open();
    await expect(find(reopened)).rejects.toThrow('the record "id-0" is not what was written');
    reopened.close();
  });
});
