import type { Environment } from "../../config/environment.ts";
import type { Settings } from "../../config/settings.ts";
import type { RoutedStore } from "../../cutover/routed-store.ts";
import { listBackups, unprovenFault } from "../../operations/backups/catalog.ts";
import { backupJobs } from "../../operations/backups/jobs.ts";
import { backupSection, faultSentence } from "../../operations/backups/section.ts";
import { integrityJob } from "../../operations/integrity/job.ts";
import type { Log } from "../../operations/logs/log.ts";
import type { Job } from "../../operations/schedules/job.ts";
import { type ScheduleEvent, ScheduleRunner } from "../../operations/schedules/runner.ts";
import { isLate, sectionOf } from "../../operations/schedules/section.ts";
import type { SectionName } from "../../operations/status/status.ts";
import type { Check, CheckResult } from "../../operations/watch/checks.ts";
import type { SectionProvider } from "../../operations/watch/sections.ts";
import type { StateDatabase } from "../../state/database.ts";
import { ScheduleRepository, type ScheduleState } from "../../state/schedules.ts";
import type { VectorStore } from "../../store/store.ts";
import { backupSettings } from "../backups/open.ts";
import { openParts } from "../backups/parts.ts";
import { copyComparison } from "../compare-copy.ts";
import { reportJobs } from "./report-jobs.ts";

export interface ScheduleParts {
  readonly settings: Settings;
  readonly environment: Environment;
  readonly state: StateDatabase;
  /** The primary store: an answer of another one would prove nothing. */
  readonly primary: VectorStore;
  /** Both stores as one: of a cutover, or of a second copy. */
  readonly routed?: RoutedStore | undefined;
  readonly log: Log;
  /** Of the package. */
  readonly version: string;
}

/** What a service does at set times, and how it is going. */
export interface Schedules {
  readonly runner: ScheduleRunner;
  readonly sections: Readonly<Record<Extract<SectionName, "backups" | "integrity">, SectionProvider>>;
  readonly checks: readonly Check[];
}

/** @throws {UsageError} for a cron expression or a key file that cannot be read */
export function createSchedules(parts: ScheduleParts): Schedules {
  const { settings, state, log } = parts;
  const jobs = jobsOf(parts);
  // The state also remembers jobs that were switched off since.
  const read = remembered(new ScheduleRepository(state));
  const list = async () => (await read()).filter((each) => jobs.some(({ name }) => name === each.name));
  return {
    runner: new ScheduleRunner(state, jobs, { onEvent: (event) => logEvent(log, event) }),
    sections: {
      backups: async () =>
        backupSection(
          listBackups(settings.backups.directory),
          await list(),
          Date.now(),
          settings.cutover !== undefined,
        ),
      integrity: async () =>
        sectionOf(
          (await list()).find(({ name }) => name === "integrity"),
          Date.now(),
          { never: "No stored records were read again yet", late: "Reading stored records again is late" },
        ),
    },
    checks: [...jobs.map(({ name }) => checkOf(name, list)), faultCheck(settings.backups.directory)],
  };
}

/** Sections and checks ask at the same moment: one read serves them all. */
function remembered(repository: ScheduleRepository): () => Promise<ScheduleState[]> {
  let last: { readonly at: number; readonly states: Promise<ScheduleState[]> } | undefined;
  return () => {
    if (last === undefined || performance.now() - last.at > rememberMs)
      last = { at: performance.now(), states: repository.list() };
    return last.states;
  };
}

const rememberMs = 1_000;

/** Another job of a service is one more line here. */
function jobsOf({ settings, environment, state, primary, routed, version }: ScheduleParts): Job[] {
  const given = backupSettings(settings, environment);
  const { schedule } = settings.integrity;
  return [
    ...backupJobs({ ...settings.backups, key: given.key, parts: () => openParts(undefined, given) }),
    ...(schedule === undefined
      ? []
      : [
          integrityJob({
            store: primary,
            sampleSize: settings.integrity.sampleSize,
            ...(routed &&
              settings.cutover === undefined && { compareCopy: copyComparison(settings, state, routed) }),
            expression: schedule,
          }),
        ]),
    ...reportJobs({ settings, state, version }),
  ];
}

/** Raises an alert for a job that failed three times in a row, found something bad, or is late. */
function checkOf(name: string, list: () => Promise<ScheduleState[]>): Check {
  const key = `schedule-${name}`;
  return {
    key,
    run: async () =>
      resultOf(
        key,
        (await list()).find((schedule) => schedule.name === name),
      ),
  };
}

/** Raises an alert for a backup that could not be restored, until a newer one is proven: by a job or by hand. */
function faultCheck(directory: string): Check {
  return {
    key: "backup",
    run: () => {
      const faulty = unprovenFault(listBackups(directory));
      return faulty === undefined
        ? "good"
        : { key: "backup", severity: "ticket", sentence: `${faultSentence(faulty)}.` };
    },
  };
}

function resultOf(key: string, schedule: ScheduleState | undefined): CheckResult {
  if (schedule === undefined) return "unknown";
  const { name, last } = schedule;
  if (last?.outcome === "failed") {
    return { key, severity: "ticket", sentence: `The job ${name} failed: ${last.summary}`, evidence: last };
  }
  if (isLate(schedule, Date.now()) && schedule.runningSince === undefined) {
    return {
      key,
      severity: "ticket",
      sentence: `The job ${name} is more than an hour late: no replica runs it`,
    };
  }
  return last === undefined ? "unknown" : "good";
}

function logEvent(log: Log, event: ScheduleEvent): void {
  if (event.type === "job-start") {
    log.debug({ job: event.name, attempt: event.attempt }, "A job begins");
  } else if (event.type === "job-end") {
    const { name: job, outcome, summary, durationMs } = event;
    log[outcome === "failed" ? "error" : "info"]({ job, outcome, durationMs }, summary);
  } else {
    log.warn({ failure: event.error.message }, "Schedules wait: the state does not answer");
  }
}
