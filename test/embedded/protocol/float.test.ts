import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shortestFloat } from "../../../src/embedded/protocol/float.ts";

describe("shortestFloat", () => {
  it("reads back as the same float32, for every float32", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(Math.fround(shortestFloat(value))).toBe(value);
      }),
    );
  });

  it("agrees with a search through texts of six to nine digits, near ties included", () => {
    const bits = new Uint32Array(1);
    const float = new Float32Array(bits.buffer);
    const pattern = fc.integer({ min: 0, max: 0xffffffff });
    const nearTie = fc
      .tuple(fc.integer({ min: 0, max: 99_999_999 }), fc.integer({ min: 0, max: 12 }))
      .map(([digits, shift]) => Math.fround((digits + 0.5) / 10 ** shift));
    const value = fc.oneof(
      pattern.map((word) => {
        bits[0] = word;
        return float[0] as number;
      }),
      nearTie,
    );
    fc.assert(
      fc.property(value, (number) => {
        expect(shortestFloat(number)).toBe(throughTexts(number));
      }),
      { numRuns: 20_000 },
    );
  });

  it.each([0.1, 0.617851, 0.033333335, 0.028608438, 1, 0, -2.5, 1e-7])(
    "prints %d as it is written",
    (value) => {
      expect(shortestFloat(Math.fround(value))).toBe(value);
    },
  );
});

function throughTexts(value: number): number {
  if (Number.isInteger(value)) return value;
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}
