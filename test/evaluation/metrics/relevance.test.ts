import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ndcg, precision, recall, reciprocalRank } from "../../../src/evaluation/index.ts";

const grades = (values: readonly number[]) => new Map(values.map((grade, place) => [`d${place}`, grade]));
const ranking = (count: number) => Array.from({ length: count }, (_, place) => `d${place}`);

describe("ndcg (MIG-8)", () => {
  it("agrees with the worked example of the literature: grades 3 2 3 0 1 2, and 3 and 2 that were not found", () => {
    const judgements = grades([3, 2, 3, 0, 1, 2, 3, 2]);
    expect(ndcg(ranking(6), judgements, 6)).toBeCloseTo(6.8611 / 8.7405, 4);
    const within = grades([3, 2, 3, 0, 1, 2]);
    expect(ndcg(ranking(6), within, 6)).toBeCloseTo(6.8611 / 7.141, 4);
  });

  it("distinguishes the gains, by hand: grades 1 then 2", () => {
    const judgements = grades([1, 2]);
    const discount = 1 / Math.log2(3);
    expect(ndcg(ranking(2), judgements, 2)).toBeCloseTo((1 + 2 * discount) / (2 + discount), 12);
    expect(ndcg(ranking(2), judgements, 2, "exponential")).toBeCloseTo(
      (1 + 3 * discount) / (3 + discount),
      12,
    );
  });

  it("is undefined without relevant records, and 0 if none of them was found", () => {
    expect(ndcg(ranking(3), new Map(), 10)).toBeUndefined();
    expect(ndcg(ranking(3), grades([0, -1]), 10)).toBeUndefined();
    expect(ndcg([], grades([1]), 10)).toBe(0);
    expect(ndcg(["other"], grades([2]), 10)).toBe(0);
  });

  it("gives nothing for a record that is listed again", () => {
    expect(ndcg(["d0", "d0"], grades([1, 1]), 2)).toBeCloseTo(1 / (1 + 1 / Math.log2(3)), 12);
  });

  it("lies in 0 to 1, is 1 for the best order, and does not fall when a better grade moves up", () => {
    const lists = fc.array(fc.integer({ min: -1, max: 4 }), { minLength: 2, maxLength: 12 });
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 12 }), fc.nat(), (values, k, place) => {
        const judgements = grades(values);
        const order = ranking(values.length);
        const quality = ndcg(order, judgements, k);
        if (quality === undefined) return;
        expect(quality).toBeGreaterThanOrEqual(0);
        expect(quality).toBeLessThanOrEqual(1 + 1e-12);
        const best = order.toSorted(
          (left, right) => (judgements.get(right) ?? 0) - (judgements.get(left) ?? 0),
        );
        expect(ndcg(best, judgements, k)).toBeCloseTo(1, 12);
        const first = place % (values.length - 1);
        const swapped = [...order];
        [swapped[first], swapped[first + 1]] = [order[first + 1] as string, order[first] as string];
        const rises = (values[first + 1] as number) >= (values[first] as number);
        const after = ndcg(swapped, judgements, k) as number;
        if (rises) expect(after).toBeGreaterThanOrEqual(quality - 1e-12);
        else expect(after).toBeLessThanOrEqual(quality + 1e-12);
      }),
    );
  });
});

describe("recall, precision and reciprocal rank", () => {
  const judgements = new Map([
    ["a", 2],
    ["b", 1],
    ["c", 0],
    ["d", 1],
  ]);

  it("are what one counts by hand", () => {
    expect(recall(["c", "a", "x", "b"], judgements, 3)).toBeCloseTo(1 / 3, 12);
    expect(precision(["c", "a", "x", "b"], judgements, 4)).toBe(0.5);
    expect(reciprocalRank(["c", "x", "b"], judgements, 10)).toBeCloseTo(1 / 3, 12);
  });

  it("count empty places and repeated ids as misses", () => {
    expect(precision(["a"], judgements, 5)).toBe(0.2);
    expect(precision(["a", "a"], judgements, 2)).toBe(0.5);
    expect(recall(["a", "a", "a"], judgements, 3)).toBeCloseTo(1 / 3, 12);
    expect(reciprocalRank(["c", "a"], judgements, 1)).toBe(0);
  });

  it("have no recall if nothing is relevant", () => {
    expect(recall(["a"], new Map([["a", 0]]), 3)).toBeUndefined();
    expect(precision(["a"], new Map([["a", 0]]), 3)).toBe(0);
  });
});
