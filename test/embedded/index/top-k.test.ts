import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TopK } from "../../../src/embedded/index/top-k.ts";

describe("TopK", () => {
  it("keeps what sorting everything would, the earlier row first among equals", () => {
    const scores = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 });
    fc.assert(
      fc.property(scores, fc.integer({ min: 0, max: 70 }), (list, k) => {
        const best = new TopK(k);
        const rows = list.map((score, row) => ({ row, score }));
        for (const { row, score } of rows) best.offer(row, score);
        const expected = [...rows]
          .sort((left, right) => right.score - left.score || left.row - right.row)
          .slice(0, k);
        expect(best.sorted()).toEqual(expected);
      }),
    );
  });
});

it("the best rows of a collection that is not full are those that were offered", () => {
  const top = new TopK(5);
  top.offer(7, -2);
  top.offer(8, -1);
  expect(top.best(4)).toEqual([
    { row: 8, score: -1 },
    { row: 7, score: -2 },
  ]);
});
