import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/foundation/errors.ts";
import { canBeFiltered } from "../../../src/migration/filter-name.ts";
import { KeyRenaming, RenamedSource } from "../../../src/migration/rename/index.ts";
import { planMigration } from "../../../src/migration/survey/index.ts";
import { verifyRecords } from "../../../src/migration/verify/index.ts";
import { writeRecords } from "../../../src/migration/write.ts";
import { parseFilter } from "../../../src/store/filter.ts";
import { temporaryFile } from "../../helpers/temporary.ts";
import { ListSource, openTarget, sampleRecords } from "../records.ts";

/** What LangChain's splitters and other applications write. */
const metadata = {
  "Header 1": "Soups",
  "loc.lines.from": 7,
  año: 1999,
  in: true,
  "2nd": "b",
  "dc:title": "Stew",
  "": "empty",
  年: 2026,
  region: "Japan",
  nested: { "a b": [{ "c d": 1 }], not: 2 },
};

describe("metadata keys that filters cannot name", () => {
  it.each<[string | readonly (string | 0)[], boolean]>([
    ["region", true],
    ["_2nd", true],
    ["a-b", true],
    [["loc", "lines", 0, "from"], true],
    [["a", "2nd"], true],
    ["Header 1", false],
    ["loc.lines.from", false],
    ["año", false],
    ["in", false],
    ["Not", false],
    ["true", false],
    ["2nd", false],
    ["dc:title", false],
    ["", false],
    ["list[0]", false],
    ["a = 1 OR b", false],
    ["HAS NOT FIELD q OR q", false],
  ])("filters cannot name the key %j: %s", (path, expected) => {
    expect(canBeFiltered(typeof path === "string" ? [path] : path)).toBe(expected);
  });

  it("are warned of by the plan, with their number and the hint", async () => {
    const records = sampleRecords(6).map((record, place) => (place < 2 ? { ...record, metadata } : record));
    const plan = await planMigration({ source: new ListSource(records), target: openTarget("carried") });
    const warning = plan.warnings.find(({ code }) => code === "filter-key");
    expect(warning).toMatchObject({ recordCount: 2, ids: ["food-0", "food-1"] });
    expect(warning?.message).toContain('"Header 1" in 2');
    expect(warning?.hint).toContain("--rename-keys auto");
    expect(plan.isPossible).toBe(true);
  });
});

describe("--rename-keys", () => {
  it("auto: gives each of them a name that a filter can use, at every level", () => {
    const renamed = new KeyRenaming("auto").apply(metadata);
    expect(renamed).toEqual({
      Header_1: "Soups",
      loc_lines_from: 7,
      ano: 1999,
      in_: true,
      _2nd: "b",
      dc_title: "Stew",
      _: "empty",
      u5e74: 2026,
      region: "Japan",
      nested: { a_b: [{ c_d: 1 }], not: 2 },
    });
    expect(new KeyRenaming("auto").apply(renamed)).toEqual(renamed);
  });

  it("keeps a key whose new name is taken, so that no value is lost, in any order of keys", () => {
    const kept: unknown[] = [];
    const auto = new KeyRenaming("auto");
    const record = { "a b": 1, a_b: 2, "c:d": 3, "c d": 4 };
    expect(auto.apply(record, (path) => kept.push(path))).toEqual({ "a b": 1, a_b: 2, c_d: 4, "c:d": 3 });
    expect(kept).toEqual([["a b"], ["c:d"]]);
    expect(auto.apply(Object.fromEntries(Object.entries(record).reverse()))).toEqual(auto.apply(record));
  });

  it("with a map: renames these keys only, and reads it from a file", () => {
    const file = temporaryFile(JSON.stringify({ "Header 1": "header", region: "area" }));
    const { "Header 1": header, region, ...rest } = metadata;
    expect(KeyRenaming.parse(file).apply(metadata)).toEqual({ ...rest, header, area: region });
  });

  it.each<[string, string, RegExp]>([
    ["a name that no filter can use", '{"a": "b c"}', /"b c" of the key "a" cannot be used/],
    ["one name for two keys", '{"a": "x", "b": "x"}', /"a" and "b" have the same new name/],
    ["a list", '["a"]', /does not map keys/],
    ["no JSON", "auto please", /cannot be read/],
    ["a key twice", '{"a": "x", "a": "y"}', /"a".*twice/],
  ])("refuses a map with %s", (_, text, message) => {
    const file = temporaryFile(text);
    expect(() => KeyRenaming.parse(file)).toThrow(UsageError);
    expect(() => KeyRenaming.parse(file)).toThrow(message);
  });

  it("with a map as JSON or as pairs", () => {
    const renamed = { "Header 1": "header", "a=b": "c" };
    expect(KeyRenaming.parse(JSON.stringify(renamed)).apply({ "Header 1": 1, "a=b": 2 })).toEqual({
      header: 1,
      c: 2,
    });
    expect(
      KeyRenaming.parse("Header 1=header,loc.lines=lines").apply({ "Header 1": 1, "loc.lines": 2 }),
    ).toEqual({ header: 1, lines: 2 });
    expect(() => KeyRenaming.parse("a=b,c")).toThrow(/"c" is not old=new/);
    expect(() => KeyRenaming.parse("a=b,a=c")).toThrow(/"a" is renamed twice/);
  });

  it("is what verification compares with: the renamed target is identical, and filters find it", async () => {
    const records = sampleRecords(6).map((record) => ({ ...record, metadata }));
    const source = new RenamedSource(new ListSource(records), new KeyRenaming("auto"));
    const target = openTarget("carried");
    for await (const batch of source.records()) await writeRecords(target, batch);
    expect(await verifyRecords({ source, target })).toMatchObject({ isIdentical: true, equalCount: 6 });
    const filter = parseFilter("Header_1 = 'Soups' AND loc_lines_from = 7 AND ano = 1999 AND in_ = true");
    const found = await target.store.query(
      { vector: [1, 0, 0, 0], topK: 10, filter },
      { namespace: "foods" },
    );
    expect(found).toHaveLength(6);
    const plain = await verifyRecords({ source: new ListSource(records), target });
    expect(plain.isIdentical).toBe(false);
  });
});
