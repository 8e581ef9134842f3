import { z } from "zod";
import type { ProxySettings } from "../../transport/proxy.ts";
import type { RateLimit } from "../../transport/rate.ts";
import type { Environment } from "../environment.ts";
import { parseRateLimit } from "../rate-limit.ts";
import { type Group, optional, text, type Values, whole } from "../variables.ts";

/** How requests reach the cloud index, and what they may cost. */
export interface RequestSettings {
  /** Milliseconds for one attempt of a request to the cloud index. */
  readonly requestTimeoutMs: number;
  /** Milliseconds for a request, waiting and retries included; this and the next two default to the transport's. */
  readonly requestDeadlineMs: number | undefined;
  /** Retries. */
  readonly requestRetries: number | undefined;
  /** Maximum concurrent requests to the cloud index. */
  readonly requestConcurrency: number | undefined;
  /** The rate limit that this process applies. */
  readonly rateLimit: RateLimit | undefined;
  /** Proxies for requests to other machines; `undefined` for none. */
  readonly proxy: ProxySettings | undefined;
  readonly tracing: "none" | "opentelemetry";
}

const proxy = text.refine(
  (value) => URL.canParse(value) && /^https?:/i.test(value),
  "has to be a URL like http://proxy.example:3128",
);

const rateLimit = text.transform((value, context) => {
  const limit = parseRateLimit(value);
  if (!("problem" in limit)) return limit;
  context.addIssue({ code: "custom", message: limit.problem });
  return z.NEVER;
});

const variables = {
  REQUEST_TIMEOUT_MS: optional(whole(1, 600_000)),
  REQUEST_DEADLINE_MS: optional(whole(1, 86_400_000)),
  REQUEST_RETRIES: optional(whole(0, 100)),
  REQUEST_CONCURRENCY: optional(whole(1, 1_000)),
  RATE_LIMIT: optional(rateLimit),
  HTTP_PROXY: optional(proxy),
  HTTPS_PROXY: optional(proxy),
  NO_PROXY: optional(text),
  TRACING: optional(z.enum(["none", "opentelemetry"], "has to be none or opentelemetry")),
};

export const requestGroup: Group<RequestSettings> = {
  variables,
  read: (values: Values<typeof variables>) => ({
    requestTimeoutMs: values.REQUEST_TIMEOUT_MS ?? 10_000,
    requestDeadlineMs: values.REQUEST_DEADLINE_MS,
    requestRetries: values.REQUEST_RETRIES,
    requestConcurrency: values.REQUEST_CONCURRENCY,
    rateLimit: values.RATE_LIMIT,
    proxy: proxyOf(values),
    tracing: values.TRACING ?? "none",
  }),
};

function proxyOf({
  HTTP_PROXY: httpProxy,
  HTTPS_PROXY: httpsProxy,
  NO_PROXY: noProxy,
}: Values<typeof variables>): ProxySettings | undefined {
  return httpProxy === undefined && httpsProxy === undefined ? undefined : { httpProxy, httpsProxy, noProxy };
}

/** Programs read these variables in lower case too, and then prefer them, as curl does. */
export function withProxies(environment: Environment): Environment {
  const lower = ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"].flatMap((name) => {
    const value = environment[name.toLowerCase()];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...environment, ...Object.fromEntries(lower) };
}
