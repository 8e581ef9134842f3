import { describe, expect, it } from "vitest";
import { rankingOverlap } from "../../../src/migration/survey/ranking-overlap.ts";

const sample = [1, 1.1, 5].map((length) => Float32Array.of(length, 0));

describe("rankingOverlap", () => {
  it("is the share of nearest vectors that two functions have in common", () => {
    // Nearest by L2: 1.1, 1 and 1.1; by inner product: 5, 5 and 1.1.
    expect(rankingOverlap(sample, "EUCLIDEAN", "DOT_PRODUCT", 1)).toBeCloseTo(1 / 3, 10);
    expect(rankingOverlap(sample, "EUCLIDEAN", "EUCLIDEAN", 1)).toBe(1);
  });

  it("looks at direction alone for cosine", () => {
    const directions = [
      [1, 0],
      [8, 1],
      [1, 1],
    ].map((vector) => Float32Array.from(vector));
    // Nearest by cosine: the second, the first and the second; by L2: the third, the third and the first.
    expect(rankingOverlap(directions, "COSINE", "EUCLIDEAN", 1)).toBe(0);
  });

  it("says nothing of too few vectors", () => {
    expect(rankingOverlap(sample, "COSINE", "EUCLIDEAN", 3)).toBeUndefined();
  });
});
