import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonError, JsonText, parseJson, stringifyJson } from "../../../src/foundation/exact-json/index.ts";
import { JsonReader } from "../../../src/foundation/exact-json/reader.ts";

const read = (text: string): unknown => new JsonReader(text, {}).read();

function failureOf(action: () => unknown): JsonError {
  try {
    action();
  } catch (error) {
    if (error instanceof JsonError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("numbers that a JavaScript number does not hold", () => {
  it.each([
    "1610521604143693812",
    "-1610521604143693812",
    "9007199254740992",
    "9007199254740993",
    "18446744073709551615",
    "170141183460469231731687303715884105727",
    `1${"0".repeat(400)}`,
  ])("%s is read and written digit for digit", (literal) => {
    expect(parseJson(literal)).toBe(BigInt(literal));
    expect(stringifyJson(parseJson(`{"a":[${literal}]}`))).toBe(`{"a":[${literal}]}`);
  });

  it("the largest safe integer is a number", () => {
    expect(parseJson("[9007199254740991,-9007199254740991]")).toEqual([9007199254740991, -9007199254740991]);
  });

  it("a large integer is refused on request, with line, column and path", () => {
    const text = '[{"id":"a"},\n {"id":"b","metadata":{"tweet":1610521604143693812}}]';
    const error = failureOf(() => parseJson(text, { largeIntegers: "refuse" }));
    expect(error).toMatchObject({
      code: "json",
      kind: "large-integer",
      place: { line: 2, column: 32 },
      path: [1, "metadata", "tweet"],
    });
    expect(error.message).toBe(
      "line 2, column 32, [1].metadata.tweet: 1610521604143693812 is an integer beyond 2^53, which a JavaScript number would round",
    );
  });

  it.each(["1e400", "-1e400", "1e-400", "0.5e-999", `0.${"0".repeat(400)}1`, `${"9".repeat(400)}.5`])(
    "%s is outside the range of a double and refused",
    (literal) => {
      expect(failureOf(() => parseJson(`{"far":[${literal}]}`))).toMatchObject({
        kind: "number-range",
        path: ["far", 0],
      });
    },
  );

  it.each(["0e-999", "0.000e400", "1e308", "5e-324", "1e5", "1.0", "12345678901234567890.5", "-0"])(
    "%s is what JSON.parse makes of it",
    (literal) => {
      expect(parseJson(literal)).toBe(JSON.parse(literal));
    },
  );
});

describe("numbers that JavaScript writes with other characters", () => {
  const literals = [
    "1.0",
    "5.00",
    "0.10",
    "1e5",
    "1E+2",
    "-0.0",
    "1.2e17",
    "0.00000012",
    "0.12345678901234567890",
  ];

  it.each(literals)("%s keeps its characters below the key that the caller names", (literal) => {
    const text = `[{"vector":[0.5],"metadata":{"a":${literal},"b":[${literal},{"c":${literal}}]}}]`;
    expect(stringifyJson(parseJson(text, { literals: { below: "metadata" } }))).toBe(text);
  });

  it.each(literals)("%s is a plain number elsewhere", (literal) => {
    const text = `[{"vector":[${literal},0.5],"price":${literal},"metadata":{"a":1.0}}]`;
    const number = JSON.parse(literal);
    expect(parseJson(text, { literals: { below: "metadata" } })).toEqual([
      { vector: [number, 0.5], price: number, metadata: { a: new JsonText("1.0") } },
    ]);
  });

  it.each(["1", "-17", "0.1", "0.30000001192092896", "1e+300", "1.5e-7", "9007199254740993", "-0"])(
    "%s needs no text of its own",
    (literal) => {
      const text = `{"metadata":{"a":${literal}}}`;
      const value = parseJson(text, { literals: { below: "metadata" } }) as { metadata: { a: unknown } };
      expect(value.metadata.a).not.toBeInstanceOf(JsonText);
      expect(stringifyJson(value)).toBe(text);
    },
  );
});

describe("objects and texts", () => {
  it.each([
    ['{"a":1,"a":2}', ["a"]],
    ['{"b":{"x":1,"\\u0078":1}}', ["b", "x"]],
    ['[{"a" : 1 , "a"\n: 1}]', [0, "a"]],
    ['{"__proto__":1,"__proto__":2}', ["__proto__"]],
  ])("%s: a key that occurs twice is refused", (text, path) => {
    expect(failureOf(() => parseJson(text))).toMatchObject({ kind: "duplicate-key", path });
  });

  it("a text that looks like the end of a key is no key", () => {
    const text = '{"a":"\\":","b":" : \\" :","c":["\\":"]}';
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  it("__proto__ is a key like any other", () => {
    const value = read('{"__proto__":{"polluted":true}}') as object;
    expect(Object.keys(value)).toEqual(["__proto__"]);
    expect((value as { polluted?: true }).polluted).toBeUndefined();
  });

  it.each(['"\\ud800"', '{"a":["x\\uDFFFy"]}', '{"\\ud83d":1}', '"\ud800"'])(
    "%s: half of a surrogate pair is kept, or refused on request",
    (text) => {
      expect(parseJson(text)).toEqual(JSON.parse(text));
      expect(parseJson(stringifyJson(parseJson(text)))).toEqual(JSON.parse(text));
      expect(failureOf(() => parseJson(text, { loneSurrogates: "refuse" })).kind).toBe("lone-surrogate");
    },
  );

  it("whole pairs are not refused", () => {
    expect(parseJson('"\\ud83c\\udf6a 🍪"', { loneSurrogates: "refuse" })).toBe("🍪 🍪");
  });
});

describe("bounds", () => {
  it("lists and objects nest up to 1,000 levels", () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(parseJson(nested(1_000))).toEqual(JSON.parse(nested(1_000)));
    for (const depth of [1_001, 200_000]) {
      expect(failureOf(() => parseJson(nested(depth))).kind).toBe("too-deep");
      expect(failureOf(() => parseJson('{"a":'.repeat(depth))).kind).toBe("too-deep");
    }
  });

  it("a list beyond the most items is refused before its rest is read", () => {
    const text = `[${Array(2_000_000).fill("{}").join()}`;
    expect(failureOf(() => parseJson(text, { maximumItems: 1_000 }))).toMatchObject({
      kind: "too-many",
      problem: "the list has more than 1000 items",
    });
    expect(parseJson("[1,2,3]", { maximumItems: 3 })).toEqual([1, 2, 3]);
  });

  it.each(["{}", "1", "[]", '""'])("a text beyond the most values is refused: many %s", (value) => {
    const text = `{"a":[${Array(600_000).fill(value).join()}]}`;
    expect(failureOf(() => parseJson(text, { maximumValues: 100_000 })).kind).toBe("too-many");
  });
});

describe("values that are written", () => {
  it.each([
    [{ a: [1, Number.NaN] }, "a[1]: NaN has no form in JSON"],
    [{ "a b": Number.POSITIVE_INFINITY }, '["a b"]: Infinity has no form in JSON'],
    [undefined, "undefined has no form in JSON"],
  ])("%o is refused with its path", (value, message) => {
    expect(failureOf(() => stringifyJson(value)).message).toBe(message);
  });

  it("one that contains itself is refused", () => {
    const value: { self?: unknown } = {};
    value.self = value;
    expect(failureOf(() => stringifyJson(value)).kind).toBe("too-deep");
  });

  it("toJSON is asked and undefined is left out, as JSON.stringify does", () => {
    const value = { at: new Date(0), gone: undefined, list: [undefined, () => 1] };
    expect(stringifyJson(value)).toBe(JSON.stringify(value));
    expect(stringifyJson({ ...value, id: 2n ** 64n })).toBe(
      '{"at":"1970-01-01T00:00:00.000Z","list":[null,null],"id":18446744073709551616}',
    );
  });

  it("a typed array is a list of its numbers", () => {
    expect(stringifyJson({ vector: Float32Array.of(0.5, 2), empty: new Float64Array() })).toBe(
      '{"vector":[0.5,2],"empty":[]}',
    );
  });

  it("a double beyond 2^53 has an exponent, so that it is not taken for an exact integer", () => {
    expect(stringifyJson([2 ** 60, 1.2e17, -1e20])).toBe("[1.152921504606847e+18,1.2e+17,-1e+20]");
  });
});

describe("for any value", () => {
  const leaf = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.bigInt().filter((value) => value > 2n ** 53n || value < -(2n ** 53n)),
    fc.integer(),
    fc.string({ unit: "binary" }),
    fc.boolean(),
    fc.constant(null),
  );
  const { value: anyValue } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      leaf,
      fc.array(tie("value"), { maxLength: 5 }),
      fc.dictionary(fc.string({ unit: "binary" }), tie("value"), { maxKeys: 5 }),
    ),
  }));

  it("what is written is read back as the same value", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(parseJson(stringifyJson(value))).toEqual(value);
        expect(read(stringifyJson(value))).toEqual(value);
      }),
    );
  });

  it("on ordinary values writer and readers agree with JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), fc.constantFrom(0, 2, "\t"), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        const expected = JSON.parse(text);
        if (!/\d{16}/.test(text)) {
          expect(parseJson(text)).toEqual(expected);
          expect(read(text)).toEqual(expected);
          expect(stringifyJson(expected)).toBe(JSON.stringify(expected));
        }
      }),
    );
  });

  it("text that JSON.parse refuses is refused as a syntax error with a place inside the text", () => {
    const pieces = fc.constantFrom(
      ..."[]{},:\"\\u0e+-.19 \n\u0001'tfn".split(""),
      ...'true false null \\ud800 01 1. .5 {} [] "a": NaN'.split(" "),
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join("");
        let expected: unknown;
        try {
          expected = JSON.parse(text);
        } catch {
          const error = failureOf(() => parseJson(text));
          if (error.kind !== "syntax") return;
          expect(error.place?.line).toBeLessThanOrEqual(text.split("\n").length);
          expect(failureOf(() => read(text)).message).toBe(error.message);
          return;
        }
        try {
          expect(read(text)).toEqual(expected);
        } catch (error) {
          if (!(error instanceof JsonError) || error.kind === "syntax") throw error;
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("parseJson with lists that the caller has read", () => {
  const nine = Float32Array.from({ length: 9 }, (_, place) => place);
  const read = (text: string, maximumValues = 100) =>
    parseJson(text, {
      lists: { below: "vector", at: new Map([[text.indexOf("[]"), nine]]) },
      literals: { below: "metadata" },
      maximumValues,
    });

  it("puts them at their key of the outermost objects", () => {
    expect(read('{"vector":[],"other":[]}')).toEqual({ vector: nine, other: [] });
    expect(read('[{"vector" : [] }]')).toEqual([{ vector: nine }]);
  });

  it.each([
    "[]",
    '{"other":[]}',
    '{"metadata":{"vector":[]}}',
    '{"inner":{"vector":[]}}',
    '[[{"vector":[]}]]',
  ])("refuses %s, where a list may not stand for another one", (text) => {
    expect(() => read(text)).toThrow("a list is left out here");
  });

  it("counts their numbers as values", () => {
    expect(read('{"vector":[]}', 20)).toEqual({ vector: nine });
    expect(() => read('{"vector":[]}', 19)).toThrow("more than 19 values");
  });
});
