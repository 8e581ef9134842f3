import { table } from "../../src/foundation/markdown.ts";
import { nothingSeen, type Seen } from "./client.ts";

/** One phase of a rehearsal: a fault, a kill, or all of a run together. */
export interface PhaseResult {
  /** The process that was killed, or the fault of the target. */
  readonly what: string;
  readonly where: string;
  /** The rules that rolled back; empty if none did. */
  readonly rules: readonly string[];
  /** Seconds from the fault to the rollback. */
  readonly ruleSeconds?: number;
  /** Seconds from the rollback to the last read that went to the target. */
  readonly switchSeconds?: number;
  /** Seconds until one store led again and no write waited for long. */
  readonly settledSeconds?: number;
  readonly seen: Seen;
  /** Acknowledged writes that a store lacks; known at the end of a run, when the outbox is empty. */
  readonly missing?: number;
}

/** The results in one table. */
export function resultTable(results: readonly PhaseResult[]): string {
  return table(
    [
      "fault, or kill -9 of",
      "in",
      "rolled back by",
      "rule, s",
      "reads moved, s",
      "settled, s",
      "requests",
      "failed, %",
      "of these nobody could answer, %",
      "writes missing",
    ],
    results.map(({ what, where, rules, ruleSeconds, switchSeconds, settledSeconds, seen, missing }) => [
      what,
      where,
      rules.join(", ") || "–",
      seconds(ruleSeconds),
      seconds(switchSeconds),
      seconds(settledSeconds),
      `${requestsOf(seen)}`,
      percent(failedOf(seen), seen),
      percent(seen.impossible, seen),
      missing === undefined ? "–" : `${missing}`,
    ]),
  ).join("\n");
}

function requestsOf({ reads, writes }: Seen): number {
  return reads + writes;
}

function failedOf({ failedReads, failedWrites }: Seen): number {
  return failedReads + failedWrites;
}

/** The share of requests that may fail although a store could have answered. */
const mostFailed = 0.01;

/** A sentence if too many requests failed; otherwise `undefined`. */
export function failureOf(name: string, seen: Seen): string | undefined {
  const avoidable = failedOf(seen) - seen.impossible;
  if (avoidable < mostFailed * requestsOf(seen)) return undefined;
  return `${name}: ${avoidable} of ${requestsOf(seen)} requests failed although a store could have answered: ${seen.failures.join(" | ")}`;
}

/** What a run saw in all its phases. */
export function sumOf(all: Iterable<Seen>): Seen {
  const sum = nothingSeen();
  for (const seen of all) {
    sum.reads += seen.reads;
    sum.failedReads += seen.failedReads;
    sum.writes += seen.writes;
    sum.failedWrites += seen.failedWrites;
    sum.queued += seen.queued;
    sum.impossible += seen.impossible;
  }
  return sum;
}

function seconds(value: number | undefined): string {
  return value === undefined ? "–" : value.toFixed(1);
}

function percent(count: number, seen: Seen): string {
  if (count === 0) return "0";
  return ((100 * count) / requestsOf(seen)).toFixed(1);
}
