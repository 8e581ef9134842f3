import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createApplication } from "../../src/composition/application.ts";
import { reportJobs } from "../../src/composition/schedules/report-jobs.ts";
import { readSettings } from "../../src/config/settings.ts";
import { FeedbackRepository } from "../../src/state/feedback.ts";
import { openSqliteState } from "../../src/state/sqlite.ts";
import { sampleFoods } from "../helpers/foods.ts";
import { project } from "../helpers/project.ts";

const context = { signal: new AbortController().signal, lastDetails: undefined };

async function jobs(environment: Record<string, string> = {}) {
  const { directory, dataFile } = project();
  const settings = readSettings({
    RAGFOOD_DIR: join(directory, ".ragfood"),
    JSON_FILE: dataFile,
    ...environment,
  });
  const { store, close } = createApplication(settings);
  await store.upsert(sampleFoods.map(({ id, text }) => ({ id, text, metadata: {} })));
  await close();
  const clock = { now: Date.now() };
  const state = openSqliteState(join(settings.directory, "state.sqlite3"), { now: () => clock.now });
  onTestFinished(() => state.close());
  const list = reportJobs({ settings, state, version: "1.2.3" });
  const run = (name: string) => list.find((job) => job.name === name)?.run(context);
  return { settings, state, clock, list, run };
}

describe("scheduled reports, drift and retention (14.6, 14.7)", () => {
  it("writes the report of a week in three formats, and the same files when it runs again", async () => {
    const { settings, run } = await jobs();
    const files = () =>
      readdirSync(join(settings.directory, "reports")).map((name) => name.replace(/^.*\./, ""));
    expect((await run("report"))?.summary).toMatch(/reports\/report-\d{4}-\d{2}-\d{2}\.html$/);
    await run("report");
    expect(files().sort()).toEqual(["html", "json", "md"]);
    const [json = ""] = readdirSync(join(settings.directory, "reports")).filter((name) =>
      name.endsWith("json"),
    );
    const report = JSON.parse(readFileSync(join(settings.directory, "reports", json), "utf8"));
    expect(Date.parse(report.to) - Date.parse(report.from)).toBe(7 * 86_400_000);
    expect(report.condition).toBe("unknown");
  });

  it("checks the model, deletes old votes, and runs nothing that is off", async () => {
    const { run, state, clock } = await jobs({ FEEDBACK_DAYS: "30" });
    expect((await run("drift"))?.summary).toBe("no dense model embeds, so that nothing can drift");
    await new FeedbackRepository(state).vote({ answerId: "a", caller: "c", vote: "up" });
    clock.now += 31 * 86_400_000;
    expect((await run("feedback-retention"))?.summary).toBe("1 vote older than 30 days deleted");
    const { list } = await jobs({ DRIFT_SCHEDULE: "off", REPORT_SCHEDULE: "OFF" });
    expect(list.map(({ name }) => name)).toEqual(["feedback-retention"]);
  });
});
