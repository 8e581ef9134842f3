import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { createApplication } from "../../src/composition/application.ts";
import { createSchedules } from "../../src/composition/schedules/schedules.ts";
import { readSettings } from "../../src/config/settings.ts";
import { ScheduleRepository } from "../../src/state/schedules.ts";
import { openSqliteState } from "../../src/state/sqlite.ts";
import { sampleFoods } from "../helpers/foods.ts";
import { temporaryDirectory } from "../helpers/temporary.ts";

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** The schedules of a service that was stopped for a day: every job is due. */
async function dueSchedules(environment: Record<string, string> = {}) {
  const directory = temporaryDirectory();
  const variables = {
    RAGFOOD_DIR: join(directory, ".ragfood"),
    BACKUP_DIR: join(directory, "backups"),
    DRIFT_SCHEDULE: "off",
    REPORT_SCHEDULE: "off",
    ...environment,
  };
  const settings = readSettings(variables);
  const application = createApplication(settings);
  await application.store.upsert(sampleFoods.map(({ id, text }) => ({ id, text, metadata: {} })));
  const clock = { now: Date.now() - 8 * 86_400_000 };
  const state = openSqliteState(join(settings.directory, "state.sqlite3"), { now: () => clock.now });
  const schedules = createSchedules({
    settings,
    environment: variables,
    state,
    primary: application.primary,
    log: silent,
    version: "1.2.3",
  });
  onTestFinished(async () => {
    await schedules.runner.stop();
    await state.close();
    await application.close();
  });
  const repository = new ScheduleRepository(state);
  schedules.runner.start();
  while ((await repository.list()).length === 0) await wait(5);
  await schedules.runner.stop();
  clock.now = Date.now();
  const again = createSchedules({
    settings,
    environment: variables,
    state,
    primary: application.primary,
    log: silent,
    version: "1.2.3",
  });
  onTestFinished(() => again.runner.stop());
  again.runner.start();
  return { settings, schedules: again, repository };
}

async function ended(repository: ScheduleRepository, count: number) {
  for (;;) {
    const all = await repository.list();
    if (all.filter(({ last }) => last !== undefined).length >= count) return all;
    await wait(20);
  }
}

describe("the schedules of a service", () => {
  it("back up, prune, prove a backup and read a sample, and report it in the status", async () => {
    const { settings, schedules, repository } = await dueSchedules();
    const all = await ended(repository, 5);
    expect(all.map(({ name, last }) => [name, last?.outcome])).toEqual([
      ["backup", "succeeded"],
      ["backup-drill", "succeeded"],
      ["backup-prune", "succeeded"],
      ["feedback-retention", "succeeded"],
      ["integrity", "succeeded"],
    ]);
    expect(readdirSync(settings.backups.directory).filter((name) => name.endsWith(".tar.gz"))).toHaveLength(
      3,
    );
    expect(await schedules.sections.integrity?.()).toMatchObject({
      condition: "good",
      isStale: false,
      sentence: "5 of 5 records read again, no damage found",
    });
    const backups = await schedules.sections.backups?.();
    expect(backups?.details).toMatchObject({
      count: 3,
      parts: Array(3).fill(expect.objectContaining({ isEncrypted: false })),
    });
    for (const { key, run } of schedules.checks) expect([key, await run()]).toEqual([key, "good"]);
  });

  it("are switched off by a setting, and leave the status unknown", async () => {
    const { settings, schedules } = await dueSchedules({
      BACKUP_SCHEDULE: "off",
      BACKUP_DRILL_SCHEDULE: "off",
    });
    expect(schedules.checks.map(({ key }) => key)).toEqual([
      "schedule-integrity",
      "schedule-feedback-retention",
      "backup",
    ]);
    expect(existsSync(settings.backups.directory)).toBe(false);
    expect(await schedules.sections.backups?.()).toMatchObject({
      condition: "unknown",
      sentence: "There is no verified backup yet. Make one: ragfood backup create",
    });
  });

  it("are refused at the start if an expression or the key file cannot be read", async () => {
    await expect(dueSchedules({ BACKUP_SCHEDULE: "daily" })).rejects.toThrow('BACKUP_SCHEDULE is "daily"');
    await expect(dueSchedules({ BACKUP_KEY_FILE: "missing.key" })).rejects.toThrow("missing.key");
  });
});
