import { expect, it } from "vitest";
import { mergeFigures, noFigures } from "../../../src/cutover/watch/figures.ts";

it("figures of several processes are added (CUT-2)", () => {
  const counts = { requests: 1, errors: 2, diverted: 3, writes: 4, failedWrites: 5, milliseconds: 6 };
  const one = { ...noFigures, target: { ...noFigures.target, ...counts } };
  const merged = mergeFigures([one, one]);
  expect(merged.target).toMatchObject({
    requests: 2,
    errors: 4,
    diverted: 6,
    writes: 8,
    failedWrites: 10,
    milliseconds: 12,
  });
  expect(merged.source).toMatchObject({ requests: 0, diverted: 0, writes: 0 });
});
