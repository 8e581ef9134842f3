import { describe, expect, it } from "vitest";
import { hourMs, minuteMs } from "../../../src/operations/metrics/bucket.ts";
import { MetricHistory, readHistory } from "../../../src/operations/metrics/history.ts";
import { Metrics } from "../../../src/operations/metrics/metrics.ts";
import { Timeline } from "../../../src/operations/metrics/timeline.ts";
import type { StateDatabase } from "../../../src/state/database.ts";
import { describeOnEachStore } from "../../state/contract.ts";

const start = 1_000 * hourMs;
const ask = { method: "POST", route: "/api/ask", status: 200, milliseconds: 100 };

function replica(state: StateDatabase, name: string, clock: { now: number }) {
  const now = () => clock.now;
  const metrics = new Metrics({ now });
  const timeline = new Timeline();
  const failures: unknown[] = [];
  const history = new MetricHistory({
    metrics,
    timeline,
    state,
    replica: name,
    retentionDays: 400,
    onFailure: (error) => failures.push(error),
    now,
  });
  return { metrics, timeline, history, failures };
}

function requestsOf(timeline: Timeline, now: number, minutes: number): number | undefined {
  return timeline.totals(now, [minutes]).get(minutes)?.requests;
}

describeOnEachStore("the history of several replicas", (create) => {
  it("is merged when it is read, percentiles included", async () => {
    const clock = { now: start };
    const store = create();
    const one = replica(await store.open(), "one", clock);
    const state = await store.open();
    const two = replica(state, "two", clock);
    for (let count = 0; count < 50; count++) {
      one.metrics.recordRequest(ask);
      two.metrics.recordRequest({ ...ask, milliseconds: 1_000 });
    }
    await one.history.sync();
    await two.history.sync();
    expect(requestsOf(two.timeline, clock.now, 5)).toBe(100);
    const points = await readHistory(state, { fromMs: start, toMs: start + 3 * minuteMs, stepMs: minuteMs });
    expect(points.map(({ bucket }) => bucket?.counters.requests)).toEqual([100, undefined, undefined]);
    clock.now += 2 * minuteMs;
    one.metrics.recordRequest(ask);
    await one.history.sync();
    const later = await readHistory(state, { fromMs: start, toMs: start + 3 * minuteMs, stepMs: minuteMs });
    // Nobody measured in the second minute: a gap, not zero.
    expect(later.map(({ bucket }) => bucket?.counters.requests)).toEqual([100, undefined, 1]);
    expect(later[1]?.bucket).toBeUndefined();
  });

  it("survives a restart of the process", async () => {
    const clock = { now: start };
    const store = create();
    const before = replica(await store.open(), "one", clock);
    before.metrics.recordRequest(ask);
    await before.history.sync();
    clock.now += 30 * minuteMs;
    const after = replica(await store.open(), "one", clock);
    await after.history.sync();
    expect(requestsOf(after.timeline, clock.now, 60)).toBe(1);
  });

  it("keeps sums of hours longer than minutes", async () => {
    const clock = { now: start };
    const store = create();
    const state = await store.open();
    const { metrics, history, timeline } = replica(state, "one", clock);
    metrics.recordRequest(ask);
    await history.sync();
    clock.now += 40 * hourMs;
    metrics.recordRequest(ask);
    await history.sync();
    const span = { fromMs: start, toMs: start + 41 * hourMs };
    const hourly = await readHistory(state, { ...span, stepMs: hourMs });
    expect(hourly[0]?.bucket?.counters.requests).toBe(1);
    expect(hourly.at(-1)?.bucket?.counters.requests).toBe(1);
    expect((await readHistory(state, { ...span, stepMs: minuteMs }))[0]?.bucket).toBeUndefined();
    // A new process counts the sums for the error budget.
    const next = replica(await store.open(), "two", clock);
    await next.history.sync();
    expect(requestsOf(next.timeline, clock.now, 3 * 1_440)).toBe(2);
    expect(requestsOf(timeline, clock.now, 60)).toBe(1);
  });
});

describe("a state store that fails", () => {
  it("harms nothing: what was measured is written when it is back", async () => {
    const clock = { now: start };
    let isDown = true;
    const written: number[] = [];
    const state = {
      transaction: async (work: (session: unknown) => Promise<unknown>) => {
        if (isDown) throw new Error("no connection");
        return await work({
          run: async (_: string, ...values: unknown[]) => written.push(values[1] as number),
          all: async () => [],
        });
      },
    } as unknown as StateDatabase;
    const { metrics, history, failures, timeline } = replica(state, "one", clock);
    metrics.recordRequest(ask);
    expect(await history.sync()).toBe(false);
    expect(failures).toHaveLength(1);
    expect((await metrics.exposition()).text).toContain("ragfood_metric_history_write_failures_total 1");
    clock.now += minuteMs;
    expect(requestsOf(timeline, clock.now, 5)).toBe(1);
    isDown = false;
    expect(await history.sync()).toBe(true);
    expect(written).toContain(start);
  });
});

it("says to the minute since when anything was measured, also when its hour is known as a whole", () => {
  const timeline = new Timeline();
  const bucket = (startMs: number) => ({ startMs, counters: {}, latencies: {} });
  timeline.addHour(bucket(start));
  timeline.addMinute("one", bucket(start + 59 * minuteMs));
  expect(timeline.measuredSince(start + 2 * hourMs)).toBe(start + 59 * minuteMs);
  timeline.addHour(bucket(start - 3 * hourMs));
  expect(timeline.measuredSince(start + 2 * hourMs)).toBe(start - 3 * hourMs);
});
