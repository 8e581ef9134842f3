import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileFilter, formatFilter, parseFilter } from "../../../src/embedded/filter/index.ts";
import { FilterSyntaxError } from "../../../src/foundation/errors.ts";

const hangGuard = 60_000;

/** Parses; any error but a syntax error is thrown on. */
function attempt(text: string): ReturnType<typeof parseFilter> | FilterSyntaxError {
  try {
    return parseFilter(text);
  } catch (error) {
    if (error instanceof FilterSyntaxError) return error;
    throw error;
  }
}

describe("limits", () => {
  test("section 5: an IN list of 1000 strings is rejected", () => {
    const list = (length: number): string =>
      Array.from({ length }, (_, index) => `'value${index}'`).join(", ");
    expect(() => parseFilter(`tags IN (${list(1000)})`)).toThrow("a list holds more than 999 values");
    expect(parseFilter(`tags IN (${list(999)})`)).toMatchObject({ values: { length: 999 } });
  });

  test("parentheses nest 100 deep at most", () => {
    const nested = (depth: number): string => `${"(".repeat(depth)}a = 1${")".repeat(depth)}`;
    expect(parseFilter(nested(100))).toMatchObject({ kind: "comparison" });
    expect(() => parseFilter(nested(101))).toThrow("At line 1:100 parentheses nest deeper than 100");
    expect(parseFilter(Array(300).fill(nested(1)).join(" AND "))).toMatchObject({
      operands: { length: 300 },
    });
  });

  test("a filter has 65536 characters at most", () => {
    const ofLength = (length: number): string => `a = '${"x".repeat(length - 6)}'`;
    expect(parseFilter(ofLength(65_536))).toMatchObject({ kind: "comparison" });
    expect(() => parseFilter(ofLength(65_537))).toThrow("the filter is longer than 65536 characters");
  });

  test("a number that no double holds is rejected", () => {
    expect(() => parseFilter(`a < ${"9".repeat(400)}`)).toThrow("At line 1:4 number out of range: '999");
  });
});

describe("hostile inputs end in a syntax error", { timeout: hangGuard }, () => {
  const million = 1_000_000;
  test.each([
    ["100,000 open parentheses", "(".repeat(100_000)],
    ["60,000 open parentheses", "(".repeat(60_000)],
    ["a string of 1 MB", `a = '${"x".repeat(million)}'`],
    ["an open string", `a = '${"x".repeat(60_000)}`],
    ["quotes without end", "'".repeat(60_001)],
    ["backslashes without end", `a = '${"\\".repeat(60_000)}`],
    ["one long word", "a".repeat(60_000)],
    ["1 MB of one word", "a".repeat(million)],
    ["a path of dots", `a${".".repeat(60_000)}`],
    ["a path of indexes, cut", `a${"[0]".repeat(20_000)}[`],
    ["open brackets", `a${"[".repeat(60_000)}`],
    ["digits", "9".repeat(60_000)],
    ["HAS NOT without end", "HAS NOT ".repeat(8_000)],
    ["a list without end", `a IN (${"1,".repeat(30_000)}`],
    ["a chain without end", "a=1 AND ".repeat(8_000)],
    ["blanks", " ".repeat(60_000)],
    ["line breaks", "\n".repeat(60_000)],
    ["lone surrogates", "\ud800".repeat(60_000)],
  ])("%s", (_, text) => {
    const error = attempt(text);
    expect(error).toBeInstanceOf(FilterSyntaxError);
    expect((error as FilterSyntaxError).message.length).toBeLessThan(300);
  });
});

describe("hostile inputs that are legal are judged in bounded time", { timeout: hangGuard }, () => {
  const text = "a".repeat(48_000);

  test.each([
    ["stars", `${"*".repeat(60_000)}b`],
    ["stars between letters", `${"*a".repeat(1_000)}*b`],
    ["question marks", `*${"?".repeat(200)}b`],
    ["sets", `*${"[a-y]".repeat(200)}b`],
    ["a long tail", `*${"a".repeat(400)}b`],
    ["open brackets", "[".repeat(60_000)],
  ])("glob: %s", (_, pattern) => {
    // Past what the parser lets through, too: a filter may also be put together in code.
    for (const negated of [false, true]) {
      expect(compileFilter({ kind: "glob", field: "x", pattern, negated })({ x: text })).toBe(negated);
    }
  });

  test("a pattern has 1,000 characters at the most", () => {
    expect(parseFilter(`x GLOB '${"?".repeat(1_000)}'`)).toMatchObject({ kind: "glob" });
    expect(() => parseFilter(`x GLOB '${"?".repeat(1_001)}'`)).toThrow(
      "a pattern is longer than 1000 characters",
    );
  });

  test("a path of 20,000 indexes, and one of 20,000 keys", () => {
    const indexes = `a${"[0]".repeat(20_000)}`;
    let nested: unknown = 7;
    for (let depth = 0; depth < 20_000; depth++) nested = [nested];
    expect(compileFilter(parseFilter(`${indexes} = 7`))({ a: nested })).toBe(true);
    expect(compileFilter(parseFilter(`${"a.".repeat(20_000)}a = 7`))({ a: { a: 1 } })).toBe(false);
  });

  test("chains of thousands of conditions, 100 parentheses deep", () => {
    const chain = Array(7_000).fill("a=1").join(" OR ");
    expect(compileFilter(parseFilter(chain))({ a: 1 })).toBe(true);
    const tower = `${"a=1 AND (b=2 OR (".repeat(50)}a=1${"))".repeat(50)}`;
    const expression = parseFilter(tower);
    expect(compileFilter(expression)({ a: 1 })).toBe(true);
    expect(parseFilter(formatFilter(expression))).toEqual(expression);
  });
});

describe("fuzz: nothing but FilterSyntaxError is thrown", () => {
  const metadata = { a: 1, b: "x", list: ["x", 1, null], nested: { a: { b: true } } };

  function survives(text: string): void {
    const outcome = attempt(text);
    if (outcome instanceof FilterSyntaxError) {
      expect(outcome.message).toMatch(/^Invalid filter\. At line \d+:\d+ /);
      return;
    }
    expect(typeof compileFilter(outcome)(metadata)).toBe("boolean");
    expect(parseFilter(formatFilter(outcome))).toEqual(outcome);
  }

  test("random strings", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 60 }), survives), { numRuns: 3000 });
    const unit = fc.constantFrom(..."aA_0.[]#-'\"\\()=!<>, \n*?é🍛");
    fc.assert(fc.property(fc.string({ unit, maxLength: 30 }), survives), { numRuns: 5000 });
  });

  test("token soups", () => {
    const token = fc.constantFrom(
      ...["AND", "or", "NOT", "GLOB", "IN", "CONTAINS", "HAS", "FIELD", "(", ")", ",", "=", "!=", "<", ">="],
      ...["a", "list[#-1]", "nested.a.b", "'x'", '"y*"', "1", "-2.5", "true", "a = 1", "IN ('x')", "[", "'"],
    );
    const soup = fc.array(token, { maxLength: 12 }).map((tokens) => tokens.join(" "));
    fc.assert(fc.property(soup, survives), { numRuns: 10_000 });
  });

  test("filters with one character changed", () => {
    const filter = "a = 1 AND (b NOT IN ('x', \"y\") OR HAS NOT FIELD list[#-1]) AND b GLOB '[^x]*'";
    const edit = fc.tuple(
      fc.nat(filter.length),
      fc.nat(2),
      fc.string({ unit: "binary-ascii", maxLength: 2 }),
    );
    fc.assert(
      fc.property(edit, ([place, removed, inserted]) => {
        survives(filter.slice(0, place) + inserted + filter.slice(place + removed));
      }),
      { numRuns: 5000 },
    );
  });
});
