import type { z } from "zod";
import type { Settings } from "../config/settings.ts";
import {
  AuthenticationError,
  ConnectionError,
  ForbiddenError,
  ServiceFaultError,
  UsageError,
} from "../foundation/errors.ts";
import type { Status } from "../operations/status/status.ts";
import { statusSchema } from "../operations/status/status-schema.ts";
import { type IncidentResponse, incidentsSchema, type OperatorNote } from "../server/schemas/incidents.ts";
import { type AlertResponse, alertSchema, alertsSchema } from "../server/schemas/watch.ts";
import { proxiedFetch } from "../transport/proxy.ts";
import { isLoopback } from "../transport/safe-url.ts";

/** Where `ragfood serve` listens without options. */
const defaultUrl = "http://127.0.0.1:8080";

/** Milliseconds for an answer. */
const timeoutMs = 10_000;

/** Reads what a service that runs says of itself, and operates it, over its API. */
export class RunningService {
  readonly url: string;
  readonly #key: string | undefined;
  readonly #fetch: typeof fetch;

  /**
   * @param url default: `SERVICE_URL`, or where `ragfood serve` listens without options
   * @throws {UsageError} if the URL is invalid, or would send the key unencrypted
   */
  constructor({ serviceUrl, serviceKey, proxy }: Settings, url: string | undefined) {
    this.url = (url ?? serviceUrl ?? defaultUrl).replace(/\/+$/, "");
    this.#key = serviceKey;
    this.#fetch = proxiedFetch(proxy);
    const problem = problemOf(this.url, serviceKey !== undefined);
    if (problem !== undefined) throw new UsageError(`${this.url} ${problem}`);
  }

  /** @throws {ConnectionError} if no service answers @throws {ServiceError} if it refuses */
  status(signal: AbortSignal): Promise<Status> {
    return this.#call("/api/status", statusSchema, signal);
  }

  /** The newest first. @throws {ConnectionError} if no service answers @throws {ServiceError} if it refuses */
  async incidents(limit: number, signal: AbortSignal): Promise<readonly IncidentResponse[]> {
    return (await this.#call(`/api/incidents?limit=${limit}`, incidentsSchema, signal)).incidents;
  }

  /** The newest first. @throws {ConnectionError} if no service answers @throws {ServiceError} if it refuses */
  async alerts(limit: number, signal: AbortSignal): Promise<readonly AlertResponse[]> {
    return (await this.#call(`/api/alerts?limit=${limit}`, alertsSchema, signal)).alerts;
  }

  /** @throws {ConnectionError} if no service answers @throws {ServiceError} if it refuses */
  acknowledge(id: string, note: OperatorNote, signal: AbortSignal): Promise<AlertResponse> {
    return this.#call(`/api/alerts/${encodeURIComponent(id)}/acknowledge`, alertSchema, signal, note);
  }

  /** @param body sent with POST, if there is one */
  async #call<T>(path: string, schema: z.ZodType<T>, signal: AbortSignal, body?: object): Promise<T> {
    const response = await this.#send(path, signal, body);
    const { status } = response;
    const details = { status, endpoint: path };
    if (status === 401) {
      throw new AuthenticationError("ragfood", `${this.url} wants a key.`, {
        ...details,
        hint: "Make one where it runs, with: ragfood keys create status --scope operate. Set it here as SERVICE_KEY.",
      });
    }
    if (status === 403) {
      throw new ForbiddenError("ragfood", `${this.url} refuses the key in SERVICE_KEY.`, {
        ...details,
        hint: "It needs the scope operate and every namespace: ragfood keys create status --scope operate",
      });
    }
    const found = response.ok ? schema.safeParse(await response.json().catch(() => undefined)) : undefined;
    if (found?.success) return found.data;
    const what = response.ok ? "something else than ragfood of this version" : `${status}`;
    throw new ServiceFaultError("ragfood", `${this.url}${path} answered ${what}.`, {
      ...details,
      hint:
        status >= 500
          ? "The service works, but cannot do this at present. Its reason: ragfood status"
          : "Check the address: --url, or SERVICE_URL.",
    });
  }

  async #send(path: string, signal: AbortSignal, body?: object): Promise<Response> {
    try {
      return await this.#fetch(`${this.url}${path}`, {
        ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
        headers: {
          Accept: "application/json",
          ...(body !== undefined && { "Content-Type": "application/json" }),
          ...(this.#key !== undefined && { Authorization: `Bearer ${this.#key}` }),
        },
        redirect: "manual",
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
    } catch (error) {
      signal.throwIfAborted();
      throw new ConnectionError("ragfood", `No service answers at ${this.url}.`, {
        cause: error,
        hint: "Start it: ragfood serve. If it runs elsewhere, name its address: --url, or SERVICE_URL.",
      });
    }
  }
}

function problemOf(url: string, hasKey: boolean): string | undefined {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    return "is not the URL of a service. It looks like http://127.0.0.1:8080.";
  const { protocol } = new URL(url);
  if (hasKey && protocol === "http:" && !isLoopback(new URL(url)))
    return "would carry SERVICE_KEY unencrypted: use https, or this machine itself.";
  return undefined;
}
