import { describe, expect, it } from "vitest";
import { CancelledError, DataError } from "../../../src/foundation/errors.ts";
import { JoinedSource, type JoinOptions, joinMarkdown } from "../../../src/migration/join/index.ts";
import type { StoreRecord } from "../../../src/store/document.ts";
import { temporaryFile } from "../../helpers/temporary.ts";
import { ListSource } from "../records.ts";

const foods = [
  { id: "1", text: "A banana is sweet.", region: "Tropical", type: "Fruit", dietary: ["Vegan"] },
  { id: 2, text: "A lemon is sour.", region: "Tropical", type: null, energy: 0 },
  { id: "3", text: "Pho is a soup.", region: "Vietnam", type: "Soup" },
  { id: "9", text: "Nobody stored this." },
];

const records: StoreRecord[] = [
  { id: "1", text: "A banana is sweet.", vector: [1, 0] },
  { id: "2", text: "A lemon is sour.", metadata: { energy: 29, region: "Tropical" } },
  { id: "3", text: "Pho is a noodle soup.", metadata: {} },
  { id: "old", text: "An old record without metadata." },
];

async function joined(options: Partial<JoinOptions> = {}, file = temporaryFile(JSON.stringify(foods))) {
  const source = await JoinedSource.open({ source: new ListSource(records), file, ...options });
  const out: StoreRecord[] = [];
  for await (const batch of source.records({ batchSize: 3 })) out.push(...batch);
  await source.close();
  return { out, report: source.report!, source };
}

describe("JoinedSource (MIG-13)", () => {
  it("adds what the file has, and reports ids without a partner on either side", async () => {
    const { out, report } = await joined();
    expect(out).toEqual([
      { ...records[0], metadata: { region: "Tropical", type: "Fruit", dietary: ["Vegan"] } },
      { ...records[1], metadata: { energy: 29, region: "Tropical" } },
      { ...records[2], metadata: { region: "Vietnam", type: "Soup" } },
      records[3],
    ]);
    expect(report).toMatchObject({
      fileRecordCount: 4,
      sourceRecordCount: 4,
      joinedCount: 3,
      fields: { region: 2, type: 2, dietary: 1 },
      withoutPartnerInFile: { count: 1, ids: ["old"] },
      withoutPartnerInSource: { count: 1, ids: ["9"] },
      conflicts: { count: 1, ids: ["2"] },
      conflictFields: { energy: 1 },
      conflictsGoTo: "source",
      otherTexts: { count: 1, ids: ["3"] },
    });
    const markdown = joinMarkdown(report);
    expect(markdown).toContain("3 of 4 records have a partner");
    expect(markdown).toContain('Only in the file: 1 record ("9")');
  });

  it("uses the value of the file on request, and joins only the chosen fields", async () => {
    const { out, report } = await joined({ conflictsGoTo: "file", fields: ["energy", "type"] });
    expect(out.map(({ metadata }) => metadata)).toEqual([
      { type: "Fruit" },
      { energy: 0, region: "Tropical" },
      { type: "Soup" },
      undefined,
    ]);
    expect(report.conflicts.count).toBe(1);
  });

  it("gives the same records at each pass, and reports passes that end alone", async () => {
    const file = temporaryFile(foods.map((food) => JSON.stringify(food)).join("\n"), "foods.jsonl");
    const source = await JoinedSource.open({ source: new ListSource(records), file });
    for await (const _ of source.records({ batchSize: 1 })) break;
    expect(source.report).toBeUndefined();
    const passes = [];
    for (let pass = 0; pass < 2; pass++) {
      const out: StoreRecord[] = [];
      for await (const batch of source.records()) out.push(...batch);
      passes.push(out);
    }
    expect(passes[0]).toEqual(passes[1]);
    expect(source.report?.joinedCount).toBe(3);
    expect((await source.describe()).recordCount).toBe(4);
    await source.close();
  });

  it("keeps odd ids apart", async () => {
    const ids = ["a\0b", "a", "\ud800", "\ud801", "é", "e\u0301"];
    const file = temporaryFile(JSON.stringify(ids.map((id, place) => ({ id, place }))));
    const source = new ListSource(ids.map((id) => ({ id })));
    const { out } = await joined({ source }, file);
    expect(out.map(({ metadata }) => metadata)).toEqual(ids.map((_, place) => ({ place })));
  });

  it.each([
    ["no ids", [{ name: "x" }, { id: "" }], /2 faults in 2 records.*line 1, record 1: it has no "id"/s],
    ["an id twice", [{ id: "1" }, { id: 1 }], /record 2 \(id "1"\): an earlier record has the same id/],
  ])("refuses a file with %s", async (_, list, message) => {
    const file = temporaryFile(JSON.stringify(list));
    const error = await joined({}, file).catch((caught) => caught);
    expect(error).toBeInstanceOf(DataError);
    expect(error.message).toMatch(message);
  });

  it("refuses a record that is nested without end, by its line", async () => {
    const nested = `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`;
    const file = temporaryFile(`{"id":"1"}\n{"id":"2","a":${nested}}`);
    await expect(joined({}, file)).rejects.toThrow(/line 2, record 2.*nest deeper than 1000/);
  });

  it("joins integers beyond 2^53 with all their digits, and matches such ids", async () => {
    const file = temporaryFile('[{"id": 1610521604143693812, "code": 1610521604143693813}]');
    const source = new ListSource([{ id: "1610521604143693812" }]);
    const { out } = await joined({ source }, file);
    expect(out[0]?.metadata).toEqual({ code: 1610521604143693813n });
  });

  it.each([
    ["a number that no double holds", '{"id":"1"}\n{"id":"2","rate":1e400}', /line 2, record 2: rate: 1e400/],
    ["a key twice", '{"id":"1","a":1,"a":2}', /line 1, record 1: .*"a".*twice/],
  ])("refuses %s, with line, record and key", async (_, text, message) => {
    await expect(joined({}, temporaryFile(text))).rejects.toThrow(message);
  });

  it("names the flag if the file does not exist, and stops when it is cancelled", async () => {
    await expect(joined({}, "/nowhere/foods.json")).rejects.toMatchObject({
      message: "/nowhere/foods.json does not exist.",
      hint: "Name the data file with --join.",
    });
    await expect(joined({ signal: AbortSignal.abort() })).rejects.toThrow(CancelledError);
  });
});
