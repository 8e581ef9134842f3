import { z } from "zod";
import { isLoopback } from "../../transport/safe-url.ts";
import { type Group, optional, text, token, type Values, whole } from "../variables.ts";

/** How the service watches itself: logs, objectives, alerts, metric history. */
export interface ObservabilitySettings {
  /** In messages of alerts, for those who run several services. */
  readonly serviceName: string;
  /** Where commands find the service that runs, and the key that they show it. */
  readonly serviceUrl: string | undefined;
  readonly serviceKey: string | undefined;
  readonly log: LogSettings;
  readonly objectives: ObjectiveSettings;
  /** Where alerts are sent; `undefined`: they are only logged. */
  readonly alertWebhook: { readonly url: string; readonly allowPrivate: boolean } | undefined;
  /** Days that the metric history is kept. */
  readonly metricRetentionDays: number;
}

export interface LogSettings {
  readonly level: "debug" | "info" | "warn" | "error" | "silent";
  /** `auto`: text on a terminal, JSON elsewhere. */
  readonly format: "auto" | "json" | "text";
  readonly file: { readonly path: string; readonly megabytes: number; readonly kept: number } | undefined;
}

interface ObjectiveSettings {
  readonly averageMs: number;
  readonly p99Ms: number;
  /** Shares from 0 to 1. */
  readonly availability: number;
  readonly errors: number;
  readonly minimumRequests: number;
}

const percentProblem = "has to be a percentage between 0 and 100, like 99.9";

/** More than 0 and less than 100 percent: an error budget of nothing cannot be kept. */
const percent: z.ZodType<number> = text
  .regex(/^\d{1,2}(\.\d+)?$/, percentProblem)
  .transform(Number)
  .refine((value) => value > 0 && value < 100, percentProblem);

/** Slack's address is a secret itself, so it is never shown in a message. */
const webhook: z.ZodType<string> = text.refine((value) => {
  if (!URL.canParse(value)) return false;
  const address = new URL(value);
  return address.protocol === "https:" || (address.protocol === "http:" && isLoopback(address));
}, "has to be a URL with https, or with http on this machine");

const variables = {
  SERVICE_NAME: optional(text.max(100, "has to be 100 characters at most")),
  SERVICE_URL: optional(text),
  SERVICE_KEY: optional(token),
  LOG_LEVEL: optional(
    z.enum(["debug", "info", "warn", "error", "silent"], "has to be debug, info, warn, error or silent"),
  ),
  LOG_FORMAT: optional(z.enum(["auto", "json", "text"], "has to be auto, json or text")),
  LOG_FILE: optional(text),
  LOG_FILE_MB: optional(whole(1, 10_000)),
  LOG_FILES_KEPT: optional(whole(1, 1_000)),
  OBJECTIVE_AVERAGE_MS: optional(whole(1, 600_000)),
  OBJECTIVE_P99_MS: optional(whole(1, 600_000)),
  OBJECTIVE_AVAILABILITY: optional(percent),
  OBJECTIVE_ERRORS: optional(percent),
  OBJECTIVE_MINIMUM_REQUESTS: optional(whole(1, 1_000_000)),
  ALERT_WEBHOOK_URL: optional(webhook),
  ALERT_WEBHOOK_PRIVATE: optional(z.enum(["refuse", "allow"], "has to be refuse or allow")),
  METRIC_RETENTION_DAYS: optional(whole(31, 3_650)),
};

export const observabilityGroup: Group<ObservabilitySettings> = {
  variables,
  read: (values: Values<typeof variables>) => ({
    serviceName: values.SERVICE_NAME ?? "ragfood",
    serviceUrl: values.SERVICE_URL,
    serviceKey: values.SERVICE_KEY,
    log: {
      level: values.LOG_LEVEL ?? "info",
      format: values.LOG_FORMAT ?? "auto",
      file:
        values.LOG_FILE === undefined
          ? undefined
          : {
              path: values.LOG_FILE,
              megabytes: values.LOG_FILE_MB ?? 50,
              kept: values.LOG_FILES_KEPT ?? 10,
            },
    },
    objectives: {
      averageMs: values.OBJECTIVE_AVERAGE_MS ?? 500,
      p99Ms: values.OBJECTIVE_P99_MS ?? 2_000,
      availability: share(values.OBJECTIVE_AVAILABILITY ?? 99.9),
      errors: share(values.OBJECTIVE_ERRORS ?? 0.1),
      minimumRequests: values.OBJECTIVE_MINIMUM_REQUESTS ?? 20,
    },
    alertWebhook:
      values.ALERT_WEBHOOK_URL === undefined
        ? undefined
        : { url: values.ALERT_WEBHOOK_URL, allowPrivate: values.ALERT_WEBHOOK_PRIVATE === "allow" },
    metricRetentionDays: values.METRIC_RETENTION_DAYS ?? 400,
  }),
};

/** Without the rounding error of a division: 99.9 is 0.999. */
function share(percentage: number): number {
  return Number((percentage / 100).toPrecision(12));
}
