import type { ScheduleState } from "../../state/schedules.ts";
import type { StatusSection } from "../status/status.ts";

/** Milliseconds by which a run may be late before the last result no longer counts. */
const graceMs = 3_600_000;

/** Whether a job is late: nothing runs it, or it does not end. */
export function isLate({ dueAt }: ScheduleState, now: number): boolean {
  return now > dueAt + graceMs;
}

/** The result of the last run of a job as a section of the status. */
export function sectionOf(
  schedule: ScheduleState | undefined,
  now: number,
  words: { readonly never: string; readonly late: string },
): StatusSection {
  const last = schedule?.last;
  if (schedule === undefined || last === undefined)
    return { condition: "unknown", sentence: words.never, time: null, isStale: true, details: null };
  const isStale = isLate(schedule, now);
  const isGood = last.outcome === "succeeded";
  return {
    condition: isGood ? (isStale ? "unknown" : "good") : "bad",
    sentence: isStale ? `${words.late}; the last run: ${last.summary}` : last.summary,
    time: new Date(last.endedAt).toISOString(),
    isStale,
    details: last.details ?? null,
  };
}
