import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type FilterExpression,
  type FilterLiteral,
  formatFilter,
  parseFilter,
} from "../../../src/embedded/filter/index.ts";
import { FilterSyntaxError } from "../../../src/foundation/errors.ts";
import { anyExpression, nearExpression } from "./arbitraries.ts";

function literalText(value: FilterLiteral): string {
  return formatFilter({ kind: "comparison", field: "x", operator: "=", value }).slice("x = ".length);
}

test.each([
  ["a='x'and b!=1 or(c>=2)", "a = 'x' AND b != 1 OR c >= 2"],
  ["a = 1 AND (b = 2 OR c = 3)", "a = 1 AND (b = 2 OR c = 3)"],
  ["(a = 1 AND b = 2) OR c = 3", "a = 1 AND b = 2 OR c = 3"],
  ["a = 1 AND (b = 2 AND c = 3)", "a = 1 AND (b = 2 AND c = 3)"],
  ['a not in ("x" , 1,TRUE)', "a NOT IN ('x', 1, true)"],
  ["a in (1)", "a IN (1)"],
  ["a glob 'x*' or a not glob 'y'", "a GLOB 'x*' OR a NOT GLOB 'y'"],
  ["a contains 1 and a not contains 2", "a CONTAINS 1 AND a NOT CONTAINS 2"],
  ["has field a.b[#-1] and has not field c", "HAS FIELD a.b[#-1] AND HAS NOT FIELD c"],
])("%s becomes %s", (text, canonical) => {
  expect(formatFilter(parseFilter(text))).toBe(canonical);
});

describe("section 5, quotes: the one that the text lacks, else doubled", () => {
  test.each([
    ["India", "'India'"],
    ["", "''"],
    ["City's Name", `"City's Name"`],
    ['Contains "quotes"', `'Contains "quotes"'`],
    [`both ' and "`, `'both '' and "'`],
    [String.raw`C:\dir`, String.raw`'C:\dir'`],
    ["ends in \\", String.raw`'ends in \\'`],
    [String.raw`\\`, String.raw`'\\\\'`],
    [String.raw`\'`, String.raw`"\\'"`],
  ])("%s is written %s", (value, text) => {
    expect(literalText(value)).toBe(text);
    expect(parseFilter(`x = ${text}`)).toMatchObject({ value });
  });
});

describe("section 5, exponent numbers are written as decimals", () => {
  test.each([
    [1e-10, "0.0000000001"],
    [-1.25e-7, "-0.000000125"],
    [1e21, `1${"0".repeat(21)}`],
    [-1.5e22, `-15${"0".repeat(21)}`],
    [41.0082, "41.0082"],
    [-10, "-10"],
    [-0, "0"],
    [Number.MAX_SAFE_INTEGER, "9007199254740991"],
  ])("%d is written %s", (value, text) => {
    expect(literalText(value)).toBe(text);
  });

  test("every finite number is read back", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = literalText(value);
        expect(text).toMatch(/^-?\d+(\.\d+)?$/);
        expect(parseFilter(`x = ${text}`)).toMatchObject({ value: value === 0 ? 0 : value });
      }),
      { numRuns: 2000 },
    );
  });
});

test("parseFilter reads back what formatFilter wrote", () => {
  fc.assert(
    fc.property(fc.oneof(anyExpression, nearExpression), (expression) => {
      const text = formatFilter(expression);
      expect(parseFilter(text)).toEqual(expression);
      expect(formatFilter(parseFilter(text))).toBe(text);
    }),
    { numRuns: 3000 },
  );
});

test("a chain of one operand is that operand", () => {
  const chain: FilterExpression = {
    kind: "or",
    operands: [parseFilter("a = 1"), parseFilter("b = 1")],
  };
  expect(formatFilter({ kind: "and", operands: [chain] })).toBe("a = 1 OR b = 1");
  const nested: FilterExpression = {
    kind: "and",
    operands: [parseFilter("c = 1"), { kind: "and", operands: [parseFilter("a = 1")] }],
  };
  expect(formatFilter(nested)).toBe("c = 1 AND a = 1");
});

describe("what the language cannot say is refused", () => {
  test.each(["", "in", "Has", "true", "a b", "a[", "a[]", "é", ".a", "a = 1 OR b", "a\n", "0a", "a'"])(
    "the field %j",
    (field) => {
      const filter: FilterExpression = { kind: "has-field", field, negated: false };
      expect(() => formatFilter(filter)).toThrow(FilterSyntaxError);
      expect(() => formatFilter(filter)).toThrow(`a filter cannot name the field '${field}'`);
    },
  );

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])("the number %d", (value) => {
    expect(() => literalText(value)).toThrow(FilterSyntaxError);
  });

  test("an empty list and a chain of nothing", () => {
    expect(() => formatFilter({ kind: "in", field: "a", values: [], negated: false })).toThrow(
      "the list for 'a' is empty",
    );
    expect(() => formatFilter({ kind: "and", operands: [] })).toThrow("'and' has no operands");
  });
});
