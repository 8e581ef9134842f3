import { describe, expect, test } from "vitest";
import { parseFilter } from "../../../src/embedded/filter/index.ts";
import { FilterSyntaxError } from "../../../src/foundation/errors.ts";

function errorOf(text: string): FilterSyntaxError {
  try {
    parseFilter(text);
  } catch (error) {
    if (error instanceof FilterSyntaxError) return error;
    throw error;
  }
  throw new Error(`no error for: ${text}`);
}

describe("Invalid filter", () => {
  test("the text seen on a live index (mem0#6880)", () => {
    const error = errorOf('user_id = "u" AND age = [object Object]');
    expect(error.message).toBe("Invalid filter. At line 1:24 token recognition error at: '['");
    expect(error).toMatchObject({ code: "filter", line: 1, column: 24 });
    expect(error.filter).toBe('user_id = "u" AND age = [object Object]');
  });

  test("section 5, rejected: IN ['a'] (the text seen on a live index)", () => {
    expect(errorOf("category IN ['Bras', 'Shapewear'] AND in_stock = true").message).toBe(
      "Invalid filter. At line 1:12 token recognition error at: '['",
    );
  });

  test.each([
    ["field[] = 'x'", "1:5 token recognition error at: '['"],
    ["field[ = 'x'", "1:5 token recognition error at: '['"],
    [".field = 'x'", "1:0 token recognition error at: '.'"],
    ["a = 1 & b = 2", "1:6 token recognition error at: '&'"],
    ["a ! b", "1:2 token recognition error at: '! '"],
    ["a !", "1:2 token recognition error at: '!'"],
    ["a = -x", "1:4 token recognition error at: '-x'"],
    ["a = 'open", "1:4 token recognition error at: ''open'"],
    ['a = "open\nline', "1:4 token recognition error at: '\"open\\nline'"],
    [String.raw`a = 'open\'`, String.raw`1:4 token recognition error at: ''open\''`],
    ["a = 🍛", "1:4 token recognition error at: '🍛'"],
    ["a\u00a0= 1", "1:1 token recognition error at: '\u00a0'"],
  ])("token recognition error: %s", (text, problem) => {
    expect(errorOf(text).message).toBe(`Invalid filter. At line ${problem}`);
  });

  test.each([
    ["", "1:0 mismatched input '<EOF>' expecting {'(', HAS, IDENTIFIER}"],
    ["  \n ", "2:1 mismatched input '<EOF>' expecting {'(', HAS, IDENTIFIER}"],
    ["'x' = a", "1:0 mismatched input ''x'' expecting {'(', HAS, IDENTIFIER}"],
    ["a = 1 AND", "1:9 mismatched input '<EOF>' expecting {'(', HAS, IDENTIFIER}"],
    ["a = 1 OR OR b = 1", "1:9 extraneous input 'OR' expecting {'(', HAS, IDENTIFIER}"],
    ["()", "1:1 mismatched input ')' expecting {'(', HAS, IDENTIFIER}"],
    ["a = null", "1:4 mismatched input 'null' expecting {STRING, NUMBER, BOOLEAN}"],
    ["a =", "1:3 mismatched input '<EOF>' expecting {STRING, NUMBER, BOOLEAN}"],
    ["a CONTAINS ('x')", "1:11 extraneous input '(' expecting {STRING, NUMBER, BOOLEAN}"],
    ["a GLOB 5", "1:7 mismatched input '5' expecting STRING"],
    ["a IN 5", "1:5 missing '(' at '5'"],
    ["a IN (", "1:6 mismatched input '<EOF>' expecting {STRING, NUMBER, BOOLEAN}"],
    ["a IN ()", "1:6 mismatched input ')' expecting {STRING, NUMBER, BOOLEAN}"],
    ["a IN ('x',)", "1:10 mismatched input ')' expecting {STRING, NUMBER, BOOLEAN}"],
    ["a IN ('x'", "1:9 mismatched input '<EOF>' expecting {')', ','}"],
    ["HAS energy", "1:4 mismatched input 'energy' expecting {NOT, FIELD}"],
    ["HAS FIELD 'a'", "1:10 mismatched input ''a'' expecting IDENTIFIER"],
    ["a = 1 b = 2", "1:6 mismatched input 'b' expecting {<EOF>, AND, OR}"],
    ["a = 1 b AND c = 2", "1:6 mismatched input 'b' expecting {<EOF>, AND, OR}"],
    ["(a = 1 b = 2)", "1:7 mismatched input 'b' expecting {')', AND, OR}"],
    ["((a = 1", "1:7 mismatched input '<EOF>' expecting {')', AND, OR}"],
    ["a = 1e5 OR b = 1", "1:5 mismatched input 'e5' expecting {<EOF>, AND, OR}"],
  ])("mismatched, missing and extraneous in place: %s", (text, problem) => {
    expect(errorOf(text).message).toBe(`Invalid filter. At line ${problem}`);
  });

  test.each([
    ["a", "1:1 no viable alternative at input 'a'"],
    ["a 'x'", "1:2 no viable alternative at input 'a'x''"],
    ["a NOT = 1", "1:6 no viable alternative at input 'aNOT='"],
    ["a not", "1:5 no viable alternative at input 'anot'"],
    ["a = 1 AND b AND c = 1", "1:12 no viable alternative at input 'bAND'"],
  ])("no viable alternative: %s", (text, problem) => {
    expect(errorOf(text).message).toBe(`Invalid filter. At line ${problem}`);
  });

  test.each([
    ["a = 1)", "1:5 extraneous input ')' expecting <EOF>"],
    ["a = 1 e5", "1:6 extraneous input 'e5' expecting <EOF>"],
    ["(a = 1 b)", "1:7 extraneous input 'b' expecting ')'"],
    ["a GLOB 5 'x'", "1:7 extraneous input '5' expecting STRING"],
    ["a IN ('x' 'y')", "1:10 extraneous input ''y'' expecting {')', ','}"],
    ["HAS x FIELD a", "1:4 extraneous input 'x' expecting {NOT, FIELD}"],
  ])("extraneous input: %s", (text, problem) => {
    expect(errorOf(text).message).toBe(`Invalid filter. At line ${problem}`);
  });

  test.each([
    ["(a = 1", "1:6 missing ')' at '<EOF>'"],
    ["a = 1 AND (b = 2 OR c = 3", "1:25 missing ')' at '<EOF>'"],
    ["a IN 'x', 'y')", "1:5 missing '(' at ''x''"],
    ["a GLOB", "1:6 missing STRING at '<EOF>'"],
    ["a GLOB AND b = 1", "1:7 missing STRING at 'AND'"],
    ["(a GLOB)", "1:7 missing STRING at ')'"],
    ["HAS NOT a", "1:8 missing FIELD at 'a'"],
    ["HAS FIELD", "1:9 missing IDENTIFIER at '<EOF>'"],
  ])("missing: %s", (text, problem) => {
    expect(errorOf(text).message).toBe(`Invalid filter. At line ${problem}`);
  });

  test("lines count from 1, columns from 0 in code points", () => {
    expect(errorOf("a = 1 AND\nb = '🍛🍛' AND ?")).toMatchObject({ line: 2, column: 13 });
    expect(errorOf("a = '\n\n' AND ?")).toMatchObject({ line: 3, column: 6 });
  });

  test("a fault of the lexer comes first when it is met while looking ahead, else the first in reading order", () => {
    expect(errorOf("a = = [").message).toContain("1:6 token recognition error");
    expect(errorOf("a = = 1 [").message).toContain("1:4 extraneous input '='");
    expect(errorOf("a = [ =").message).toContain("1:4 token recognition error");
  });

  test("a long piece is cut", () => {
    expect(errorOf(`a = '${"🍛".repeat(1000)}`).message).toBe(
      `Invalid filter. At line 1:4 token recognition error at: ''${"🍛".repeat(79)}…'`,
    );
  });
});
