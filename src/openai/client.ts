import { createParser } from "eventsource-parser";
import {
  CancelledError,
  errorFromStatus,
  type RagfoodError,
  ServiceFaultError,
  TimeoutError,
} from "../foundation/errors.ts";
import { IdleTimeout } from "../foundation/idle-timeout.ts";
import { networkError } from "../foundation/network-fault.ts";
import type { Fetch } from "../transport/proxy.ts";
import { parseRetryAfter } from "../transport/retry-after.ts";

/** A server with OpenAI's API: vLLM, llama.cpp, LM Studio, or OpenAI itself. */
export interface OpenAiConnection {
  /** With the version, without a slash at its end: `http://127.0.0.1:8000/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  /** Milliseconds without a byte of an answer after which we stop waiting. */
  readonly timeoutMs: number;
  readonly fetch?: Fetch;
}

/** One request, with details for its error messages. */
interface OpenAiRequest {
  readonly path: "chat/completions" | "embeddings" | "models";
  /** JSON; undefined for a GET. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** Characters of a foreign answer shown in a message, and maximum bytes read of an error. */
const excerptLength = 200;

/**
 * The JSON answer of a server.
 * @throws {ServiceError} @throws {CancelledError}
 */
export async function requestJson(connection: OpenAiConnection, request: OpenAiRequest): Promise<unknown> {
  const idleTimeout = new IdleTimeout(connection.timeoutMs);
  try {
    const response = await send(connection, request, idleTimeout);
    const text = await response.text();
    try {
      return JSON.parse(text);
    } catch {
      throw unreadable(connection, text);
    }
  } catch (error) {
    throw asError(error, connection, request, idleTimeout);
  } finally {
    idleTimeout.end();
  }
}

/**
 * The events of a streamed answer, each parsed, up to `[DONE]`.
 * @throws {ServiceError} also if the stream ends before that; {CancelledError}
 */
export async function* requestEvents(
  connection: OpenAiConnection,
  request: OpenAiRequest,
): AsyncGenerator<unknown> {
  const idleTimeout = new IdleTimeout(connection.timeoutMs);
  try {
    const response = await send(connection, request, idleTimeout);
    const events: string[] = [];
    const parser = createParser({ onEvent: ({ data }) => events.push(data) });
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      idleTimeout.renew();
      parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }));
      for (const data of events.splice(0)) {
        if (data === "[DONE]") return;
        // The reader's own time does not count against the server.
        idleTimeout.pause();
        yield parseEvent(connection, data);
        idleTimeout.renew();
      }
    }
    throw new ServiceFaultError(
      "openai",
      `The answer of ${connection.baseUrl} ended before it was complete.`,
      {
        hint: "Ask again; the log of the model server says more.",
      },
    );
  } catch (error) {
    throw asError(error, connection, request, idleTimeout);
  } finally {
    idleTimeout.end();
  }
}

async function send(
  { baseUrl, apiKey, fetch: given }: OpenAiConnection,
  { path, body, signal }: OpenAiRequest,
  idleTimeout: IdleTimeout,
): Promise<Response> {
  const response = await (given ?? fetch)(`${baseUrl}/${path}`, {
    ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }),
    headers: {
      "Content-Type": "application/json",
      ...(apiKey !== undefined && { Authorization: `Bearer ${apiKey}` }),
    },
    redirect: "error",
    signal: idleTimeout.signal(signal),
  });
  if (response.ok) return response;
  const text = (await response.text()).slice(0, 65_536);
  const retryAfterMs = parseRetryAfter(response.headers, Date.now());
  const hint = hints[response.status];
  throw errorFromStatus(
    "openai",
    response.status,
    `${baseUrl} answered ${response.status}: ${messageOf(text)}`,
    {
      endpoint: path,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      hint: hint ?? "The log of the model server says more.",
    },
  );
}

const hints: Readonly<Record<number, string>> = {
  401: "Check OPENAI_API_KEY.",
  403: "Check the rights of OPENAI_API_KEY.",
  404: "Check OPENAI_BASE_URL, which ends in /v1 for most servers, and the name of the model.",
};

function messageOf(text: string): string {
  try {
    const { error } = JSON.parse(text) as { error?: { message?: unknown } | string };
    const message = typeof error === "string" ? error : error?.message;
    if (typeof message === "string") return message.slice(0, 1_000);
  } catch {
    // A page of a proxy, or nothing.
  }
  return text.trim().slice(0, excerptLength) || "no reason given";
}

function parseEvent(connection: OpenAiConnection, data: string): unknown {
  let event: unknown;
  try {
    event = JSON.parse(data);
  } catch {
    throw unreadable(connection, data);
  }
  // A failure after the headers has no status of its own.
  const { error } = (event ?? {}) as { error?: unknown };
  if (error !== undefined && error !== null) throw errorFromStatus("openai", 500, messageOf(data));
  return event;
}

function unreadable({ baseUrl }: OpenAiConnection, text: string): ServiceFaultError {
  return new ServiceFaultError(
    "openai",
    `The answer of ${baseUrl} is not JSON: ${text.slice(0, excerptLength)}`,
    {
      hint: "Check that OPENAI_BASE_URL is a server with OpenAI's API.",
    },
  );
}

function asError(
  error: unknown,
  { baseUrl, timeoutMs }: OpenAiConnection,
  { path, signal }: OpenAiRequest,
  idleTimeout: IdleTimeout,
): RagfoodError | unknown {
  if (signal?.aborted) return new CancelledError(undefined, { cause: error });
  if (idleTimeout.timedOut) {
    return new TimeoutError("openai", `${baseUrl} gave no answer for ${timeoutMs / 1_000} s.`, {
      endpoint: path,
      cause: error,
      hint: "The first answer after a start loads the model; raise LLM_TIMEOUT_MS.",
    });
  }
  return networkError("openai", baseUrl, "OPENAI_BASE_URL", error) ?? error;
}
