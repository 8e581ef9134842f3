import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FloatListReader } from "../../../src/embedded/kernel/float-lists.ts";
import { JsonError, parseJson } from "../../../src/foundation/exact-json/index.ts";

/** `FUZZ_RUNS=200000 npx vitest run test/embedded/kernel/float-lists.test.ts` for the long run. */
const numRuns = Number(process.env.FUZZ_RUNS ?? 2_000);

const reader = new FloatListReader();

/** As a caller reads it: the first `]` has to be the end. */
function readFloatList(text: string): Float32Array | undefined {
  return text.indexOf("]") === text.length - 1 ? reader.read(Buffer.from(text)) : undefined;
}

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
      { weight: 20, arbitrary: fc.array(fc.oneof(anyNumber, fromDouble), { maxLength: 3 }) },
      { weight: 1, arbitrary: fc.array(fromDouble, { minLength: 1_000, maxLength: 1_100 }) },
    ),
    blanks,
    blanks,
  )
  .map(([numbers, before, after]) => `[${before}${numbers.join(`${after},${before}`)}${after}]`);

describe("a list of numbers that the kernel reads", () => {
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
    expect(read).toBeGreaterThan(numRuns / 8);
  });

  it("leaves numbers on the border between two float32 to the exact reader", () => {
    fc.assert(
      fc.property(nearBorder, fc.array(nearBorder, { minLength: 1 }), (first, others) => {
        const text = `[${[first, ...others].join()}]`;
        const found = readFloatList(text);
        if (found !== undefined) expectSame(found, text);
      }),
      { numRuns },
    );
  });

  it("reads every number that JavaScript writes for a float32 of ordinary size", () => {
    const ordinary = fc
      .float({ noNaN: true, noDefaultInfinity: true })
      .filter((value) => value === 0 || (Math.abs(value) > 1e-29 && Math.abs(value) < 1e18));
    fc.assert(
      fc.property(fc.array(ordinary, { minLength: 1 }), (values) => {
        expect(readFloatList(JSON.stringify(values))).toEqual(
          Float32Array.from(values, (value) => value + 0),
        );
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
    ...[
      "[0x1]",
      "[1_0]",
      "01]",
      "0",
      "[１]",
      "[1,\u00a02]",
      "[16777217]",
      "[12345678901234567890]",
      "[18446744073709551616.5]",
      `[${"1,".repeat(100_000)}1]`,
    ],
  ])("%s is not one, or left to the exact reader", (text) => {
    expect(readFloatList(text)).toBeUndefined();
  });

  it.each([
    ["[0,-0,0.0,-0.000]", [0, -0, 0, -0]],
    ["[ 1 ,\n2.50\t]", [1, 2.5]],
    ["[0.10000000149011612]", [0.1]],
    ["[16777215,16777218]", [16_777_215, 16_777_218]],
    [
      "[1234567890123456789,0.1234567890123456789,0.00001234567890123456789]",
      [1.2345679e18, 0.12345679, 0.000012345679],
    ],
    ["[1E2,1e+2,1.5e-2]", [100, 100, 0.015]],
  ])("%s is %j", (text, expected) => {
    expect(readFloatList(text)).toEqual(Float32Array.from(expected));
  });
});
