import { durationText } from "../../src/foundation/duration-text.ts";
import type { HistoryEntry, HistoryResponse } from "../service/contract.ts";
import { requestJson } from "../service/request.ts";
import type { History, Mark, Range } from "./history.ts";

/** @throws {ProblemError} if the service does not answer with a history */
export async function readHistory(
  { spanMs, stepMs }: Pick<Range, "spanMs" | "stepMs">,
  signal: AbortSignal,
): Promise<History> {
  const to = Date.now();
  const query = new URLSearchParams({
    from: new Date(to - spanMs).toISOString(),
    to: new Date(to).toISOString(),
    step: String(stepMs / 1_000),
  });
  return toHistory(
    await requestJson<HistoryResponse>(`./api/metrics/history?${query}`, { role: "operate", signal }),
  );
}

/** The history by measure, as charts take it. The minute that has begun is left out: it would look like a fall. */
function toHistory({ points: all, stepSeconds, to }: HistoryResponse): History {
  const minutesIn = ({ time }: HistoryEntry) =>
    Math.min(stepSeconds, (Date.parse(to) - Date.parse(time)) / 1_000) / 60;
  const points = all.filter((point) => minutesIn(point) >= 1);
  const measures = (measure: (point: HistoryEntry) => number | null) =>
    points.map((point) => (point.isGap ? null : measure(point)));
  return {
    times: points.map(({ time }) => Date.parse(time) / 1_000),
    average: measures(({ average }) => average),
    p50: measures(({ p50 }) => p50),
    p95: measures(({ p95 }) => p95),
    p99: measures(({ p99 }) => p99),
    requests: measures((point) => point.requests / minutesIn(point)),
    fallbacks: measures((point) => point.fallbacks / minutesIn(point)),
    errors: measures(({ failed, requests }) => (requests === 0 ? null : failed / requests)),
    refused: measures(({ refused, requests }) => (requests === 0 ? null : refused / requests)),
    availability: measures(({ failed, refused, requests }) =>
      requests === 0 ? null : 1 - (failed + refused) / requests,
    ),
    marks: marksOf(points),
    causes: causesOf(all),
  };
}

function causesOf(points: readonly HistoryEntry[]): History["causes"] {
  const counts = new Map<string, number>();
  for (const { errors = {} } of points) {
    for (const [code, count] of Object.entries(errors)) counts.set(code, (counts.get(code) ?? 0) + count);
  }
  return [...counts]
    .map(([code, count]) => ({ code, count }))
    .sort((left, right) => right.count - left.count);
}

/** Where the breaker opened, and where answers in place of a failed store begin. */
function marksOf(points: readonly HistoryEntry[]): Mark[] {
  return points.flatMap((point, place) => {
    const time = Date.parse(point.time) / 1_000;
    const marks: Mark[] = [];
    if (point.breakerOpens > 0) {
      marks.push({ time, kind: "breaker", text: "The breaker of the primary store opened" });
    }
    if (point.fallbacks > 0 && (points[place - 1]?.fallbacks ?? 0) === 0) {
      marks.push({
        time,
        kind: "fallback",
        text: `The secondary store answered for the primary one${durationOf(points, place)}`,
      });
    }
    return marks;
  });
}

/** How long they go on from a place, as far as the steps of the history tell. */
function durationOf(points: readonly HistoryEntry[], start: number): string {
  const end = points.findIndex(({ fallbacks, isGap }, place) => place > start && !isGap && fallbacks === 0);
  if (end < 0) return " until now";
  const minutes = (Date.parse(points[end]?.time ?? "") - Date.parse(points[start]?.time ?? "")) / 60_000;
  return `, for at most ${durationText(minutes * 60_000)}`;
}
