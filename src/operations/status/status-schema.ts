import { z } from "zod";
import type { Status } from "./status.ts";

const time = z.iso.datetime();
const condition = z.enum(["good", "warning", "bad", "unknown"]);
const measured = { time: time.nullable(), isStale: z.boolean() };

const objective = z.object({
  ...measured,
  name: z.enum(["average", "p99", "availability", "errors"]),
  title: z.string(),
  unit: z.enum(["milliseconds", "ratio"]),
  comparison: z.enum(["below", "at least"]),
  target: z.number(),
  state: z.enum(["met", "breached", "unknown", "stale"]),
  standing: z.enum([
    "met",
    "missed",
    "recovered",
    "budget used",
    "breached",
    "recovering",
    "unknown",
    "stale",
  ]),
  since: time.nullable(),
  calmSince: time.nullable(),
  endsBy: time.nullable(),
  value: z.number().nullable(),
  requests: z.number(),
  minimumRequests: z.number(),
  windows: z.array(
    z.object({
      minutes: z.number(),
      value: z.number().nullable(),
      requests: z.number(),
      bad: z.number().nullable(),
      coverage: z.number(),
      burnRate: z.number().nullable(),
    }),
  ),
  budget: z.object({ days: z.number(), remaining: z.number(), requests: z.number() }).nullable(),
});

const store = z.object({
  ...measured,
  name: z.string(),
  role: z.enum(["primary", "secondary", "unused"]),
  duty: z.string(),
  condition,
  breaker: z.enum(["closed", "open", "half-open", "none"]),
  lastSuccess: time.nullable(),
  lastFailure: z.object({ time, error: z.string(), what: z.string() }).nullable(),
});

const section = z.object({
  ...measured,
  condition,
  sentence: z.string(),
  since: time.optional(),
  details: z.unknown(),
});

const alert = z.object({
  id: z.string(),
  key: z.string(),
  severity: z.enum(["page", "ticket"]),
  state: z.enum(["firing", "recovered"]),
  sentence: z.string(),
  startedAt: time,
  recoveredAt: time.nullable(),
  acknowledgement: z.object({ time, by: z.string(), text: z.string() }).nullable(),
  calmSince: time.nullable(),
  endsBy: time.nullable(),
  runbook: z.string(),
  notification: z.enum(["none", "pending", "delivered", "failed"]),
});

/** The schema of `Status`; status.ts describes the fields. */
export const statusSchema: z.ZodType<Status> = z.object({
  condition,
  sentence: z.string(),
  since: time.nullable(),
  measuredSince: time.nullable(),
  time,
  version: z.string(),
  replicas: z.number(),
  lostReplicas: z.array(z.object({ replica: z.string(), lastSeen: time })),
  reading: z.string().nullable(),
  traffic: z.object({
    ...measured,
    requestsPerMinute: z.number(),
    inFlight: z.number(),
    p50: z.number().nullable(),
    p95: z.number().nullable(),
    p99: z.number().nullable(),
    fallbacks: z.number(),
  }),
  objectives: z.array(objective),
  stores: z.array(store),
  sections: z.object({
    cutover: section,
    backups: section,
    cost: section,
    feedback: section,
    integrity: section,
    model: section,
  }),
  alerts: z.array(alert),
});
