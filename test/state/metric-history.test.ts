import { expect, it } from "vitest";
import {
  pruneBuckets,
  readBuckets,
  type StoredBucket,
  sumHours,
  writeMinutes,
} from "../../src/state/metric-history.ts";
import { describeOnEachStore } from "./contract.ts";

const hour = 3_600_000;
const minute = 60_000;

function bucket(startMs: number, requests: number): StoredBucket {
  return { startMs, counters: { requests }, latencies: {} };
}

function merge(startMs: number, buckets: readonly StoredBucket[]): StoredBucket {
  return bucket(
    startMs,
    buckets.reduce((sum, { counters }) => sum + (counters.requests ?? 0), 0),
  );
}

describeOnEachStore("the metric history", (create) => {
  it("keeps the minutes of each replica, and replaces one that is written again", async () => {
    const state = await create().open();
    await state.transaction(async (session) => {
      await writeMinutes(session, "a", [bucket(0, 1), bucket(minute, 2)]);
      await writeMinutes(session, "b", [bucket(minute, 5)]);
      await writeMinutes(session, "a", [bucket(minute, 3)]);
    });
    const query = { resolution: "minute", fromMs: minute, toMs: hour } as const;
    const all = await state.transaction((session) => readBuckets(session, query));
    expect(all.map(({ replica, counters }) => [replica, counters.requests]).sort()).toEqual([
      ["a", 3],
      ["b", 5],
    ]);
    const others = await state.transaction((session) =>
      readBuckets(session, { ...query, exceptReplica: "a" }),
    );
    expect(others.map(({ replica }) => replica)).toEqual(["b"]);
  });

  it("sums an hour of all replicas once, and again when a minute comes late", async () => {
    const state = await create().open();
    const sum = () => state.transaction((session) => sumHours(session, 2 * hour, merge));
    const hours = () =>
      state.transaction((session) =>
        readBuckets(session, { resolution: "hour", fromMs: 0, toMs: 10 * hour }),
      );
    await state.transaction(async (session) => {
      await writeMinutes(session, "a", [bucket(0, 1), bucket(minute, 2)]);
      await writeMinutes(session, "b", [bucket(0, 4), bucket(2 * hour, 9)]);
    });
    expect(await sum()).toBe(1);
    expect(await sum()).toBe(0);
    expect((await hours()).map(({ startMs, counters }) => [startMs, counters.requests])).toEqual([[0, 7]]);
    await state.transaction((session) => writeMinutes(session, "b", [bucket(30 * minute, 10)]));
    expect(await sum()).toBe(1);
    expect((await hours())[0]?.counters).toEqual({ requests: 17 });
  });

  it("prunes minutes and hours by their own age", async () => {
    const state = await create().open();
    await state.transaction(async (session) => {
      await writeMinutes(session, "a", [bucket(0, 1), bucket(hour, 2)]);
      await sumHours(session, hour, merge);
    });
    expect(await state.transaction((session) => pruneBuckets(session, { minute: hour, hour: 0 }))).toBe(1);
  });
});
