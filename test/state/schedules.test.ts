import { expect, it } from "vitest";
import type { ClaimResult, Schedule, ScheduleClaim } from "../../src/state/schedules.ts";
import { ScheduleRepository } from "../../src/state/schedules.ts";
import { describeOnEachStore } from "./contract.ts";

const hourMs = 3_600_000;
const leaseMs = 60_000;
const start = Date.UTC(2026, 10, 30);
/** Every full hour. */
const hourly: Schedule = {
  name: "backup",
  expression: "0 * * * *",
  next: (after) => (Math.floor(after / hourMs) + 1) * hourMs,
};
const done = { outcome: "succeeded", summary: "12 records", details: { records: 12 } } as const;
const broken = { outcome: "failed", summary: "The disk is full." } as const;

function claimed(result: ClaimResult): ScheduleClaim {
  if (result.status !== "claimed") throw new Error(`waits for ${result.forMs} ms`);
  return result.claim;
}

describeOnEachStore("schedules", (create) => {
  async function openAt(time: { now: number }) {
    const store = create();
    const open = async () => new ScheduleRepository(await store.open({ now: () => time.now }));
    const repositories = [await open(), await open()] as const;
    await repositories[0].register([hourly]);
    await repositories[1].register([hourly]);
    return repositories;
  }

  it("are due at their next time, and are run by one replica", async () => {
    const time = { now: start };
    const [one, other] = await openAt(time);
    expect(await one.claim([hourly], leaseMs)).toEqual({ status: "waiting", forMs: hourMs });
    time.now += hourMs;
    const results = await Promise.all([one.claim([hourly], leaseMs), other.claim([hourly], leaseMs)]);
    expect(results.map(({ status }) => status).sort()).toEqual(["claimed", "waiting"]);
    expect((await other.list())[0]).toMatchObject({ name: "backup", runningSince: time.now });
  });

  it("record how a run ended, and wait for the next time", async () => {
    const time = { now: start };
    const [one, other] = await openAt(time);
    time.now += hourMs;
    const claim = claimed(await one.claim([hourly], leaseMs));
    time.now += 5_000;
    expect(await one.finish(claim, hourly, done)).toBe(true);
    expect(await other.list()).toEqual([
      {
        name: "backup",
        expression: "0 * * * *",
        dueAt: start + 2 * hourMs,
        runningSince: undefined,
        last: { ...done, startedAt: time.now - 5_000, endedAt: time.now },
        lastSucceededAt: time.now,
      },
    ]);
  });

  it("make up once for times that were missed while no replica ran", async () => {
    const time = { now: start };
    const [one, other] = await openAt(time);
    time.now += 50 * hourMs;
    await other.register([hourly]);
    await one.finish(claimed(await one.claim([hourly], leaseMs)), hourly, done);
    expect(await other.claim([hourly], leaseMs)).toEqual({ status: "waiting", forMs: hourMs });
  });

  it("try a failed run again after a minute and after five, then wait for the next time", async () => {
    const time = { now: start };
    const [one] = await openAt(time);
    time.now += hourMs;
    const waits: number[] = [];
    for (let attempt = 1; attempt <= 3; attempt++) {
      const claim = claimed(await one.claim([hourly], leaseMs));
      expect(claim.attempt).toBe(attempt);
      await one.finish(claim, hourly, broken);
      const waiting = (await one.claim([hourly], leaseMs)) as { forMs: number };
      waits.push(waiting.forMs);
      time.now += waiting.forMs;
    }
    expect(waits).toEqual([60_000, 5 * 60_000, hourMs - 6 * 60_000]);
    expect((await one.list())[0]).toMatchObject({ last: broken, lastSucceededAt: undefined });
  });

  it("do not repeat a run that found something wrong", async () => {
    const time = { now: start };
    const [one] = await openAt(time);
    time.now += hourMs;
    await one.finish(claimed(await one.claim([hourly], leaseMs)), hourly, { ...broken, isFinal: true });
    expect(await one.claim([hourly], leaseMs)).toEqual({ status: "waiting", forMs: hourMs });
  });

  it("pass to another replica when a lease ends, and ignore the first one from then on", async () => {
    const time = { now: start };
    const [one, other] = await openAt(time);
    time.now += hourMs;
    const first = claimed(await one.claim([hourly], leaseMs));
    time.now += leaseMs - 1;
    expect(await one.renew(first, leaseMs)).toBe(true);
    time.now += leaseMs - 1;
    expect(await other.claim([hourly], leaseMs)).toEqual({ status: "waiting", forMs: 1 });
    time.now += 1;
    const second = claimed(await other.claim([hourly], leaseMs));
    expect(second.attempt).toBe(2);
    expect(await one.renew(first, leaseMs)).toBe(false);
    expect(await one.finish(first, hourly, done)).toBe(false);
    expect(await other.finish(second, hourly, done)).toBe(true);
  });

  it("count as failed if the process that runs them ends three times", async () => {
    const time = { now: start };
    const [one] = await openAt(time);
    time.now += hourMs;
    for (let attempt = 1; attempt <= 3; attempt++) {
      claimed(await one.claim([hourly], leaseMs));
      time.now += leaseMs;
    }
    expect((await one.claim([hourly], leaseMs)).status).toBe("waiting");
    expect((await one.list())[0]?.last).toMatchObject({
      outcome: "failed",
      summary: expect.stringContaining("3 times"),
    });
  });

  it("are due again at once if a stop interrupted them", async () => {
    const time = { now: start };
    const [one, other] = await openAt(time);
    time.now += hourMs;
    await one.release(claimed(await one.claim([hourly], leaseMs)));
    expect(claimed(await other.claim([hourly], leaseMs)).attempt).toBe(1);
  });

  it("get a new time with a new expression, and keep their last result", async () => {
    const time = { now: start };
    const [one, other] = await openAt(time);
    time.now += hourMs;
    await one.finish(claimed(await one.claim([hourly], leaseMs)), hourly, done);
    const daily: Schedule = { ...hourly, expression: "0 3 * * *", next: () => start + 27 * hourMs };
    await other.register([daily]);
    expect((await one.list())[0]).toMatchObject({ dueAt: start + 27 * hourMs, last: done });
  });
});
