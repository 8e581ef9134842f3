import { describe, expect, it } from "vitest";
import { fuse } from "../../../src/embedded/index/fusion.ts";
import { shortestFloat } from "../../../src/embedded/protocol/float.ts";

const scored = (list: { row: number; score: number }[]) =>
  list.map(({ row, score }) => [row, shortestFloat(score)]);
const list = (...scores: [row: number, score: number][]) =>
  scores.map(([row, score]) => ({ row, score: Math.fround(score) }));

describe("fuse", () => {
  it("sums reciprocal ranks from 0: 2/60 for the best of both, 1/60 + 1/62", () => {
    const fused = fuse([list([1, 9], [2, 8], [3, 7]), list([1, 5], [4, 4], [2, 3])], "RRF");
    expect(scored(fused)).toEqual([
      [1, 0.033333335],
      [2, 0.032522473],
      [4, 0.016393442],
      [3, 0.016129032],
    ]);
    expect(scored(fuse([list([1, 9]), list([5, 3], [6, 2], [1, 1])], "RRF"))[0]).toEqual([1, 0.032795697]);
  });

  it("scales by mean and sample deviation, with 0.5 in the middle", () => {
    const fused = fuse([list([1, 3], [2, 2], [3, 1])], "DBSF");
    expect(scored(fused)).toEqual([
      [1, 0.6666667],
      [2, 0.5],
      [3, 0.33333334],
    ]);
  });

  it("gives 0.5 to a single candidate and to equal scores", () => {
    expect(scored(fuse([list([7, 0.3])], "DBSF"))).toEqual([[7, 0.5]]);
    expect(scored(fuse([list([1, 2], [2, 2]), list([2, 1])], "DBSF"))).toEqual([
      [2, 1],
      [1, 0.5],
    ]);
  });

  it("keeps the order of rows where scores are equal", () => {
    expect(fuse([list([9, 1]), list([4, 1])], "RRF").map(({ row }) => row)).toEqual([4, 9]);
  });
});
