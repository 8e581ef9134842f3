import {
  AuthenticationError,
  InvalidRequestError,
  NotFoundError,
  RagfoodError,
  RateLimitError,
} from "../foundation/errors.ts";
import { safeListener } from "../foundation/safe-listener.ts";
import { AttemptSender } from "./attempt.ts";
import { Breaker, type BreakerOptions } from "./breaker.ts";
import { CallSignal } from "./call-signal.ts";
import {
  type Credentials,
  type CredentialsProvider,
  fixedCredentials,
  type Token,
  tokenFor,
} from "./credentials.ts";
import type { TransportListener } from "./events.ts";
import { Limiter } from "./limiter.ts";
import { type OperationPolicy, policyOf } from "./operations.ts";
import type { Fetch } from "./proxy.ts";
import type { RateLimit } from "./rate.ts";
import { requestJson } from "./request-json.ts";
import { type RetryOptions, withRetries } from "./retry.ts";
import { requireSafeUrl } from "./safe-url.ts";
import type { CallTrace, Tracing } from "./tracing.ts";

/** Fixed tokens, or a source of current tokens. */
type CredentialsOption = Credentials | { readonly credentials: CredentialsProvider };

export type HttpRequesterOptions = CredentialsOption & {
  /** `https://<name>-<region>-vector.upstash.io`; plain HTTP only on loopback. */
  readonly url: string;
  /** Milliseconds for one attempt, including its answer. */
  readonly timeoutMs: number;
  /** Milliseconds for a call, including waits and retries. Default 30,000 plus the rate limit's interval. */
  readonly deadlineMs?: number | undefined;
  /** Maximum concurrent requests. Default 16. */
  readonly concurrency?: number | undefined;
  /** Default: none. */
  readonly rateLimit?: RateLimit | undefined;
  readonly retry?: Partial<RetryOptions>;
  readonly breaker?: Partial<BreakerOptions>;
  /** Maximum bytes of an answer. Default 256 MiB. */
  readonly maximumAnswerBytes?: number;
  /** Default: the built-in `fetch`, which ignores proxies. `proxiedFetch` makes one that uses them. */
  readonly fetch?: Fetch;
  readonly tracing?: Tracing;
  readonly onEvent?: TransportListener;
};

/** A call in flight; `attempts` counts its HTTP requests. */
interface Call {
  readonly path: string;
  readonly endpoint: string;
  readonly policy: OperationPolicy;
  readonly body: string;
  readonly signal: CallSignal;
  readonly trace: CallTrace | undefined;
  attempts: number;
}

/** docs/resilience.md explains each value. */
const defaults = {
  deadlineMs: 30_000,
  concurrency: 16,
  retry: { retries: 4, firstWaitMs: 200, longestWaitMs: 5_000, random: Math.random },
  breaker: { failures: 5, windowMs: 10_000, spanMs: 1_000, firstProbeMs: 1_000, lastProbeMs: 30_000 },
  /** Half of the maximum string length of Node.js. */
  maximumAnswerBytes: 268_435_456,
};

/**
 * Sends the official client's commands to Upstash Vector. Every failure is a typed error. Commands that are safe to
 * repeat are retried (docs/resilience.md). The layers of a call, outermost first:
 *
 * 1. deadline and the caller's signal: they end the call at any stage;
 * 2. retry: outside the layers below, so that a call waiting for its next attempt holds no slot;
 * 3. a concurrency slot; rejections by an open breaker free it at once;
 * 4. breaker, first check: an open breaker fails the call before it waits for, or uses up, the rate limit;
 * 5. a pause requested by a 429, then our rate limit: each attempt counts;
 * 6. breaker, second check: it may have opened while the call waited;
 * 7. attempt timeout, around the HTTP exchange only: time in a queue does not count.
 */
export class HttpRequester {
  readonly takesTypedVectors = true;
  readonly #credentials: CredentialsProvider;
  readonly #host: string;
  readonly #deadlineMs: number;
  readonly #retry: RetryOptions;
  readonly #breaker: Breaker;
  readonly #limiter: Limiter;
  readonly #sender: AttemptSender;
  readonly #tracing: Tracing | undefined;
  readonly #onEvent: TransportListener;
  /** The token of the first request, then the last one that was accepted. */
  readonly #known: { read?: string; write?: string } = {};

  /** @throws {UsageError} if the URL is invalid, or would send the token unencrypted */
  constructor(options: HttpRequesterOptions) {
    const { concurrency = defaults.concurrency, rateLimit } = options;
    const base = requireSafeUrl(options.url).replace(/\/+$/, "");
    this.#host = new URL(base).hostname;
    this.#credentials = "credentials" in options ? options.credentials : fixedCredentials(options);
    // A call may wait for a whole interval of the rate limit.
    this.#deadlineMs = options.deadlineMs ?? defaults.deadlineMs + (rateLimit?.intervalMs ?? 0);
    this.#retry = { ...defaults.retry, ...options.retry };
    this.#onEvent = safeListener(options.onEvent);
    this.#breaker = new Breaker({ ...defaults.breaker, ...options.breaker }, this.#onEvent);
    this.#limiter = new Limiter({ concurrency, rateLimit }, this.#onEvent);
    this.#sender = new AttemptSender({
      base,
      timeoutMs: options.timeoutMs,
      maximumAnswerBytes: options.maximumAnswerBytes ?? defaults.maximumAnswerBytes,
      fetch: options.fetch ?? fetch,
    });
    this.#tracing = options.tracing;
  }

  /**
   * @throws {ServiceError} after the last attempt
   * @throws {CancelledError} as soon as the signal aborts
   */
  async request<T = unknown>(
    request: { path?: string[]; body?: unknown },
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<{ result: T }> {
    const path = (request.path ?? []).join("/");
    const endpoint = path.split(/[/?]/, 1)[0] ?? "";
    const encoded = encodePath(path);
    const body = encodeBody(request.body ?? [], endpoint);
    const signal = new CallSignal(endpoint, this.#deadlineMs, options.signal);
    const startedAt = performance.now();
    let call: Call | undefined;
    let failure: unknown;
    try {
      const trace = await this.#tracing?.(endpoint, this.#host);
      const started = {
        path: encoded,
        endpoint,
        policy: policyOf(endpoint, request.body),
        body,
        signal,
        trace,
        attempts: 0,
      };
      call = started;
      return { result: (await signal.race(() => this.#retried(started))) as T };
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      signal.dispose();
      this.#onEvent({
        type: "request-end",
        endpoint,
        attempts: call?.attempts ?? 0,
        durationMs: performance.now() - startedAt,
        ...errorField(failure),
      });
    }
  }

  #retried(call: Call): Promise<unknown> {
    const { endpoint, policy, signal } = call;
    const context = { endpoint, policy, call: signal, onEvent: this.#onEvent };
    return withRetries(this.#retry, context, async (_, mayHaveArrived) => {
      try {
        return await this.#authorized(call);
      } catch (error) {
        if (mayHaveArrived && policy.isDoneWhenGone && error instanceof NotFoundError) return "Success";
        throw error;
      }
    });
  }

  /** One attempt. If the service refuses its token and a new one is available, it is repeated with that one. */
  async #authorized(call: Call): Promise<unknown> {
    const { access } = call.policy;
    const token = tokenFor(access, this.#credentials.current());
    try {
      return await this.#admitted(call, token);
    } catch (error) {
      if (!(error instanceof AuthenticationError)) throw error;
      this.#credentials.refresh?.();
      const other = tokenFor(access, this.#credentials.current());
      if (other.value === token.value) throw error;
      this.#onEvent({ type: "token-change", access });
      return await this.#admitted(call, other);
    }
  }

  #admitted(call: Call, token: Token): Promise<unknown> {
    const { endpoint, policy, signal } = call;
    const refuseIfOpen = () => this.#breaker.refuseIfOpen(endpoint);
    return this.#limiter.run({ access: policy.access, endpoint, call: signal }, refuseIfOpen, () =>
      this.#breaker.execute(endpoint, () => this.#observed(call, token)),
    );
  }

  /** One HTTP request with its event and its span. */
  async #observed(call: Call, token: Token): Promise<unknown> {
    const { path, endpoint, body, signal, policy } = call;
    signal.signal.throwIfAborted();
    const attempt = ++call.attempts;
    const span = call.trace?.(attempt);
    const startedAt = performance.now();
    let status: number | undefined;
    let bytes = Buffer.byteLength(body);
    let failure: unknown;
    const onStatus = (answered: number) => {
      status = answered;
    };
    this.#known[policy.access] ??= token.value;
    try {
      const result = await this.#sender.send({
        path,
        endpoint,
        body,
        token,
        signal: signal.signal,
        onStatus,
        onBytes: (count) => {
          bytes += count;
        },
      });
      if (this.#known[policy.access] !== token.value) {
        this.#known[policy.access] = token.value;
        this.#onEvent({ type: "token-accepted", access: policy.access });
      }
      return result;
    } catch (error) {
      failure = error;
      if (error instanceof RateLimitError && error.retryAfterMs !== undefined) {
        this.#limiter.pause(policy.access, error.retryAfterMs);
      }
      throw error;
    } finally {
      const { error } = errorField(failure);
      span?.end(status, error);
      this.#onEvent({
        type: "attempt-end",
        endpoint,
        attempt,
        durationMs: performance.now() - startedAt,
        ...(status !== undefined && { status }),
        bytes,
        ...errorField(failure),
      });
    }
  }
}

function errorField(failure: unknown): { error?: string } {
  if (failure === undefined) return {};
  return { error: failure instanceof RagfoodError ? failure.code : "unknown" };
}

/**
 * The client puts a namespace into the path without encoding it.
 * @throws {InvalidRequestError} for a namespace that a URL takes for a step in its path, however it is encoded, or
 *   that it cannot hold
 */
function encodePath(path: string): string {
  const slash = path.indexOf("/");
  const namespace = path.slice(slash + 1);
  if (slash >= 0 && (namespace === "." || namespace === "..")) {
    throw new InvalidRequestError("upstash", `A namespace cannot be named "${namespace}".`, {
      hint: "Choose another name for the namespace.",
    });
  }
  try {
    return slash < 0 ? path : `${path.slice(0, slash)}/${encodeURIComponent(namespace)}`;
  } catch (error) {
    throw new InvalidRequestError("upstash", "A namespace must not contain half of a surrogate pair.", {
      cause: error,
      hint: "Choose another name for the namespace.",
    });
  }
}

/** @throws {InvalidRequestError} for what JSON cannot hold */
function encodeBody(body: unknown, endpoint: string): string {
  try {
    return requestJson(body);
  } catch (error) {
    throw new InvalidRequestError("upstash", `The body of /${endpoint} cannot be written as JSON.`, {
      endpoint,
      cause: error,
      hint: "Metadata holds texts, numbers, booleans, lists and objects.",
    });
  }
}
