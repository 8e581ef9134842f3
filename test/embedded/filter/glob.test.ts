import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileGlob } from "../../../src/embedded/filter/glob.ts";

describe("section 5, GLOB", () => {
  test.each([
    ["Istanbul", "?[sz]*[^m-z]", true],
    ["Izmir", "?[sz]*[^m-z]", false],
    ["Dal", "Dal", true],
    ["Dal Makhani", "Dal", false],
    ["Makhani Dal", "Dal", false],
    ["Dal", "dal", false],
    ["", "", true],
    ["", "*", true],
    ["", "?", false],
    ["a", "", false],
    ["abc", "*", true],
    ["abc", "***", true],
    ["abc", "a*c", true],
    ["abcc", "a*c", true],
    ["ac", "a?c", false],
    ["aXbXc", "a*b*c", true],
    ["two\nlines", "two?*", true],
    ["b", "[abc]", true],
    ["d", "[abc]", false],
    ["m", "[a-z]", true],
    ["M", "[a-z]", false],
    ["M", "[^a-z]", true],
    ["m", "[^a-z]", false],
    ["", "[^a]", false],
    ["5", "[a-z0-9]", true],
  ])("%j against %j: %j", (text, pattern, expected) => {
    expect(compileGlob(pattern)(text)).toBe(expected);
  });

  test.each([
    ["]", "[]]", true],
    ["]", "[^]]", false],
    ["a", "[^]]", true],
    ["-", "[a-]", true],
    ["-", "[-a]", true],
    ["b", "[a-]", false],
    ["b", "[c-a]", false],
    ["!", "[!a]", true],
    ["b", "[!a]", false],
    ["*", "[*]", true],
    ["x", "[*]", false],
    ["[a", "[a", true],
    ["[", "[", true],
    ["[]", "[]", true],
    ["[^]", "[^]", true],
    ["a]", "a]", true],
    ["\\*", "\\*", true],
    ["a^", "a[b^]", true],
  ])("edges of sets: %j against %j: %j", (text, pattern, expected) => {
    expect(compileGlob(pattern)(text)).toBe(expected);
  });

  test("characters are code points", () => {
    expect(compileGlob("?")("🍛")).toBe(true);
    expect(compileGlob("??")("🍛")).toBe(false);
    expect(compileGlob("[🍕-🍟]*")("🍛🍛")).toBe(true);
    expect(compileGlob("[^a]")("🍛")).toBe(true);
    expect(compileGlob("*🍛")("🍛🍕🍛")).toBe(true);
    expect(compileGlob("é")("e\u0301")).toBe(false);
  });

  test("agrees with a regular expression", () => {
    const piece = fc.constantFrom(
      "*",
      "?",
      "[ab]",
      "[^ab]",
      "[a-c]",
      "[^b-🍛]",
      "a",
      "b",
      "c",
      ".",
      "🍛",
      "\n",
    );
    const pieces = fc.array(piece, { maxLength: 8 });
    const text = fc.string({ unit: fc.constantFrom("a", "b", "c", "d", ".", "🍛", "\n"), maxLength: 10 });
    fc.assert(
      fc.property(pieces, text, (pattern, subject) => {
        const translation = { "*": "[^]*", "?": "[^]", ".": "\\." } as Record<string, string>;
        const source = pattern.map((item) => translation[item] ?? item).join("");
        expect(compileGlob(pattern.join(""))(subject)).toBe(new RegExp(`^${source}$`, "u").test(subject));
      }),
      { numRuns: 3000 },
    );
  });
});
