import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  overlap,
  rankBiasedOverlap,
  recallAgainst,
  sameTop,
  spearman,
} from "../../../src/evaluation/index.ts";

const rankings = fc.uniqueArray(fc.constantFrom(..."abcdefghij"), { maxLength: 10 });

describe("overlap and recall (MIG-8)", () => {
  it("divide by the longer list, and by the reference", () => {
    expect(overlap(["a", "b", "c"], ["c", "b", "x"], 3)).toBeCloseTo(2 / 3, 12);
    expect(overlap(["a", "b", "c", "d"], ["a", "b"], 4)).toBe(0.5);
    expect(recallAgainst(["a", "b"], ["a", "b", "c", "d"], 4)).toBe(1);
    expect(recallAgainst(["a", "b", "c", "d"], ["a", "b"], 4)).toBe(0.5);
    expect(overlap([], [], 3)).toBe(1);
    expect(overlap(["a"], [], 3)).toBe(0);
    expect(recallAgainst([], ["a"], 3)).toBe(1);
  });

  it("do not count an id twice", () => {
    expect(overlap(["a", "a", "b"], ["a", "b"], 3)).toBe(1);
  });

  it("compare what comes first", () => {
    expect(sameTop(["a", "b"], ["a"])).toBe(true);
    expect(sameTop(["a"], [])).toBe(false);
    expect(sameTop([], [])).toBe(true);
  });
});

describe("spearman", () => {
  it("gives the textbook's -29/165 for hours of television against intelligence", () => {
    const byIntelligence = [..."abcdefghij"];
    const ranks = [1, 6, 8, 7, 10, 9, 3, 5, 2, 4];
    const byHours = byIntelligence.toSorted(
      (left, right) =>
        (ranks[byIntelligence.indexOf(left)] as number) - (ranks[byIntelligence.indexOf(right)] as number),
    );
    expect(spearman(byIntelligence, byHours, 10)).toBeCloseTo(-29 / 165, 12);
  });

  it("ranks shared records again and needs three of them", () => {
    expect(spearman(["a", "x", "b", "c"], ["a", "b", "y", "c"], 4)).toBe(1);
    expect(spearman(["a", "x", "b", "c"], ["c", "b", "y", "a"], 4)).toBe(-1);
    expect(spearman(["a", "b", "x"], ["a", "b", "y"], 3)).toBeUndefined();
  });
});

describe("rankBiasedOverlap", () => {
  it("agrees with sums by hand, for lists of equal and of unequal length", () => {
    const p = 0.9;
    const equal = ((1 - p) / p) * (p + p ** 2 / 2 + p ** 3) + p ** 3;
    expect(rankBiasedOverlap(["a", "b", "c"], ["a", "c", "b"], 3)).toBeCloseTo(equal, 12);
    // Shared: 1 at depth 1, 1 at 2, 2 at 3 (the third of the longer is the second of the shorter).
    const sum = p + p ** 2 / 2 + (2 / 3) * p ** 3 + ((1 * (3 - 2)) / (2 * 3)) * p ** 3;
    const unequal = ((1 - p) / p) * sum + ((2 - 1) / 3 + 1 / 2) * p ** 3;
    expect(rankBiasedOverlap(["a", "b"], ["a", "x", "b"], 3)).toBeCloseTo(unequal, 12);
  });

  it("weighs the top more: a swap at the top costs more than one at the end", () => {
    const list = [..."abcdef"];
    const top = rankBiasedOverlap(list, [..."bacdef"], 6);
    const end = rankBiasedOverlap(list, [..."abcdfe"], 6);
    expect(top).toBeLessThan(end);
    expect(end).toBeLessThan(1);
  });

  it("is symmetrical, within 0 to 1, 1 only for equal lists and 0 for lists that share nothing", () => {
    fc.assert(
      fc.property(rankings, rankings, (left, right) => {
        const value = rankBiasedOverlap(left, right, 10);
        expect(value).toBeCloseTo(rankBiasedOverlap(right, left, 10), 12);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1 + 1e-12);
        expect(rankBiasedOverlap(left, left, 10)).toBeCloseTo(1, 12);
        if (overlap(left, right, 10) === 0) expect(value).toBe(0);
      }),
    );
  });
});
