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

  it.each([0.1, 0.617851, 0.033333335, 0.028608438, 1, 0, -2.5, 1e-7])(
    "prints %d as it is written",
    (value) => {
      expect(shortestFloat(Math.fround(value))).toBe(value);
    },
  );
});
