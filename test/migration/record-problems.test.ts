import { describe, expect, it } from "vitest";
import { JsonText } from "../../src/foundation/exact-json/index.ts";
import { type RecordLimits, recordProblems } from "../../src/migration/record-problems.ts";
import type { StoreRecord } from "../../src/store/document.ts";

const dense: RecordLimits = { holder: "index", index: { type: "DENSE", dimension: 2 }, embedding: "carried" };
const embedding: RecordLimits = { ...dense, embedding: "target" };
const hybrid: RecordLimits = { ...dense, index: { type: "HYBRID", dimension: 2 } };
const dump: RecordLimits = { holder: "dump", dimension: 2 };
const parquet: RecordLimits = { ...dump, format: "parquet" };

const sound: StoreRecord = { id: "1", text: "Soup", metadata: { region: "India" }, vector: [1, 0] };

function problems(parts: object, limits: RecordLimits): string[] {
  return recordProblems({ ...sound, ...parts } as StoreRecord, limits).map(({ code }) => code);
}

function nested(depth: number): object {
  let value: object = {};
  for (let level = 0; level < depth; level++) value = { a: value };
  return value;
}

describe("the record check that inventory, plan, export and import share", () => {
  it("finds nothing in a sound record, also with integers beyond 2^53 and numbers as text", () => {
    const metadata = { code: 1610521604143693813n, share: new JsonText("1.0") };
    for (const limits of [dense, embedding, dump, parquet]) {
      expect(problems({}, limits)).toEqual([]);
      expect(problems({ metadata }, limits)).toEqual([]);
    }
  });

  it.each<[string, object, string[], string[]]>([
    ["an empty id", { id: "" }, ["invalid-id"], []],
    ["U+0000 in an id", { id: "a\0b" }, ["invalid-id"], []],
    ["an id over 4,096 bytes", { id: "x".repeat(4_097) }, ["invalid-id"], []],
    ["half of a surrogate pair in an id", { id: "\ud800" }, ["invalid-id"], []],
    ["half of a surrogate pair in a text", { text: "a\udc00" }, ["invalid-text"], []],
    ["an id that is a number", { id: 1 }, ["invalid-id"], ["invalid-id"]],
    ["a text that is a number", { text: 1 }, ["invalid-text"], ["invalid-text"]],
    ["a text over 1 MB", { text: "ü".repeat(524_289) }, ["large-text"], []],
    ["metadata over 48 KB", { metadata: { note: "x".repeat(49_142) } }, ["large-metadata"], []],
    ["infinity in metadata", { metadata: { f: 1 / 0 } }, ["invalid-metadata"], ["invalid-metadata"]],
    ["NaN in a list", { metadata: { f: [Number.NaN] } }, ["invalid-metadata"], ["invalid-metadata"]],
    ["a hole in a list", { metadata: { f: new Array(1) } }, ["invalid-metadata"], ["invalid-metadata"]],
    ["a date", { metadata: { f: new Date() } }, ["invalid-metadata"], ["invalid-metadata"]],
    ["a list as metadata", { metadata: [1] }, ["invalid-metadata"], ["invalid-metadata"]],
    ["deep metadata", { metadata: nested(50_000) }, ["invalid-metadata"], ["invalid-metadata"]],
    ["another dimension", { vector: [1] }, ["dimension"], ["dimension"]],
    ["no vector", { vector: undefined }, ["no-vector"], []],
    ["an empty vector", { vector: [] }, ["no-vector"], ["dimension"]],
    ["NaN in a vector", { vector: [1, Number.NaN] }, ["non-finite"], []],
    ["a component past float32", { vector: [1, 1e39] }, ["non-finite"], []],
    ["a sparse vector", { sparseVector: { indices: [1], values: [1] } }, ["sparse-vector"], []],
  ])("%s: refused by an index, and by a dump only if it cannot hold it", (_, parts, byIndex, byDump) => {
    expect(problems(parts, dense)).toEqual(byIndex);
    expect(problems(parts, dump)).toEqual(byDump);
  });

  it("asks for what a target that embeds needs, and for no vector", () => {
    expect(problems({ vector: undefined }, embedding)).toEqual([]);
    expect(problems({ vector: [Number.NaN] }, embedding)).toEqual([]);
    expect(problems({ text: undefined }, embedding)).toEqual(["no-text"]);
    expect(problems({ text: "" }, embedding)).toEqual(["no-text"]);
  });

  it("checks sparse vectors against the index that takes them", () => {
    const sparse = (indices: number[], values = indices.map(() => 1)) =>
      problems({ sparseVector: { indices, values } }, hybrid);
    expect(sparse([1, 7])).toEqual([]);
    expect(sparse([])).toEqual(["no-sparse-vector"]);
    expect(sparse([1], [])).toEqual(["invalid-sparse-vector"]);
    expect(sparse([2 ** 31])).toEqual(["invalid-sparse-vector"]);
    expect(sparse([1], [Number.POSITIVE_INFINITY])).toEqual(["non-finite"]);
    expect(sparse(Array.from({ length: 1_001 }, (__, place) => place))).toEqual(["large-sparse-vector"]);
  });

  it("keeps records over 64 MiB out of JSON Lines, whose lines are bounded", () => {
    const text = "x".repeat(64 * 2 ** 20);
    expect(problems({ text }, dump)).toEqual(["large-record"]);
    expect(problems({ text }, parquet)).toEqual([]);
    // Each of these characters takes six bytes in JSON.
    expect(problems({ text: "\u0001".repeat(11 * 2 ** 20) }, dump)).toEqual(["large-record"]);
    expect(problems({ text: "x".repeat(11 * 2 ** 20) }, dump)).toEqual([]);
  });

  it("keeps text that is not Unicode out of Parquet, which has only UTF-8", () => {
    expect(problems({ id: "\ud800", text: "\udc00" }, parquet)).toEqual(["invalid-id", "invalid-text"]);
  });

  it("names the field that makes metadata too large", () => {
    const metadata = { region: "India", original_text: "x".repeat(50_000) };
    const [problem] = recordProblems({ ...sound, metadata }, dense);
    expect(problem?.message).toMatch(/takes 50\d+ bytes, 50002 of them the field "original_text".*49152/);
  });
});
