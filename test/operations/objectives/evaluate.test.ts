import { describe, expect, it } from "vitest";
import { readSettings } from "../../../src/config/settings.ts";
import { type Counters, hourMs, minuteMs } from "../../../src/operations/metrics/bucket.ts";
import { MinuteRecorder } from "../../../src/operations/metrics/minute-recorder.ts";
import { Timeline } from "../../../src/operations/metrics/timeline.ts";
import { evaluate } from "../../../src/operations/objectives/evaluate.ts";
import type { ObjectiveName } from "../../../src/operations/status/status.ts";

const { objectives } = readSettings({});

const now = 1_000 * hourMs;
const healthy: Counters = { requests: 100, milliseconds: 2_000 };

/** Minutes that end now; each replica adds the same counters. */
function minutesOf(
  timeline: Timeline,
  count: number,
  counters: Counters,
  untilMinutesAgo = 0,
  replica = "a",
) {
  for (let minute = untilMinutesAgo; minute < untilMinutesAgo + count; minute++) {
    timeline.addMinute(replica, { startMs: now - minute * minuteMs, counters, latencies: {} });
  }
}

function evaluated(timeline: Timeline, name: ObjectiveName) {
  return evaluate(timeline, objectives, now).find((each) => each.name === name)!;
}

describe("the state of an objective (OPS-2)", () => {
  it("is met while requests are fast and none fails", () => {
    const timeline = new Timeline();
    minutesOf(timeline, 120, healthy);
    expect(evaluate(timeline, objectives, now).map(({ name, state }) => [name, state])).toEqual([
      ["average", "met"],
      ["p99", "met"],
      ["availability", "met"],
      ["errors", "met"],
    ]);
  });

  it("is unknown if nothing was ever measured, and with too few requests", () => {
    const timeline = new Timeline();
    expect(evaluated(timeline, "errors").state).toBe("unknown");
    minutesOf(timeline, 1, { requests: 19, failed: 19, milliseconds: 10 });
    expect(evaluated(timeline, "errors").state).toBe("unknown");
  });

  it("is stale if the last request is long ago, although it was good", () => {
    const timeline = new Timeline();
    minutesOf(timeline, 60, healthy, 12);
    minutesOf(timeline, 12, {});
    expect(evaluated(timeline, "errors").state).toBe("stale");
  });

  it("does not breach for one failed request", () => {
    const timeline = new Timeline();
    minutesOf(timeline, 1, { requests: 30, failed: 1, milliseconds: 300 });
    expect(evaluated(timeline, "errors").state).toBe("met");
  });

  it("breaches a minute after an outage began, with history of a healthy day", () => {
    const timeline = new Timeline();
    minutesOf(timeline, 1_440, healthy, 1);
    minutesOf(timeline, 1, { requests: 100, failed: 100, milliseconds: 100 });
    expect(evaluated(timeline, "errors")).toMatchObject({ state: "breached", rule: { severity: "page" } });
    expect(evaluated(timeline, "availability").state).toBe("breached");
  });

  it("ends soon after the outage, although an hour's average is still bad", () => {
    const timeline = new Timeline();
    minutesOf(timeline, 1_440, healthy);
    minutesOf(timeline, 10, { requests: 100, failed: 100, milliseconds: 100 }, 10);
    const errors = evaluated(timeline, "errors");
    // The windows of 6 hours and 30 minutes still page; those of an hour and 5 minutes do not.
    expect(errors.rule).toMatchObject({ longMinutes: 360 });
    const later = new Timeline();
    minutesOf(later, 1_440, healthy);
    minutesOf(later, 2, { requests: 100, failed: 50, milliseconds: 100 }, 40);
    expect(evaluated(later, "errors").state).toBe("met");
  });

  it("does not stay breached for hours by a short outage of a young service", () => {
    const timeline = new Timeline();
    // Measured for 20 minutes: an outage of 75 seconds ended ten minutes ago.
    minutesOf(timeline, 20, { requests: 60, milliseconds: 600 });
    minutesOf(timeline, 1, { requests: 60, failed: 60, milliseconds: 600 }, 11);
    minutesOf(timeline, 1, { requests: 60, failed: 15, milliseconds: 600 }, 10);
    expect(evaluated(timeline, "errors")).toMatchObject({
      state: "met",
      calm: { since: now - 9 * minuteMs },
    });
    expect(evaluated(timeline, "availability").state).toBe("met");
  });

  it("is breached by an outage of a service in its first minute, and by half of it in its second", () => {
    const timeline = new Timeline();
    minutesOf(timeline, 1, { requests: 25, failed: 25, milliseconds: 10 });
    expect(evaluated(timeline, "errors")).toMatchObject({ state: "breached", rule: { severity: "page" } });
    const half = new Timeline();
    minutesOf(half, 2, { requests: 60, failed: 30, milliseconds: 10 });
    expect(evaluated(half, "errors")).toMatchObject({ state: "breached", rule: { severity: "page" } });
  });

  it("ends at a time that is known while no request fails any more", () => {
    const timeline = new Timeline();
    minutesOf(timeline, 20, { requests: 60, milliseconds: 600 });
    minutesOf(timeline, 2, { requests: 60, failed: 60, milliseconds: 600 }, 2);
    const { rule, calm } = evaluated(timeline, "errors");
    expect(rule).toMatchObject({ longMinutes: 60, shortMinutes: 5 });
    expect(calm).toEqual({ since: now - minuteMs, rulesEndAt: now + 4 * minuteMs });
    minutesOf(timeline, 1, { requests: 60, failed: 1, milliseconds: 600 });
    expect(evaluated(timeline, "errors").calm).toBeUndefined();
  });

  it("breaches by a slow leak that uses up the budget of days", () => {
    const timeline = new Timeline();
    minutesOf(timeline, 24 * 60, { requests: 1_000, failed: 5, milliseconds: 20_000 });
    expect(evaluated(timeline, "errors").rule).toMatchObject({ severity: "ticket" });
  });

  it("counts refused requests as unavailable, not as errors", () => {
    const timeline = new Timeline();
    minutesOf(timeline, 10, { requests: 100, refused: 50, milliseconds: 1_000 });
    expect(evaluated(timeline, "availability").state).toBe("breached");
    expect(evaluated(timeline, "errors").state).toBe("met");
  });

  it("breaches the average and the 99th percentile if requests are slow", () => {
    const timeline = new Timeline();
    minutesOf(timeline, 10, { requests: 100, slow: 100, milliseconds: 300_000 });
    expect(evaluated(timeline, "average")).toMatchObject({ state: "breached", value: 3_000 });
    expect(evaluated(timeline, "p99").state).toBe("breached");
  });
});

describe("the error budget", () => {
  it("is what is left of the failures that 30 days allow", () => {
    const timeline = new Timeline();
    timeline.addHour({
      startMs: now - 20 * 24 * hourMs,
      counters: { requests: 99_000, failed: 49 },
      latencies: {},
    });
    for (let hour = 27; hour <= 30 * 24; hour++) {
      if (hour !== 20 * 24) timeline.addHour({ startMs: now - hour * hourMs, counters: {}, latencies: {} });
    }
    minutesOf(timeline, 27 * 60, {});
    minutesOf(timeline, 10, { requests: 100, failed: 0, milliseconds: 10 });
    minutesOf(timeline, 1, { requests: 0, failed: 1, milliseconds: 10 }, 20);
    expect(evaluated(timeline, "errors").budget).toEqual({ days: 30, remaining: 0.5, requests: 100_000 });
    expect(evaluated(timeline, "average").budget).toBeUndefined();
  });

  it("of a young service counts the days before it as good: a short outage does not use it up", () => {
    const timeline = new Timeline();
    minutesOf(timeline, 60, { requests: 60, milliseconds: 600 });
    minutesOf(timeline, 1, { requests: 60, failed: 60, milliseconds: 600 }, 30);
    // One minute of 30 days, all of whose requests failed: 1/43,200 of the requests, where 1/1,000 may fail.
    expect(evaluated(timeline, "errors").budget?.remaining).toBeCloseTo(1 - 1_000 / 43_200, 5);
  });
});

describe("several replicas", () => {
  it("are judged by what all of them measured, percentiles included", () => {
    const timeline = new Timeline();
    for (const [replica, milliseconds] of [
      ["a", 10],
      ["b", 3_000],
    ] as const) {
      const recorder = new MinuteRecorder(() => now);
      for (let count = 0; count < 50; count++) recorder.time("request", milliseconds);
      recorder.count("requests", 50);
      recorder.count("milliseconds", 50 * milliseconds);
      timeline.addMinute(replica, recorder.pending()[0]!);
    }
    expect(evaluated(timeline, "average").value).toBe(1_505);
    expect(evaluated(timeline, "p99").value).toBeCloseTo(3_000, -1);
  });
});
