import { describe, expect, it } from "vitest";
import { breachText } from "../../web/dashboard/breach-text.ts";
import type { Objective } from "../../web/service/contract.ts";

const at = (minutes: number) => new Date(2026, 5, 10, 10, minutes).toISOString();

const p99: Objective = {
  name: "p99",
  title: "Latency, 99th percentile",
  unit: "milliseconds",
  comparison: "below",
  target: 2_000,
  state: "breached",
  standing: "breached",
  since: at(49),
  calmSince: null,
  endsBy: null,
  value: 998,
  requests: 897,
  minimumRequests: 20,
  windows: [
    { minutes: 5, value: 998, requests: 300, bad: 0, coverage: 1, burnRate: 0 },
    { minutes: 30, value: null, requests: 897, bad: 9, coverage: 1, burnRate: 1.003 },
  ],
  budget: null,
  time: at(53),
  isStale: false,
};

// The other day of a time would name it.
const text = (change: Partial<Objective>, isOld = false) =>
  breachText({ ...p99, ...change }, isOld)
    .replaceAll("10 Jun, ", "")
    .replaceAll("10 Jun 2026, ", "");

describe("what a tile says of a breach", () => {
  it.each<[string, Partial<Objective>, string]>([
    ["names what broke it if the value meets it", {}, ", since 10:49: 9 of 897 requests slower in 30 min"],
    [
      "says until when it was broken, and when the alert ends",
      { calmSince: at(52), endsBy: at(59) },
      ", was above it 10:49 to 10:52: 9 of 897 requests slower in 30 min. The alert ends by 10:59 if it stays so",
    ],
    ["says only since when if the value shows it", { value: 2_500 }, ", since 10:49"],
    [
      "says since when no request is bad if the value still misses it",
      { value: 2_500, calmSince: at(52), endsBy: at(59) },
      ", since 10:49. No bad request since 10:52. The alert ends by 10:59 if it stays so",
    ],
    [
      "says below for what has to be at least something",
      { name: "availability", comparison: "at least", target: 0.999, value: 1, calmSince: at(52) },
      ", was below it 10:49 to 10:52: 9 of 897 requests not answered in 30 min",
    ],
  ])("a tile %s", (_, change, expected) => {
    expect(text(change)).toBe(expected);
  });

  it("promises no end from an old measure", () => {
    expect(text({ calmSince: at(52), endsBy: at(59) }, true)).toBe(
      ", since 10:49: 9 of 897 requests slower in 30 min",
    );
  });
});
