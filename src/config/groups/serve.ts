import { z } from "zod";
import { isAddressEntry } from "../../foundation/addresses.ts";
import { type Group, optional, text, type Values, whole } from "../variables.ts";

/** Who may use the HTTP API, and how much. */
export interface ServeSettings {
  readonly serve: {
    /** Who needs no key: programs on this machine, or nobody. */
    readonly openTo: "local" | "nobody";
    /** Addresses and networks that may connect; empty: all. */
    readonly allowedAddresses: readonly string[];
    /** Reverse proxies whose `X-Forwarded-For` is believed. */
    readonly trustedProxies: readonly string[];
    /** Names, beside addresses, by which clients may call the service; empty: any if keys are needed. */
    readonly allowedHosts: readonly string[];
    /** Origins whose pages may use the API (CORS), or `*` for any. */
    readonly allowedOrigins: readonly string[];
    /** Requests a minute of one key; 0: no limit. */
    readonly requestsPerMinute: number;
    /** Requests that are worked on at once. */
    readonly concurrency: number;
    readonly bodyBytes: number;
    /** Milliseconds for an answer. */
    readonly answerMs: number;
  };
}

function listOf(isValid: (entry: string) => boolean, problem: string): z.ZodType<string[]> {
  return text
    .transform((value) => value.split(",").map((entry) => entry.trim()))
    .refine((entries) => entries.every(isValid), problem);
}

const addresses = listOf(
  isAddressEntry,
  "has to be addresses and networks with commas between, like 10.0.0.0/8,192.0.2.7",
);

const hosts = listOf(
  (entry) => /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(entry),
  "has to be host names with commas between, without ports, like food.example",
);

/** Whether a text is an origin as browsers send it. */
function isOrigin(entry: string): boolean {
  return entry === "*" || (URL.canParse(entry) && new URL(entry).origin === entry);
}

const origins = listOf(isOrigin, "has to be origins with commas between, like https://app.example, or *");

const variables = {
  SERVE_OPEN_TO: optional(z.enum(["local", "nobody"], "has to be local or nobody")),
  SERVE_ALLOWED_ADDRESSES: optional(addresses),
  SERVE_TRUSTED_PROXIES: optional(addresses),
  SERVE_ALLOWED_HOSTS: optional(hosts),
  SERVE_ALLOWED_ORIGINS: optional(origins),
  SERVE_REQUESTS_PER_MINUTE: optional(whole(0, 1_000_000)),
  SERVE_CONCURRENCY: optional(whole(1, 100_000)),
  SERVE_BODY_KB: optional(whole(1, 65_536)),
  SERVE_ANSWER_MS: optional(whole(100, 3_600_000)),
};

export const serveGroup: Group<ServeSettings> = {
  variables,
  read: (values: Values<typeof variables>) => ({
    serve: {
      openTo: values.SERVE_OPEN_TO ?? "local",
      allowedAddresses: values.SERVE_ALLOWED_ADDRESSES ?? [],
      trustedProxies: values.SERVE_TRUSTED_PROXIES ?? [],
      allowedHosts: values.SERVE_ALLOWED_HOSTS ?? [],
      allowedOrigins: values.SERVE_ALLOWED_ORIGINS ?? [],
      requestsPerMinute: values.SERVE_REQUESTS_PER_MINUTE ?? 600,
      concurrency: values.SERVE_CONCURRENCY ?? 200,
      bodyBytes: (values.SERVE_BODY_KB ?? 1_024) * 1_024,
      answerMs: values.SERVE_ANSWER_MS ?? 120_000,
    },
  }),
};
