/**
 * How a request ended.
 *
 * - `answered`: with a status below 400.
 * - `client-error`: with 4xx; the request was wrong, and the objectives do not count it.
 * - `failed`: with 5xx, or a stream that ended with an error.
 * - `refused`: on purpose, under overload or during a stop.
 * - `abandoned`: the client left before the answer; the objectives do not count it.
 */
export type RequestOutcome = "answered" | "client-error" | "failed" | "refused" | "abandoned";

/** One request to the HTTP API, when it is over. */
export interface RequestReport {
  readonly method: string;
  /** The pattern of the route, like `/api/foods/{id}`; never the path. `unknown` if no route matched. */
  readonly route: string;
  readonly status: number;
  /** From the arrival of the request to the end of the answer. */
  readonly milliseconds: number;
  /** For a streamed answer: from the arrival to its first text. It then takes the place of `milliseconds`. */
  readonly firstTextMs?: number;
  /** The `code` of the error that the client got. */
  readonly error?: string;
  /** Default: by status. Name it for `refused`, `abandoned`, and a stream that failed after status 200. */
  readonly outcome?: RequestOutcome;
}

/** One answer to a question; the fields of an `Answer` of the engine fit. */
export interface AnswerReport {
  /** The store that had the sources. */
  readonly store: string;
  /** `ollama llama3.2`, `extractive`; `none` if nothing relevant was found. */
  readonly generator: string;
  /** Milliseconds. */
  readonly timings: {
    readonly understanding?: number;
    readonly retrieval: number;
    readonly generation: number;
    readonly total: number;
  };
  /** Absent if the generator does not report them. */
  readonly tokens?: { readonly prompt: number; readonly completion: number };
}

export function outcomeOf({ status, outcome }: RequestReport): RequestOutcome {
  if (outcome !== undefined) return outcome;
  if (status >= 500) return "failed";
  return status >= 400 ? "client-error" : "answered";
}

/**
 * Routes whose requests are the service's work, and whose requests the objectives count. Health checks, metrics, the
 * dashboard's own requests and pages would make a failing service look good.
 */
export function isCounted(route: string): boolean {
  return /^\/(?:api\/(?:ask|search|foods|feedback)|v1|mcp)(?:\/|$)/.test(route);
}
