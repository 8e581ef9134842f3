import {
  CancelledError,
  ConnectionError,
  errorFromStatus,
  InvalidRequestError,
  ServiceFaultError,
  TimeoutError,
  UsageError,
} from "../errors.ts";
import { redactor } from "../security/redactor.ts";
import { parseRetryAfter } from "./retry-after.ts";

export interface HttpRequesterOptions {
  /** `https://<name>-<region>-vector.upstash.io`; plain HTTP on loopback alone. */
  readonly url: string;
  readonly token: string;
  /** Milliseconds for one request, its answer included. */
  readonly timeoutMs: number;
}

interface WireAnswer {
  result?: unknown;
  error?: unknown;
}

const service = "upstash";

/** Sends the official client's commands to Upstash Vector; each failure becomes a typed error. */
export class HttpRequester {
  readonly #base: string;
  readonly #token: string;
  readonly #timeoutMs: number;

  /** @throws {UsageError} when the URL is none, or would carry the token unencrypted */
  constructor(options: HttpRequesterOptions) {
    this.#base = requireSafeUrl(options.url).replace(/\/+$/, "");
    this.#token = options.token;
    redactor.learn(options.token);
    this.#timeoutMs = options.timeoutMs;
  }

  async request<T = unknown>(
    request: { path?: string[]; body?: unknown },
    options: { signal?: AbortSignal } = {},
  ): Promise<{ result: T }> {
    const path = (request.path ?? []).join("/");
    const endpoint = path.split(/[/?]/, 1)[0] ?? "";
    const timeout = AbortSignal.timeout(this.#timeoutMs);
    const signal = options.signal ? AbortSignal.any([timeout, options.signal]) : timeout;
    try {
      const response = await fetch(`${this.#base}/${encodePath(path)}`, {
        method: "POST",
        headers: { Authorization: `Bearer ${this.#token}`, "Content-Type": "application/json" },
        body: JSON.stringify(request.body ?? []),
        redirect: "error",
        signal,
      });
      return { result: readAnswer(response, await response.text(), endpoint) as T };
    } catch (error) {
      if (options.signal?.aborted) throw new CancelledError("Cancelled.", { cause: error });
      if (timeout.aborted) {
        throw new TimeoutError(
          service,
          `Upstash Vector gave no answer to /${endpoint} within ${this.#timeoutMs} ms.`,
          {
            endpoint,
            cause: error,
            hint: "Check the network, or raise REQUEST_TIMEOUT_MS.",
          },
        );
      }
      if (error instanceof TypeError) throw connectionError(this.#base, endpoint, error);
      throw error;
    }
  }
}

/** The result in an answer. @throws {ServiceError} */
function readAnswer(response: Response, text: string, endpoint: string): unknown {
  const requestId = response.headers.get("x-request-id");
  const details = { endpoint, ...(requestId && { requestId: redactor.text(requestId) }) };
  const answer = parseAnswer(text);
  if (!response.ok) {
    const retryAfterMs = parseRetryAfter(response.headers.get("retry-after"), Date.now());
    const message =
      typeof answer?.error === "string"
        ? redactor.text(answer.error)
        : `Upstash Vector answered ${response.status} to /${endpoint}.`;
    throw errorFromStatus(service, response.status, message, {
      ...details,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    });
  }
  if (answer === undefined || !("result" in answer)) {
    throw new ServiceFaultError(
      service,
      `Upstash Vector gave an answer to /${endpoint} that cannot be read.`,
      {
        ...details,
        status: response.status,
        hint: "Check that UPSTASH_VECTOR_REST_URL is the REST URL of the index, and that no proxy answers in its place.",
      },
    );
  }
  return answer.result;
}

function parseAnswer(text: string): WireAnswer | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? (parsed as WireAnswer) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The client puts a namespace into the path as it is.
 * @throws {InvalidRequestError} for a namespace that a URL takes for a step in its path, however it is encoded
 */
function encodePath(path: string): string {
  const slash = path.indexOf("/");
  const namespace = path.slice(slash + 1);
  if (slash >= 0 && (namespace === "." || namespace === "..")) {
    throw new InvalidRequestError(service, `A namespace cannot be named "${namespace}".`, {
      hint: "Choose another name for the namespace.",
    });
  }
  return slash < 0 ? path : `${path.slice(0, slash)}/${encodeURIComponent(path.slice(slash + 1))}`;
}

function connectionError(base: string, endpoint: string, error: TypeError): ConnectionError {
  const reason = (error.cause as { code?: string; message?: string } | undefined) ?? {};
  return new ConnectionError(
    service,
    `No connection to ${base}: ${reason.code ?? reason.message ?? error.message}.`,
    {
      endpoint,
      cause: error,
      hint: "Check UPSTASH_VECTOR_REST_URL and the network.",
    },
  );
}

/** @throws {UsageError} unless the URL is https, or http to this machine itself (SEC-3) */
export function requireSafeUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new UsageError("The URL of the index is not a URL.", {
      hint: "It looks like https://example-eu1-vector.upstash.io",
    });
  }
  if (url.username !== "" || url.password !== "") {
    throw new UsageError("The URL of the index must not hold a user name or a password.", {
      hint: "The token goes into UPSTASH_VECTOR_REST_TOKEN.",
    });
  }
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback)) {
    throw new UsageError(`${url.protocol}//${url.host} would carry the token unencrypted.`, {
      hint: "Use https; plain http is for this machine alone.",
    });
  }
  return text;
}
