import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { cronTimes } from "../../../src/operations/schedules/cron.ts";
import type { Job } from "../../../src/operations/schedules/job.ts";
import {
  type ScheduleEvent,
  ScheduleRunner,
  type ScheduleRunnerOptions,
} from "../../../src/operations/schedules/runner.ts";
import { ScheduleRepository } from "../../../src/state/schedules.ts";
import { openSqliteState } from "../../../src/state/sqlite.ts";
import { temporaryDirectory } from "../../helpers/temporary.ts";

const dayMs = 86_400_000;
const start = Date.UTC(2026, 10, 30, 12);

/** A replica of a service whose clock the test sets. */
function replicaOf(
  file: string,
  clock: { now: number },
  jobs: readonly Job[],
  options: ScheduleRunnerOptions = {},
) {
  const state = openSqliteState(file, { now: () => clock.now });
  const transactions = vi.spyOn(state, "transaction");
  const events: ScheduleEvent[] = [];
  const runner = new ScheduleRunner(state, jobs, {
    pollMs: 5,
    leaseMs: 500,
    ...options,
    onEvent: (event) => events.push(event),
  });
  onTestFinished(async () => {
    await runner.stop();
    await state.close();
  });
  /** Resolves when the runner has looked for due jobs once more, from the beginning to the end. */
  const looked = async () => {
    const before = transactions.mock.calls.length;
    // One may be under way, one is whole, and the third proves that the second has ended.
    await until(() => transactions.mock.calls.length >= before + 3);
  };
  return { runner, events, looked, repository: new ScheduleRepository(state) };
}

function job(run: Job["run"]): Job {
  return { name: "backup", expression: "0 3 * * *", setting: "BACKUP_SCHEDULE", run };
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await wait(5);
}

/** Resolves when the next run lies in the future: the job is registered, and no run is due. */
function planned({ repository }: ReturnType<typeof replicaOf>, clock: { now: number }): Promise<void> {
  return until(async () => ((await repository.list())[0]?.dueAt ?? 0) > clock.now);
}

describe("the schedules of a service", () => {
  it("run a daily job once a day over two replicas", async () => {
    const file = join(temporaryDirectory(), "state.sqlite3");
    const clock = { now: start };
    let runs = 0;
    const daily = job(async () => ({ summary: `run ${++runs}` }));
    const replicas = [replicaOf(file, clock, [daily]), replicaOf(file, clock, [daily])] as const;
    for (const { runner } of replicas) runner.start();
    for (let day = 1; day <= 3; day++) {
      await planned(replicas[0], clock);
      clock.now += dayMs;
      await until(() => runs === day);
    }
    await planned(replicas[0], clock);
    for (const { looked } of replicas) await looked();
    expect(runs).toBe(3);
    expect((await replicas[1].repository.list())[0]?.last?.summary).toBe("run 3");
  });

  it("make up for a time that was missed while the service was stopped", async () => {
    const file = join(temporaryDirectory(), "state.sqlite3");
    const clock = { now: start };
    let runs = 0;
    const daily = job(async () => ({ summary: `run ${++runs}` }));
    const first = replicaOf(file, clock, [daily]);
    first.runner.start();
    await planned(first, clock);
    await first.runner.stop();
    clock.now += 5 * dayMs;
    const second = replicaOf(file, clock, [daily]);
    second.runner.start();
    await planned(second, clock);
    await second.looked();
    expect(runs).toBe(1);
  });

  it("interrupt a run at a stop, and begin it again at the next start", async () => {
    const file = join(temporaryDirectory(), "state.sqlite3");
    const clock = { now: start };
    let begun = 0;
    const slow = job(async ({ signal }) => {
      if (++begun === 1) await wait(60_000, undefined, { signal });
      return { summary: "done" };
    });
    const first = replicaOf(file, clock, [slow]);
    first.runner.start();
    await planned(first, clock);
    clock.now += dayMs;
    await until(() => begun === 1);
    await first.runner.stop();
    expect(first.events.at(-1)).toMatchObject({ type: "job-end", outcome: "interrupted" });
    const second = replicaOf(file, clock, [slow]);
    second.runner.start();
    await until(() => second.events.some(({ type }) => type === "job-end"));
    expect(second.events).toMatchObject([
      { type: "job-start", attempt: 1 },
      { type: "job-end", outcome: "succeeded", summary: "done" },
    ]);
  });

  it("interrupt a run that another replica has taken over", async () => {
    const file = join(temporaryDirectory(), "state.sqlite3");
    const clock = { now: start };
    const hanging = replicaOf(file, clock, [
      job(({ signal }) => wait(60_000, undefined, { signal }) as Promise<never>),
    ]);
    hanging.runner.start();
    await planned(hanging, clock);
    clock.now += dayMs;
    await until(() => hanging.events.length === 1);
    const healthy = replicaOf(file, clock, [job(async () => ({ summary: "done" }))]);
    healthy.runner.start();
    // Longer than the lease, by the store's clock, until the other replica is faster than a renewal.
    await until(() => {
      if (healthy.events.length > 0) return true;
      clock.now += 10_000;
      return false;
    });
    await until(() => healthy.events.length === 2 && hanging.events.length === 2);
    expect(hanging.events[1]).toMatchObject({ outcome: "interrupted" });
    expect((await healthy.repository.list())[0]?.last).toMatchObject({
      outcome: "succeeded",
      summary: "done",
    });
  });

  it("report a failure with its reason, without secrets, and go on", async () => {
    const file = join(temporaryDirectory(), "state.sqlite3");
    const clock = { now: start };
    const failing = job(async () => {
      throw new Error("no answer from https://user:a-long-password@example.com");
    });
    const replica = replicaOf(file, clock, [failing]);
    const { runner, events, repository } = replica;
    runner.start();
    await planned(replica, clock);
    clock.now += dayMs;
    await until(() => events.length === 2);
    expect(events[1]).toMatchObject({
      outcome: "failed",
      summary: expect.stringContaining("no answer from"),
    });
    expect(JSON.stringify(await repository.list())).not.toContain("a-long-password");
    clock.now += 60_000;
    await until(() => events.length === 4);
    expect(events[2]).toMatchObject({ type: "job-start", attempt: 2 });
  });

  it("read cron expressions in UTC, and refuse what is none by the name of its setting", () => {
    const next = cronTimes("30 3 * * 1", "BACKUP_SCHEDULE");
    expect(new Date(next(start)).toISOString()).toBe("2026-12-07T03:30:00.000Z");
    expect(() => cronTimes("every day", "BACKUP_SCHEDULE")).toThrow(/^BACKUP_SCHEDULE is "every day"/);
    expect(() => cronTimes("0 0 31 2 *", "BACKUP_SCHEDULE")).toThrow("no time in the future");
  });
});
