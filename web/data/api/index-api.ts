import { parseJson, stringifyJson } from "../../../src/foundation/exact-json/index.ts";

/** An answer other than 200, or none (`status` 0). */
export class ApiError extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

export interface CallOptions {
  readonly namespace?: string;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer<T> {
  readonly result: T;
  /** Length of the answer in characters. */
  readonly size: number;
}

/** The ids of the requests that this page made, to mark them in the live log. */
export const ownRequests: Set<string> = new Set();

const ownRequestsKept = 1_000;

/** One index over Upstash's REST API. Integers beyond 2^53 come as `bigint`; other unusual numbers of metadata as written. */
export class IndexApi {
  readonly #base: string;
  readonly #token: string;

  /** @param base the start of the paths of its commands, relative to the page, as in `${base}/query` */
  constructor(base: string, token: string) {
    this.#base = base;
    this.#token = token;
  }

  /** The full address of a command. */
  address(command: string, namespace = ""): string {
    const path = namespace === "" ? command : `${command}/${encodeURIComponent(namespace)}`;
    return new URL(`.${this.#base}/${path}`, document.baseURI).href;
  }

  /** @throws {ApiError} for an answer other than 200 */
  async call<T>(command: string, body: unknown, options: CallOptions = {}): Promise<T> {
    return (await this.measure<T>(command, body, options)).result;
  }

  async measure<T>(command: string, body: unknown, options: CallOptions = {}): Promise<Answer<T>> {
    const { namespace, signal } = options;
    const response = await send(this.address(command, namespace), {
      method: "POST",
      headers: { ...authorization(this.#token), "Content-Type": "application/json" },
      body: stringifyJson(body),
      ...(signal && { signal }),
    });
    remember(response.headers.get("X-Request-Id"));
    const text = await response.text();
    const answer = parseAnswer(text);
    if (response.ok && answer !== undefined && "result" in answer) {
      return { result: answer.result as T, size: text.length };
    }
    const reason = answer?.error ?? answer?.detail ?? answer?.title;
    throw new ApiError(
      typeof reason === "string" ? reason : `The server answered ${response.status}`,
      response.status,
    );
  }
}

/** A service on this machine may need no token. */
export function authorization(token: string | undefined): Record<string, string> {
  return token ? { Authorization: `Bearer ${token}` } : {};
}

async function send(address: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(address, request);
  } catch (error) {
    if (request.signal?.aborted) throw error;
    throw new ApiError("The server cannot be reached.", 0);
  }
}

function parseAnswer(text: string): Record<string, unknown> | undefined {
  try {
    return parseJson(text, { literals: { below: "metadata" } }) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function remember(requestId: string | null): void {
  if (requestId === null) return;
  ownRequests.add(requestId);
  const [oldest] = ownRequests;
  if (ownRequests.size > ownRequestsKept && oldest !== undefined) ownRequests.delete(oldest);
}
