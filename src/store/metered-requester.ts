import { CancelledError, ConnectionError, TimeoutError } from "../foundation/errors.ts";
import type { CallOptions } from "./store.ts";
import type { UpstashRequester } from "./upstash.ts";

/** Kinds of requests that Upstash bills. The first three count as queries, the others as updates. */
type BilledKind = "query" | "fetch" | "range" | "upsert" | "update" | "delete";

export interface BilledRequests {
  readonly kind: BilledKind;
  /** Requests as Upstash bills them: an upsert of n records counts n. */
  readonly requests: number;
}

/**
 * What Upstash bills for a command: a query, a fetch and a page of a range count once, however many records they
 * return; an upsert and a delete count once a record (upstash.com/docs/vector/help/faq). `info` and the list of
 * namespaces are not in that list of operations and are not counted. Commands whose price is not stated count as one
 * update.
 *
 * @param result what the service answered; `undefined` if its answer was lost
 */
export function billedFor(
  path: readonly string[],
  body: unknown,
  result: unknown,
): BilledRequests | undefined {
  const [command = ""] = path;
  switch (command) {
    case "info":
    case "list-namespaces":
      return undefined;
    case "fetch":
    case "range":
      return { kind: command, requests: 1 };
    case "random":
      return { kind: "fetch", requests: 1 };
    case "upsert":
    case "upsert-data":
      return { kind: "upsert", requests: lengthOf(body) };
    case "delete":
      return { kind: "delete", requests: deletedBy(body, result) };
    case "reset":
    case "delete-namespace":
      return { kind: "delete", requests: 1 };
    case "update":
    case "rename-namespace":
      return { kind: "update", requests: 1 };
    default:
      return { kind: "query", requests: lengthOf(body) };
  }
}

/** A list of several, or one. */
function lengthOf(body: unknown): number {
  return Array.isArray(body) ? body.length : 1;
}

function deletedBy(body: unknown, result: unknown): number {
  const ids = Array.isArray(body) ? body : (body as { ids?: unknown } | undefined)?.ids;
  if (Array.isArray(ids)) return ids.length;
  const { deleted } = (result ?? {}) as { deleted?: unknown };
  return Math.max(1, typeof deleted === "number" ? deleted : 1);
}

export interface MeteredRequesterOptions {
  readonly requester: UpstashRequester;
  /** Called for each request that is billed. What it throws is not caught: it must not throw. */
  readonly onBilled: (billed: BilledRequests) => void;
  /** Called with the bytes of the index when it reports them, which costs nothing. */
  readonly onStored?: (bytes: number) => void;
  /** Called before each request that would be billed; what it throws is thrown to the caller, and nothing is sent. */
  readonly admit?: () => Promise<void>;
}

/** Counts what each request is billed. A spent budget can refuse requests before they are sent. */
export class MeteredRequester implements UpstashRequester {
  readonly takesTypedVectors: boolean;
  readonly #options: MeteredRequesterOptions;

  constructor(options: MeteredRequesterOptions) {
    this.takesTypedVectors = options.requester.takesTypedVectors ?? false;
    this.#options = options;
  }

  async request<T = unknown>(
    request: { path?: string[]; body?: unknown },
    options?: CallOptions,
  ): Promise<{ result?: T; error?: string }> {
    const { requester, admit } = this.#options;
    const { path = [], body } = request;
    if (admit && billedFor(path, body, undefined)) await admit();
    try {
      const answer = await requester.request<T>(request, options);
      if (answer.error === undefined) this.#report(billedFor(path, body, answer.result));
      if (path[0] === "info") this.#reportSize(answer.result);
      return answer;
    } catch (error) {
      if (mayBeBilled(error)) this.#report(billedFor(path, body, undefined));
      throw error;
    }
  }

  #reportSize(info: unknown): void {
    const { indexSize } = (info ?? {}) as { indexSize?: unknown };
    if (typeof indexSize === "number") this.#options.onStored?.(indexSize);
  }

  #report(billed: BilledRequests | undefined): void {
    if (billed && billed.requests > 0) this.#options.onBilled(billed);
  }
}

/** The service may have executed a request although its answer was lost. It counts, so that no count is too low. */
function mayBeBilled(error: unknown): boolean {
  if (error instanceof ConnectionError) return error.mayHaveArrived;
  return error instanceof TimeoutError || error instanceof CancelledError;
}
