import { join } from "node:path";
import type { Settings } from "../../config/settings.ts";
import { readGoldenQueries } from "../../evaluation/index.ts";
import { replaceFile } from "../../foundation/durable-file.ts";
import { counted } from "../../foundation/plural.ts";
import { reportHtml } from "../../operations/report/html/report-html.ts";
import type { Report } from "../../operations/report/report.ts";
import { reportMarkdown } from "../../operations/report/report-markdown.ts";
import type { Job, JobResult } from "../../operations/schedules/job.ts";
import { redactor } from "../../security/redactor.ts";
import type { StateDatabase } from "../../state/database.ts";
import { FeedbackRepository } from "../../state/feedback.ts";
import { createApplication } from "../application.ts";
import { checkModelDrift } from "../drift.ts";
import { createReport, shippedQueries } from "../report.ts";

export interface ReportJobsOptions {
  readonly settings: Settings;
  readonly state: StateDatabase;
  readonly version: string;
}

const dayMs = 86_400_000;
const reportDays = 7;

/** The scheduled check for drift, the weekly report, and the end of the retention of feedback. */
export function reportJobs(options: ReportJobsOptions): Job[] {
  const { settings, state } = options;
  const jobs: (Job | undefined)[] = [
    settings.driftSchedule === undefined
      ? undefined
      : {
          name: "drift",
          expression: settings.driftSchedule,
          setting: "DRIFT_SCHEDULE",
          run: ({ signal }) => checkDriftNow(options, signal),
        },
    settings.reportSchedule === undefined
      ? undefined
      : {
          name: "report",
          expression: settings.reportSchedule,
          setting: "REPORT_SCHEDULE",
          run: ({ signal }) => writeReport(options, signal),
        },
    {
      name: "feedback-retention",
      expression: "15 2 * * *",
      setting: "FEEDBACK_DAYS",
      run: async () => {
        const { feedbackDays: retentionDays } = settings;
        const count = await new FeedbackRepository(state, { retentionDays }).prune();
        return { summary: `${counted(count, "vote")} older than ${counted(retentionDays, "day")} deleted` };
      },
    },
  ];
  return jobs.filter((job) => job !== undefined);
}

async function checkDriftNow(
  { settings, state }: ReportJobsOptions,
  signal: AbortSignal,
): Promise<JobResult> {
  const result = await checkModelDrift({ settings, state, signal });
  if (result === undefined) return { summary: "no dense model embeds, so that nothing can drift" };
  // A drift has an alert of its own (`driftCheck`), which also ends when a check by hand finds no drift.
  const { outcome, sentence, largestChange } = result;
  return { summary: sentence, details: { outcome, largestChange } };
}

/** The seven days before today, in UTC: a run that is repeated writes the same files again. */
async function writeReport(
  { settings, state, version }: ReportJobsOptions,
  signal: AbortSignal,
): Promise<JobResult> {
  const to = Math.floor(Date.now() / dayMs) * dayMs;
  const recorded = await createReport({
    settings,
    state,
    span: { from: to - reportDays * dayMs, to },
    version,
    accuracy: {
      open: () => createApplication(settings),
      queries: await readGoldenQueries(shippedQueries),
      areShipped: true,
    },
    signal,
  });
  const report = redactor.value(recorded) as Report;
  const name = join(settings.directory, "reports", `report-${report.to.slice(0, 10)}`);
  replaceFile(`${name}.html`, reportHtml(report));
  replaceFile(`${name}.md`, reportMarkdown(report));
  replaceFile(`${name}.json`, `${JSON.stringify(report, null, 2)}\n`);
  return { summary: `the report is in ${name}.html`, details: { condition: report.condition } };
}
