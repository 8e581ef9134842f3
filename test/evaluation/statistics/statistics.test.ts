import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  bootstrapMean,
  mean,
  pairedTest,
  quantileUpperBound,
  seededRandom,
  summarize,
  trialsToRuleOut,
  valuesForBound,
  wilsonInterval,
} from "../../../src/evaluation/index.ts";

/** Darwin's maize: heights of crossed less self-fertilised plants, in eighths of an inch (Fisher 1935). */
const maize = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48];

describe("pairedTest (MIG-8)", () => {
  it("counts what Fisher counted: 863 of 32,768 assignments on either side", () => {
    expect(pairedTest(maize)).toEqual({
      meanDifference: 314 / 15,
      pValue: (2 * 863) / 32_768,
      isExact: true,
      permutations: 32_768,
    });
  });

  it("samples if there are too many assignments, near the exact figure and the same for one seed", () => {
    const sampled = pairedTest(maize, { permutations: 20_000, seed: 7 });
    expect(sampled.isExact).toBe(false);
    expect(Math.abs(sampled.pValue - (2 * 863) / 32_768)).toBeLessThan(0.006);
    expect(pairedTest(maize, { permutations: 20_000, seed: 7 })).toEqual(sampled);
    expect(pairedTest(maize, { permutations: 20_000, seed: 8 }).pValue).not.toBe(sampled.pValue);
  });

  it("never gives 0, and gives 1 if nothing differs", () => {
    const strong = Array.from({ length: 60 }, () => 1);
    expect(pairedTest(strong, { permutations: 999 }).pValue).toBe(1 / 1_000);
    expect(pairedTest([0, 0, 0])).toMatchObject({ pValue: 1, meanDifference: 0 });
    expect(pairedTest([])).toMatchObject({ pValue: 1, meanDifference: 0 });
  });

  it("is not led astray by rounding: equal sums count as equal", () => {
    expect(pairedTest([0.1, 0.2, 0.3]).pValue).toBe(0.25);
    expect(pairedTest([0.1, 0.2, -0.3]).pValue).toBe(1);
    expect(pairedTest([0.3, 0.1, 0.2, -0.4]).pValue).toBe(pairedTest([3, 1, 2, -4]).pValue);
  });

  it("does not care which of the two comes first, nor about queries that do not differ", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 10 }), (differences) => {
        const { pValue } = pairedTest(differences);
        expect(pairedTest(differences.map((difference) => -difference)).pValue).toBe(pValue);
        expect(pairedTest([...differences, 0, 0]).pValue).toBe(pValue);
        expect(pValue).toBeGreaterThan(0);
        expect(pValue).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("bootstrapMean", () => {
  it("comes near the interval of a normal mean, and is the same for one seed", () => {
    const random = seededRandom(3);
    const values = Array.from({ length: 400 }, () => random());
    const interval = bootstrapMean(values, { samples: 4_000 });
    const half = (1.96 * Math.sqrt(1 / 12)) / 20;
    expect(interval?.low).toBeCloseTo(mean(values) - half, 2);
    expect(interval?.high).toBeCloseTo(mean(values) + half, 2);
    expect(bootstrapMean(values, { samples: 4_000 })).toEqual(interval);
  });

  it("covers the true mean about as often as it says", () => {
    const random = seededRandom(11);
    const covered = Array.from({ length: 200 }, () => {
      const interval = bootstrapMean(
        Array.from({ length: 40 }, () => random()),
        { samples: 400 },
      );
      return interval !== undefined && interval.low <= 0.5 && interval.high >= 0.5;
    }).filter(Boolean).length;
    expect(covered).toBeGreaterThan(200 * 0.88);
    expect(covered).toBeLessThan(200);
  });

  it("has no width for equal values and does not exist for one", () => {
    expect(bootstrapMean([0.5, 0.5, 0.5], { samples: 100 })).toEqual({ low: 0.5, high: 0.5 });
    expect(bootstrapMean([0.5])).toBeUndefined();
  });
});

describe("wilsonInterval (MIG-10)", () => {
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])("agrees with Newcombe's table (1998): %i of %i", (hits, count, low, high) => {
    const interval = wilsonInterval(hits, count);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });

  it("says how many calls without a failure show a rate below a limit", () => {
    const count = trialsToRuleOut(0.001);
    expect(wilsonInterval(0, count).high).toBeLessThan(0.001);
    expect(wilsonInterval(0, count - 1).high).toBeGreaterThanOrEqual(0.001);
  });
});

describe("quantileUpperBound", () => {
  const rising = (count: number) => Float64Array.from({ length: count }, (_, place) => place);

  it("takes 299, 473 and 628 values for the largest, the second and the third (Wilks 1941)", () => {
    expect(valuesForBound(0.99)).toBe(299);
    expect(quantileUpperBound(rising(298), 0.99)).toBeUndefined();
    expect(quantileUpperBound(rising(299), 0.99)).toBe(298);
    expect(quantileUpperBound(rising(472), 0.99)).toBe(471);
    expect(quantileUpperBound(rising(473), 0.99)).toBe(471);
    expect(quantileUpperBound(rising(628), 0.99)).toBe(625);
  });

  it("does not break down if probabilities vanish", () => {
    const bound = quantileUpperBound(rising(200_000), 0.99) as number;
    expect(bound / 200_000).toBeGreaterThan(0.99);
    expect(bound / 200_000).toBeLessThan(0.991);
  });
});

it("summarizes with quantiles between neighbours", () => {
  expect(summarize([1, 2, 3, 4])).toEqual({ count: 4, mean: 2.5, median: 2.5, minimum: 1, p5: 1.15 });
  expect(summarize([])).toBeUndefined();
});
