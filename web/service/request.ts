import { type KeyRole, readKey } from "./access-keys.ts";
import type { Problem } from "./contract.ts";
import { ownProblem, ProblemError, unreachable } from "./problem-error.ts";

interface RequestOptions {
  readonly method?: "GET" | "POST";
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly accept?: string;
  /** The key to send, if the user has entered one; else any other that was entered. Default: `read`. */
  readonly role?: KeyRole;
  readonly signal?: AbortSignal;
}

/**
 * Calls the service that served this page.
 *
 * @throws {ProblemError} if it answers with a failure, or not at all
 * @throws {DOMException} `AbortError` when the signal fires
 */
export async function request(path: string, options: RequestOptions = {}): Promise<Response> {
  const { method = "GET", body, accept = "application/json", role = "read", signal } = options;
  const key = readKey(role) ?? readKey("operate") ?? readKey("read");
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        Accept: accept,
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...(key !== undefined && { Authorization: `Bearer ${key}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ProblemError(unreachable);
  }
  if (response.ok) return response;
  throw new ProblemError(await problemIn(response), retryAfterOf(response));
}

/** As `request`, with the JSON of the answer. */
export async function requestJson<Result>(path: string, options: RequestOptions = {}): Promise<Result> {
  const response = await request(path, options);
  return (await response.json()) as Result;
}

async function problemIn(response: Response): Promise<Problem> {
  try {
    const problem = (await response.json()) as Partial<Problem>;
    if (typeof problem.detail === "string" && typeof problem.code === "string") return problem as Problem;
  } catch {
    // A proxy in between answered, or the service died: its status is all there is to report.
  }
  return {
    ...ownProblem(
      "status",
      `Status ${response.status}`,
      `The request failed with status ${response.status}.`,
      "Try again in a moment.",
    ),
    status: response.status,
  };
}

function retryAfterOf(response: Response): number | undefined {
  const seconds = Number(response.headers.get("Retry-After") ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds : undefined;
}
