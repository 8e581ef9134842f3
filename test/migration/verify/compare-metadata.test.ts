import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareMetadata } from "../../../src/migration/verify/compare-metadata.ts";

function places(expected: Record<string, unknown>, actual: Record<string, unknown>): string[] {
  return compareMetadata(expected, actual).map(({ path, change }) => `${path} ${change}`);
}

describe("compareMetadata (MIG-6)", () => {
  it.each<[Record<string, unknown>, Record<string, unknown>, string[]]>([
    [{ n: 1 }, { n: "1" }, ["n type"]],
    [{ n: 1 }, { n: true }, ["n type"]],
    [{ n: 0 }, { n: null }, ["n type"]],
    [{ n: null }, {}, ["n absent"]],
    [{}, { n: null }, ["n added"]],
    [{ n: undefined }, {}, []],
    [{ n: -0 }, { n: 0 }, []],
    [{ n: 1 }, { n: 1.0000001 }, ["n value"]],
    [{ a: { b: [1, { c: "x" }] } }, { a: { b: [1, { c: "y" }] } }, ["a.b[1].c value"]],
    [{ a: [1, 2, 3] }, { a: [3, 1, 2] }, ["a order"]],
    [{ a: [1, 2] }, { a: [1] }, ["a length"]],
    [{ a: [1, "2"] }, { a: [1, 2] }, ["a[1] type"]],
    [{ a: [] }, { a: {} }, ["a type"]],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, []],
    [{ "a b": 1, "": 2 }, { "a b": 2, "": 3 }, ['["a b"] value', '[""] value']],
    [JSON.parse('{"__proto__": 1}'), {}, ["__proto__ absent"]],
    [{ a: "é" }, { a: "e\u0301" }, ["a value"]],
    [{ a: { b: 1 } }, { a: null }, ["a type"]],
  ])("%j against %j: %j", (expected, actual, found) => {
    expect(places(expected, actual)).toEqual(found);
  });

  it("takes no metadata and empty metadata for one", () => {
    expect(compareMetadata(undefined, {})).toEqual([]);
  });

  it("names what differs, cut to a readable length", () => {
    const [difference] = compareMetadata({ a: "x".repeat(1_000) }, { a: "e\u0301" });
    expect(difference?.expected).toHaveLength(101);
    expect(compareMetadata({ a: "\u00e9" }, { a: "e\u0301" })[0]?.detail).toContain("Unicode normalisation");
  });

  const object = fc.dictionary(fc.string(), fc.jsonValue());

  it("finds no difference between an object and its JSON, and one between two exactly if their JSON differs", () => {
    fc.assert(
      fc.property(object, object, (left, right) => {
        expect(compareMetadata(left, JSON.parse(JSON.stringify(left)))).toEqual([]);
        const isSame = canonical(left) === canonical(right);
        expect(compareMetadata(left, right).length === 0).toBe(isSame);
      }),
    );
  });
});

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([left], [right]) => (left < right ? -1 : 1)))
      : part,
  );
}
