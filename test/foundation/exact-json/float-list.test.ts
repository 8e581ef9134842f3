import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readFloatList } from "../../../src/foundation/exact-json/float-list.ts";
import { JsonError, parseJson } from "../../../src/foundation/exact-json/index.ts";

/** `FUZZ_RUNS=200000 npx vitest run test/foundation/exact-json/float-list.test.ts` for the long run. */
const numRuns = Number(process.env.FUZZ_RUNS ?? 2_000);

/** The same list by the reader of any JSON; `undefined` if it refuses the text, or it is no list of finite float32. */
function byExactReader(text: string): Float32Array | undefined {
  try {
    const values = parseJson(text);
    if (!Array.isArray(values)) return undefined;
    if (!values.every((value) => typeof value === "number" || typeof value === "bigint")) return undefined;
    const floats = Float32Array.from(values, Number);
    return floats.every(Number.isFinite) ? floats : undefined;
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

/** Equal bit for bit, so that 0 and -0 differ. */
function expectSame(found: Float32Array | undefined, text: string): void {
  const expected = byExactReader(text);
  const bitsOf = (floats: Float32Array | undefined) => floats && [...new Uint32Array(floats.buffer)];
  expect(bitsOf(found), text).toEqual(bitsOf(expected));
}

const digits = (maxLength: number) =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength }).map((list) => list.join(""));

/** Any number that JSON can write, with up to 40 digits on each side of the point. */
const anyNumber = fc
  .tuple(
    fc.constantFrom("", "-"),
    fc.oneof(
      fc.constant("0"),
      digits(40).map((text) => text.replace(/^0+(?=.)/, "")),
    ),
    fc.oneof(
      fc.constant(""),
      digits(40).map((text) => `.${text}`),
      digits(12).map((text) => `.00000${text}`),
    ),
    fc.oneof(
      { weight: 3, arbitrary: fc.constant("") },
      fc
        .tuple(fc.constantFrom("e", "E"), fc.constantFrom("", "+", "-"), digits(2))
        .map((parts) => parts.join("")),
    ),
  )
  .map((parts) => parts.join(""));

const fromDouble = fc
  .tuple(
    fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }),
    fc.integer({ min: 1, max: 21 }),
  )
  .chain(([value, count]) =>
    fc.constantFrom(
      String(value),
      String(Math.fround(value)),
      value.toPrecision(count),
      value.toExponential(count - 1),
      value.toFixed(count - 1),
    ),
  );

/** On the border between two float32, or next to it by less than a double can tell. */
const nearBorder = fc
  .tuple(
    fc.integer({ min: 2 ** 22, max: 2 ** 24 - 1 }),
    fc.integer({ min: 0, max: 30 }),
    fc.constantFrom(-1, 0, 1),
  )
  .map(([mantissa, shift, side]) => {
    // (mantissa + 1/2) / 2^shift, whose decimal has shift + 1 digits after the point.
    const places = shift + 1;
    const whole = BigInt(2 * mantissa + 1) * 5n ** BigInt(places) * 10n ** 12n + BigInt(side);
    const text = whole.toString().padStart(places + 13, "0");
    return `${text.slice(0, -places - 12)}.${text.slice(-places - 12)}`;
  });

const blanks = fc.constantFrom("", "", "", " ", "\n", "\t ");

/** Lists of every length up to 1,100. */
const list = fc
  .tuple(
    fc.oneof(
      { weight: 20, arbitrary: fc.array(fc.oneof(anyNumber, fromDouble, nearBorder), { maxLength: 20 }) },
      { weight: 1, arbitrary: fc.array(fromDouble, { minLength: 1_000, maxLength: 1_100 }) },
    ),
    blanks,
    blanks,
  )
  .map(([numbers, before, after]) => `[${before}${numbers.join(`${after},${before}`)}${after}]`);

describe("a list of numbers read straight into float32", () => {
  it("is what the exact reader makes of it, or is left to it", () => {
    let read = 0;
    fc.assert(
      fc.property(list, (text) => {
        const found = readFloatList(text);
        if (found === undefined) return;
        read++;
        expectSame(found, text);
      }),
      { numRuns },
    );
    expect(read).toBeGreaterThan(numRuns / 4);
  });

  it("rounds right on the border between two float32", () => {
    fc.assert(
      fc.property(fc.array(nearBorder, { minLength: 1 }), (numbers) => {
        const text = `[${numbers.join()}]`;
        const found = readFloatList(text);
        expect(found).toBeDefined();
        expectSame(found, text);
      }),
      { numRuns },
    );
  });

  it("is refused when a character is changed, removed or added, if the exact reader refuses it", () => {
    const character = fc.constantFrom(...'0123456789.-+eE,[]{}" \n\tx\0é÷０İ', "\u{1d7ce}");
    fc.assert(
      fc.property(list, fc.nat(), fc.nat(2), character, (text, place, removed, added) => {
        const at = place % (text.length + 1);
        const changed = text.slice(0, at) + added + text.slice(at + removed);
        const found = readFloatList(changed);
        if (found !== undefined) expectSame(found, changed);
      }),
      { numRuns },
    );
  });

  it.each([
    ...[
      "[]",
      "[",
      "]",
      "",
      "[1",
      "[1,]",
      "[,1]",
      "[01]",
      "[-]",
      "[1.]",
      "[.5]",
      "[1e]",
      "[1e+]",
      "[+1]",
      "[1 2]",
    ],
    ...["[1]]", "[[1]]", "[1]x", "[NaN]", "[Infinity]", "[1e39]", "[-1e400]", "[1e-400]", "[null]", '["1"]'],
    ...["[0x1]", "[1_0]", "01]", "0", "[１]", "[1,\u00a02]", `[${"1,".repeat(100_000)}1]`],
  ])("%s is not one", (text) => {
    expect(readFloatList(text)).toBeUndefined();
  });

  it.each([
    ["[0,-0,0.0,-0.000]", [0, -0, 0, -0]],
    ["[ 1 ,\n2.50\t]", [1, 2.5]],
    ["[0.10000000149011612]", [0.1]],
    ["[16777217,16777219]", [16_777_216, 16_777_220]],
    ["[123456789012345678901234567890]", [1.2345678901234568e29]],
    ["[1E2,1e+2,1.5e-2]", [100, 100, 0.015]],
  ])("%s is %j", (text, expected) => {
    expect(readFloatList(text)).toEqual(Float32Array.from(expected));
  });
});

describe("parseJson with floatsBelow", () => {
  const options = { floatsBelow: "vector", literals: { below: "metadata" } } as const;

  it("gives float32 for that key of the outermost objects alone", () => {
    const numbers = { vector: [1, 2.5], other: [1], inner: { vector: [1] }, metadata: { vector: [1] } };
    const floats = { ...numbers, vector: Float32Array.of(1, 2.5) };
    expect(parseJson(JSON.stringify(numbers), options)).toEqual(floats);
    expect(parseJson(JSON.stringify([numbers, numbers]), options)).toEqual([floats, floats]);
    expect(parseJson(JSON.stringify([[numbers]]), options)).toEqual([[numbers]]);
  });

  it("counts the numbers as values", () => {
    const text = '{"vector":[1,2,3,4,5,6,7,8,9]}';
    expect(() => parseJson(text, { ...options, maximumValues: 15 })).toThrow("more than 15 values");
    expect(parseJson(text, { ...options, maximumValues: 20 })).toEqual({
      vector: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9),
    });
  });

  it("names the place of a fault as without it", () => {
    for (const text of [
      '[{"vector":[1,2,x]}]',
      '[{"vector":[1,1e400]}]',
      '[{"vector":[1',
      '{"vector":[1],"vector":[1]}',
    ]) {
      const messageOf = (floatsBelow?: "vector") => {
        try {
          return String(parseJson(text, floatsBelow ? options : {}));
        } catch (error) {
          return (error as JsonError).message;
        }
      };
      expect(messageOf("vector")).toBe(messageOf());
    }
  });
});
