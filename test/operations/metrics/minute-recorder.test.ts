import { describe, expect, it } from "vitest";
import { mergeBuckets, mergeLatencies, minuteMs } from "../../../src/operations/metrics/bucket.ts";
import { MinuteRecorder } from "../../../src/operations/metrics/minute-recorder.ts";

function recorderAt(start: number) {
  const clock = { now: start };
  return { clock, recorder: new MinuteRecorder(() => clock.now) };
}

describe("the minutes that are not yet written", () => {
  it("end when the next one begins, and an idle minute is measured too", () => {
    const { clock, recorder } = recorderAt(0);
    recorder.count("requests", 3);
    clock.now = minuteMs;
    expect(recorder.pending()).toEqual([
      { startMs: 0, counters: { requests: 3 }, latencies: {} },
      { startMs: minuteMs, counters: {}, latencies: {} },
    ]);
    recorder.written(0);
    expect(recorder.pending().map(({ startMs }) => startMs)).toEqual([minuteMs]);
  });

  it("are bounded if writing fails for hours; the oldest become a gap", () => {
    const { clock, recorder } = recorderAt(0);
    for (let minute = 1; minute <= 200; minute++) {
      clock.now = minute * minuteMs;
      recorder.count("requests");
    }
    expect(recorder.pending()).toHaveLength(61);
    expect(recorder.pending()[0]?.startMs).toBe(140 * minuteMs);
  });

  it("do not go back with a clock that is set back", () => {
    const { clock, recorder } = recorderAt(5 * minuteMs);
    clock.now = minuteMs;
    recorder.count("requests");
    expect(recorder.pending()).toEqual([{ startMs: 5 * minuteMs, counters: { requests: 1 }, latencies: {} }]);
  });
});

describe("merged buckets", () => {
  it("have the percentiles of all recordings, not an average of percentiles", () => {
    const buckets = [100, 2_000].map((milliseconds) => {
      const { recorder } = recorderAt(0);
      for (let count = 0; count < 50; count++) recorder.time("request", milliseconds);
      recorder.count("requests", 50);
      return recorder.pending()[0]!;
    });
    const merged = mergeBuckets(0, buckets);
    expect(merged.counters).toEqual({ requests: 100 });
    const latencies = mergeLatencies([merged], "request");
    expect(latencies?.percentile(50)).toBeCloseTo(100, 0);
    expect(latencies?.percentile(99)).toBeGreaterThanOrEqual(1_998);
    expect(latencies?.percentile(99)).toBeLessThanOrEqual(2_002);
  });

  it("record an hour at most, and never less than nothing", () => {
    const { recorder } = recorderAt(0);
    recorder.time("request", Number.POSITIVE_INFINITY);
    recorder.time("request", -1);
    const latencies = mergeLatencies(recorder.pending(), "request");
    expect(latencies?.count).toBe(2);
    expect((latencies?.percentile(100) ?? 0) / 3_600_000).toBeCloseTo(1, 2);
  });
});
