import type { Problem } from "./contract.ts";

/** A request that failed: what the service says about it, or why no answer came. */
export class ProblemError extends Error {
  readonly problem: Problem;
  /** Seconds after which the service accepts the request again. */
  readonly retryAfter: number | undefined;

  constructor(problem: Problem, retryAfter?: number) {
    super(problem.detail);
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

/** A problem that no answer of the service describes. */
export function ownProblem(code: string, title: string, detail: string, hint: string): Problem {
  return { type: `urn:ragfood:problem:${code}`, title, status: 0, detail, hint, code, requestId: "" };
}

export const unreachable: Problem = ownProblem(
  "unreachable",
  "No connection",
  "The service does not answer.",
  "Check that it runs (ragfood serve) and that this device has a connection, then try again.",
);

export const cutOff: Problem = ownProblem(
  "cut-off",
  "Cut off",
  "The connection ended before the answer was complete.",
  "Try again. If it happens again, look into the log of the service.",
);

/** What to say and do about any failure of a request. */
export function problemOf(error: unknown): Problem {
  return error instanceof ProblemError ? error.problem : unreachable;
}

/** What to do about a problem: what the service says, or what helps in general. */
export function adviceOn(problem: Problem): string {
  const { hint, status, code } = problem;
  if (hint !== undefined) return hint;
  if (needsKey(problem)) return "Enter a key that allows this.";
  if (status === 429 || code === "overloaded") return "Wait a moment, then try again.";
  if (status === 502 || status === 503 || status === 504) {
    return "This usually passes: try again in a moment. If it does not, the Dashboard and ragfood doctor name the cause.";
  }
  return "Try again. If it happens again, look up the request in the log of the service.";
}

/** Whether a key, or one that allows more, would help. */
export function needsKey({ status }: Problem): boolean {
  return status === 401 || status === 403;
}

/** A text with a capital letter at its beginning. */
export function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
