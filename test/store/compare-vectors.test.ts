import { describe, expect, it } from "vitest";
import { compareSparseVectors, compareVectors } from "../../src/store/compare-vectors.ts";

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

describe("compareVectors (MIG-6)", () => {
  it.each<[string, number[], number[], boolean]>([
    ["within the tolerance", [0.001, 0], [0.0010009, 0], true],
    ["past it", [0.001, 0], [0.0010011, 0], false],
    ["-0 and 0", [-0, 1], [0, 1], true],
    ["the double of a float32", [0.1, 1], [Math.fround(0.1), 1], true],
    ["NaN and NaN", [nan, 1], [nan, 1], true],
    ["NaN and a number", [nan, 1], [0, 1], false],
    ["a number and NaN", [0, 1], [nan, 1], false],
    ["infinities of two signs", [infinity], [-infinity], false],
    ["an infinity twice", [infinity], [infinity], true],
    ["one more component", [1], [1, 0], false],
  ])("compares two dense vectors: %s", (_, expected, actual, isEqual) => {
    expect(compareVectors(expected, actual, 1e-6) === undefined).toBe(isEqual);
    const [floats, actualFloats] = [Float32Array.from(expected), Float32Array.from(actual)];
    expect(compareVectors(floats, actualFloats, 1e-6) === undefined).toBe(isEqual);
  });

  it("reports how many components differ, by how much, and whether the direction is the same", () => {
    expect(compareVectors([1, 2, 3], [1, 2.5, 3.25], 1e-6)?.detail).toBe(
      "2 of 3 components differ, by up to 0.500",
    );
    expect(compareVectors([3, 4], [0.6, 0.8], 1e-6)?.detail).toContain("with length 1.000, not 5.000");
    expect(compareVectors([3, 4], [-3, -4], 1e-6)?.detail).not.toContain("the same way");
  });
});

describe("compareSparseVectors (MIG-6)", () => {
  it.each<[string, [number, number][], [number, number][], boolean]>([
    [
      "another order",
      [
        [1, 0.5],
        [9, 2],
      ],
      [
        [9, 2],
        [1, 0.5],
      ],
      true,
    ],
    ["another value", [[1, 0.5]], [[1, 0.6]], false],
    ["another index", [[1, 0.5]], [[2, 0.5]], false],
    [
      "one more entry",
      [[1, 0.5]],
      [
        [1, 0.5],
        [2, 0],
      ],
      false,
    ],
  ])("compares two sparse vectors: %s", (_, expected, actual, isEqual) => {
    const sparse = (pairs: [number, number][]) => ({
      indices: pairs.map(([index]) => index),
      values: pairs.map(([, value]) => value),
    });
    expect(compareSparseVectors(sparse(expected), sparse(actual), 1e-6) === undefined).toBe(isEqual);
  });
});
