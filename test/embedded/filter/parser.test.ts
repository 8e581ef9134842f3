import { describe, expect, test } from "vitest";
import { type FilterExpression, parseFilter } from "../../../src/embedded/filter/index.ts";

function equals(field: string, value: string | number | boolean): FilterExpression {
  return { kind: "comparison", field, operator: "=", value };
}

describe("section 5, grammar: conditions", () => {
  test.each(["=", "!=", "<", "<=", ">", ">="] as const)("comparison %s", (operator) => {
    const expected = { kind: "comparison", field: "energy", operator, value: 400 };
    expect(parseFilter(`energy ${operator} 400`)).toEqual(expected);
    expect(parseFilter(`energy${operator}400`)).toEqual(expected);
  });

  test("[NOT] GLOB, [NOT] IN, [NOT] CONTAINS, HAS [NOT] FIELD", () => {
    expect(parseFilter("city GLOB '?[sz]*[^m-z]'")).toEqual({
      kind: "glob",
      field: "city",
      pattern: "?[sz]*[^m-z]",
      negated: false,
    });
    expect(parseFilter("city NOT GLOB 'A*'")).toMatchObject({ kind: "glob", pattern: "A*", negated: true });
    expect(parseFilter("region IN ('India', 7, true)")).toEqual({
      kind: "in",
      field: "region",
      values: ["India", 7, true],
      negated: false,
    });
    expect(parseFilter("currency NOT IN('USD','EUR')")).toMatchObject({
      values: ["USD", "EUR"],
      negated: true,
    });
    expect(parseFilter("allergens CONTAINS 'nuts'")).toEqual({
      kind: "contains",
      field: "allergens",
      value: "nuts",
      negated: false,
    });
    expect(parseFilter("allergens NOT CONTAINS 'nuts'")).toMatchObject({ kind: "contains", negated: true });
    expect(parseFilter("HAS FIELD energy")).toEqual({ kind: "has-field", field: "energy", negated: false });
    expect(parseFilter("HAS NOT FIELD energy")).toEqual({
      kind: "has-field",
      field: "energy",
      negated: true,
    });
  });
});

describe("section 5, grammar: AND, OR and parentheses", () => {
  test("chains are flat", () => {
    expect(parseFilter("a = 1 AND b = 2 AND c = 3")).toEqual({
      kind: "and",
      operands: [equals("a", 1), equals("b", 2), equals("c", 3)],
    });
    expect(parseFilter("a = 1 OR b = 2 OR c = 3")).toMatchObject({ kind: "or", operands: { length: 3 } });
  });

  test("AND binds tighter than OR", () => {
    expect(parseFilter("a = 1 AND b = 2 OR c = 3")).toEqual({
      kind: "or",
      operands: [{ kind: "and", operands: [equals("a", 1), equals("b", 2)] }, equals("c", 3)],
    });
    expect(parseFilter("a = 1 OR b = 2 AND c = 3")).toEqual({
      kind: "or",
      operands: [equals("a", 1), { kind: "and", operands: [equals("b", 2), equals("c", 3)] }],
    });
  });

  test("parentheses bind tightest", () => {
    expect(parseFilter("a = 1 AND (b = 2 OR c = 3)")).toEqual({
      kind: "and",
      operands: [equals("a", 1), { kind: "or", operands: [equals("b", 2), equals("c", 3)] }],
    });
    expect(parseFilter("(((a = 1)))")).toEqual(equals("a", 1));
  });

  test("no general NOT", () => {
    expect(() => parseFilter("NOT a = 1")).toThrow("At line 1:0 extraneous input 'NOT' expecting");
    expect(() => parseFilter("NOT (a = 1)")).toThrow("At line 1:0 extraneous input 'NOT' expecting");
    expect(() => parseFilter("NOT NOT a = 1")).toThrow("At line 1:0 mismatched input 'NOT' expecting");
  });
});

describe("section 5: keywords and booleans are case-insensitive", () => {
  test.each([
    ["a in ('x') and b Not Glob 'y' Or has not field c", "a IN ('x') AND b NOT GLOB 'y' OR HAS NOT FIELD c"],
    ["a contains TRUE", "a CONTAINS true"],
    ["a = False", "a = false"],
  ])("%s", (text, canonical) => {
    expect(parseFilter(text)).toEqual(parseFilter(canonical));
  });

  test("fields keep their case", () => {
    expect(parseFilter("isCapital = true")).toEqual(equals("isCapital", true));
  });

  test("a word that only begins like a keyword is a field", () => {
    expect(parseFilter("android = 1")).toEqual(equals("android", 1));
    expect(parseFilter("has.field = 1")).toEqual(equals("has.field", 1));
    expect(parseFilter("in-stock = true")).toEqual(equals("in-stock", true));
  });
});

describe("section 5, id", () => {
  test.each(["a.b.c", "arr[0]", "arr[#-1]", "_x", "A9_", "a-b", "a[0][1].b[#-2]", "a..b", "a.", "x#y"])(
    "%s",
    (field) => {
      expect(parseFilter(`${field} = 1`)).toEqual(equals(field, 1));
    },
  );

  test("industries#-1] lexes as an id", () => {
    expect(parseFilter("industries#-1] = 'x'")).toEqual(equals("industries#-1]", "x"));
  });

  test.each(["field[]", "field[", ".field", "9a", "a[-1]", "a[#]", "a[1.5]", "a[x]", "a[0]b", "é", "$a"])(
    "rejected: %s",
    (field) => {
      expect(() => parseFilter(`${field} = 'x'`)).toThrow("Invalid filter.");
    },
  );
});

describe("section 5, lit", () => {
  test.each([
    ["'India'", "India"],
    ['"India"', "India"],
    ["''", ""],
    [`'Contains "quotes"'`, 'Contains "quotes"'],
    [`"City's Name"`, "City's Name"],
    ["'Crème brûlée 🍮'", "Crème brûlée 🍮"],
    ["'two\nlines'", "two\nlines"],
    ["-10", -10],
    ["0", 0],
    ["-0", 0],
    ["41.0082", 41.0082],
    ["007", 7],
    ["1", 1],
    ["true", true],
    ["false", false],
  ])("%s", (text, value) => {
    expect(parseFilter(`x = ${text}`)).toEqual(equals("x", value));
  });

  test.each([
    ["'It''s'", "It's"],
    ["''''", "'"],
    ['"say ""hi"""', 'say "hi"'],
    [String.raw`'It\'s'`, "It's"],
    [String.raw`"say \"hi\""`, 'say "hi"'],
    [String.raw`'\"'`, '"'],
    [String.raw`'a\\b'`, String.raw`a\b`],
    [String.raw`'C:\dir'`, String.raw`C:\dir`],
    [String.raw`'ends in \\'`, "ends in \\"],
  ])("doubled quotes and backslash escapes: %s", (text, value) => {
    expect(parseFilter(`x = ${text}`)).toEqual(equals("x", value));
  });

  test.each(["1e5", "1E5", ".5", "5.", "+5", "--5", "0x10", "1.2.3", "null", "Infinity", "x"])(
    "not a literal: %s",
    (text) => {
      expect(() => parseFilter(`x = ${text}`)).toThrow("Invalid filter.");
    },
  );
});

test("blanks between tokens: space, tab, line breaks", () => {
  expect(parseFilter(" \ta\n=\r\n1 ")).toEqual(equals("a", 1));
  expect(parseFilter("a=1AND(b=2)")).toMatchObject({ kind: "and" });
});
