import { z } from "@hono/zod-openapi";
import type { Alert } from "../../operations/alerts/alert-center.ts";
import { runbookOf } from "../../operations/alerts/runbook.ts";
import { mergeLatencies } from "../../operations/metrics/bucket.ts";
import type { HistoryPoint } from "../../operations/metrics/history.ts";
import { isoTime } from "../../operations/status/iso-time.ts";
import type { AlertStatus } from "../../operations/status/status.ts";
import { toAcknowledgement } from "../../operations/watch/to-status.ts";

/** One step of the history. A gap: nobody measured, which is not the same as no requests. */
export interface HistoryEntry {
  readonly time: string;
  readonly isGap: boolean;
  /** Counted requests, as the objectives count them. */
  readonly requests: number;
  readonly failed: number;
  readonly refused: number;
  /** Answered with 4xx; not part of `requests`. */
  readonly clientErrors: number;
  /** Milliseconds; null without requests. */
  readonly average: number | null;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  readonly retrievalP95: number | null;
  readonly generationP95: number | null;
  readonly answers: number;
  readonly declined: number;
  readonly fallbacks: number;
  readonly retries: number;
  readonly breakerOpens: number;
  readonly rateLimitWaits: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** By error code. */
  readonly errors: Readonly<Record<string, number>>;
}

export interface HistoryResponse {
  readonly from: string;
  readonly to: string;
  readonly stepSeconds: number;
  readonly points: readonly HistoryEntry[];
}

const count = z.number().int();
const milliseconds = z.number().nullable();

export const historySchema: z.ZodType<HistoryResponse> = z
  .object({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    stepSeconds: z.number(),
    points: z.array(
      z.object({
        time: z.iso.datetime(),
        isGap: z.boolean(),
        requests: count,
        failed: count,
        refused: count,
        clientErrors: count,
        average: milliseconds,
        p50: milliseconds,
        p95: milliseconds,
        p99: milliseconds,
        retrievalP95: milliseconds,
        generationP95: milliseconds,
        answers: count,
        declined: count,
        fallbacks: count,
        retries: count,
        breakerOpens: count,
        rateLimitWaits: count,
        promptTokens: count,
        completionTokens: count,
        errors: z.record(z.string(), count),
      }),
    ),
  })
  .openapi("MetricHistory");

export function toHistoryEntry({ startMs, bucket }: HistoryPoint): HistoryEntry {
  const counters = bucket?.counters ?? {};
  const requests = counters.requests ?? 0;
  const refused = counters.refused ?? 0;
  const percentilesOf = (name: "request" | "retrieval" | "generation") => {
    const latencies = bucket && mergeLatencies([bucket], name);
    return (value: number) => latencies?.percentile(value) ?? null;
  };
  const request = percentilesOf("request");
  const errors = Object.entries(counters).flatMap(([name, value]) =>
    name.startsWith("error.") ? [[name.slice("error.".length), value ?? 0] as const] : [],
  );
  return {
    time: new Date(startMs).toISOString(),
    isGap: bucket === undefined,
    requests,
    failed: counters.failed ?? 0,
    refused,
    clientErrors: counters.clientErrors ?? 0,
    average: requests > refused ? (counters.milliseconds ?? 0) / (requests - refused) : null,
    p50: request(50),
    p95: request(95),
    p99: request(99),
    retrievalP95: percentilesOf("retrieval")(95),
    generationP95: percentilesOf("generation")(95),
    answers: counters.answers ?? 0,
    declined: counters.declined ?? 0,
    fallbacks: counters.fallbacks ?? 0,
    retries: counters.retries ?? 0,
    breakerOpens: counters.breakerOpens ?? 0,
    rateLimitWaits: counters.rateLimitWaits ?? 0,
    promptTokens: counters.promptTokens ?? 0,
    completionTokens: counters.completionTokens ?? 0,
    errors: Object.fromEntries(errors),
  };
}

export interface AlertResponse extends Omit<AlertStatus, "calmSince" | "endsBy"> {
  readonly evidence?: unknown;
}

export const alertSchema: z.ZodType<AlertResponse> = z
  .object({
    id: z.string(),
    key: z.string(),
    severity: z.enum(["page", "ticket"]),
    state: z.enum(["firing", "recovered"]),
    sentence: z.string(),
    startedAt: z.iso.datetime(),
    recoveredAt: z.iso.datetime().nullable(),
    acknowledgement: z
      .object({ time: z.iso.datetime(), by: z.string(), text: z.string() })
      .nullable()
      .openapi({ description: "Who knows of it; null again after its severity rises" }),
    runbook: z.string(),
    notification: z.enum(["none", "pending", "delivered", "failed"]),
    evidence: z.unknown(),
  })
  .openapi("Alert");

export const alertsSchema: z.ZodType<{ readonly alerts: readonly AlertResponse[] }> = z
  .object({ alerts: z.array(alertSchema) })
  .openapi("Alerts");

export function toAlertResponse(alert: Alert): AlertResponse {
  const { key, startedAt, recoveredAt } = alert;
  return {
    ...alert,
    startedAt: iso(startedAt),
    recoveredAt: isoTime(recoveredAt),
    acknowledgement: toAcknowledgement(alert),
    runbook: runbookOf(key),
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
