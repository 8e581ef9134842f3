import { describe, expect, it } from "vitest";
import { uniform } from "../../../bench/index/vectors.ts";
import { bitPlanes, FrontEstimate } from "../../../src/embedded/index/dense/planes.ts";

describe("the two planes of a row's bits", () => {
  it.each([
    [1, 16, 0, 1],
    [128, 16, 0, 128],
    [129, 16, 16, 64],
    [384, 32, 16, 256],
    [1_000, 48, 80, 368],
    [1_024, 48, 80, 384],
    [5_376, 256, 416, 2_048],
  ])("%i dimensions: %i bytes in front, %i behind, %i bits in front", (dimension, front, back, bits) => {
    expect(bitPlanes(dimension)).toEqual({ frontStride: front, backStride: back, frontBits: bits });
  });
});

describe("estimates from the leading bits", () => {
  const dimension = 1_024;
  const planes = bitPlanes(dimension);
  const estimate = new FrontEstimate(dimension, planes);

  /** How many of `differing` bits, thrown at random, fall in front. */
  function inFront(differing: number, random: () => number): number {
    let [left, leftInFront, found] = [dimension, planes.frontBits, 0];
    for (let bit = 0; bit < differing; bit++, left--) {
      if (random() * left < leftInFront) {
        found++;
        leftInFront--;
      }
    }
    return found;
  }

  it("hardly ever passes a row over that is nearer than the bound", () => {
    const random = uniform(5);
    for (const bound of [20, 200, 400, 512]) {
      const most = estimate.mostInFront(bound);
      let passedOver = 0;
      for (let row = 0; row < 20_000; row++) if (inFront(bound - 1, random) > most) passedOver++;
      expect(passedOver / 20_000).toBeLessThan(0.004);
      expect(most).toBeLessThan((bound * planes.frontBits) / dimension + 26);
    }
  });

  it("hardly ever rules out a row that is as similar as the floor", () => {
    const random = uniform(7);
    for (const cosine of [1, 0.95, 0.5, 0, -0.5]) {
      const most = estimate.mostOfSimilar(cosine);
      const differing = Math.round((Math.acos(cosine) / Math.PI) * dimension);
      let ruledOut = 0;
      for (let row = 0; row < 5_000; row++) {
        let inFrontOnly = 0;
        for (let bit = 0; bit < planes.frontBits; bit++) if (random() * dimension < differing) inFrontOnly++;
        if (inFrontOnly > most) ruledOut++;
      }
      expect(ruledOut / 5_000).toBeLessThan(0.001);
      expect(most).toBeLessThanOrEqual((differing * planes.frontBits) / dimension + 41);
    }
    expect(estimate.mostOfSimilar(1.001)).toBe(0);
    expect(estimate.mostOfSimilar(-1.001)).toBe(planes.frontBits);
  });

  it("never counts a row further away than its front alone would", () => {
    for (const [distance, similarity] of estimate.similarities.entries()) {
      expect(similarity).toBeGreaterThanOrEqual(
        Math.fround(Math.cos((Math.PI * distance) / planes.frontBits)),
      );
    }
  });
});
