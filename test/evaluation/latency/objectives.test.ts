import { describe, expect, it } from "vitest";
import { checkObjectives, LatencyRecorder, type LatencySummary } from "../../../src/evaluation/index.ts";

function measured(times: readonly number[], errors = 0): LatencySummary {
  const recorder = new LatencyRecorder();
  for (const time of times) recorder.record(time);
  for (let error = 0; error < errors; error++) recorder.recordError(new Error("refused"));
  return recorder.summary() as LatencySummary;
}

const outcomes = (summary: LatencySummary) =>
  Object.fromEntries(checkObjectives(summary).map(({ objective, outcome }) => [objective, outcome]));

describe("LatencyRecorder (MIG-10)", () => {
  it("gives exact quantiles, and keeps failures out of the times", () => {
    const times = Array.from({ length: 101 }, (_, place) => 100 - place);
    expect(measured(times, 3)).toMatchObject({
      count: 104,
      errorCount: 3,
      errorRate: 3 / 104,
      errors: { refused: 3 },
      times: { average: 50, p50: 50, p95: 95, p99: 99, maximum: 100, p99Bound: undefined },
    });
    expect(new LatencyRecorder().summary()).toBeUndefined();
  });

  it("sorts numbers as numbers", () => {
    expect(measured([9, 10, 100]).times?.p50).toBe(10);
  });
});

describe("checkObjectives (MIG-10)", () => {
  const quick = (count: number) => Array.from({ length: count }, () => 20);

  it("is met by enough quick calls", () => {
    expect(outcomes(measured(quick(4_000)))).toEqual({ average: "met", p99: "met", errorRate: "met" });
  });

  it("says what a small sample cannot show, and how many calls it takes", () => {
    const verdicts = checkObjectives(measured(quick(100)));
    expect(verdicts.map(({ outcome }) => outcome)).toEqual(["met", "undecided", "undecided"]);
    expect(verdicts[1]?.reason).toContain("takes 299 calls");
    expect(verdicts[2]?.reason).toMatch(/takes 3838 calls without a failure .* below 0\.1 %/);
  });

  it("is missed by slow and by failing stores", () => {
    const slow = measured([...quick(380), ...Array.from({ length: 20 }, () => 30_000)]);
    expect(outcomes(slow)).toMatchObject({ average: "missed", p99: "missed" });
    expect(outcomes(measured(quick(990), 10))).toMatchObject({ errorRate: "missed" });
    expect(outcomes(measured([], 10))).toEqual({ average: "missed", p99: "missed", errorRate: "missed" });
  });

  it("leaves a p99 open whose bound lies beyond the limit", () => {
    const verdict = checkObjectives(measured([...quick(299), 5_000]))[1];
    expect(verdict).toMatchObject({ objective: "p99", outcome: "undecided" });
    expect(verdict?.reason).toContain("5000 ms");
  });

  it("does not count one failure in many as proof either way", () => {
    expect(outcomes(measured(quick(1_500), 1))).toMatchObject({ errorRate: "undecided" });
  });
});
