import type { StateDatabase } from "../../state/database.ts";
import { hourMs, minuteMs } from "../metrics/bucket.ts";
import { readHistory } from "../metrics/history.ts";
import { hoursKeptMs, minutesKeptMs, Timeline } from "../metrics/timeline.ts";

/** What all replicas have stored, without measuring anything. @param now epoch milliseconds @throws {StateError} */
export async function readTimeline(state: StateDatabase, now: number): Promise<Timeline> {
  const timeline = new Timeline();
  const read = (keptMs: number, stepMs: number) =>
    readHistory(state, { fromMs: now - keptMs, toMs: now, stepMs });
  for (const { bucket } of await read(hoursKeptMs, hourMs)) if (bucket) timeline.addHour(bucket);
  for (const { bucket } of await read(minutesKeptMs, minuteMs)) if (bucket) timeline.addMinute("all", bucket);
  return timeline;
}
