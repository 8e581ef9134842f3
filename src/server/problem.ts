import { STATUS_CODES } from "node:http";
import { HTTPException } from "hono/http-exception";
import {
  BudgetError,
  CancelledError,
  EncryptionError,
  FallbackError,
  FilterSyntaxError,
  NotFoundError,
  OutcomeUnknownError,
  QueueBusyError,
  QueueFullError,
  RagfoodError,
  ServiceError,
  StorageError,
  TimeoutError,
  UsageError,
} from "../foundation/errors.ts";
import { redactor } from "../security/redactor.ts";
import { StateError } from "../state/state-error.ts";
import { HttpError, seconds } from "./http-error.ts";
import type { Problem } from "./schemas/problem.ts";
import { ValidationError } from "./validation-error.ts";

/** The media type of problem details. */
export const problemType = "application/problem+json";

/** Milliseconds after which a request that failed for a passing reason may be repeated. */
const defaultRetryMs = 1_000;

/** An error as its caller sees it (RFC 9457): nothing of this machine's paths, stacks, upstream answers or secrets. */
export interface DescribedProblem {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
}

interface Outcome {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly hint?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The one place that turns errors into answers. */
export function describeProblem(error: unknown, requestId: string): DescribedProblem {
  const { status, code, detail, hint, retryAfterMs, headers = {} } = outcomeOf(error);
  const details = error instanceof ValidationError ? { errors: error.faults } : {};
  const place = error instanceof FilterSyntaxError ? { line: error.line, column: error.column } : {};
  return {
    problem: {
      type: `urn:ragfood:problem:${code}`,
      title: STATUS_CODES[status] ?? "Error",
      status,
      detail: redactor.text(detail),
      ...(hint !== undefined && { hint: redactor.text(hint) }),
      code,
      requestId,
      ...details,
      ...place,
    },
    headers:
      status === 503 && headers["Retry-After"] === undefined
        ? { ...headers, "Retry-After": seconds(retryAfterMs ?? defaultRetryMs) }
        : headers,
  };
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof HttpError) {
    const { status, code, message: detail, hint, headers } = error;
    return { status, code, detail, hint, headers };
  }
  if (error instanceof ServiceError) return serviceOutcome(error);
  if (error instanceof RagfoodError) return ownOutcome(error);
  if (error instanceof HTTPException) {
    return {
      status: error.status,
      code: "request",
      detail: error.message || (STATUS_CODES[error.status] ?? ""),
      // Without a header, curl -d sends a form.
      ...(error.status === 415 && { hint: "Send JSON with the header Content-Type: application/json." }),
    };
  }
  return unforeseen();
}

/** An error of ours about the request, or about this service. */
function ownOutcome(error: RagfoodError): Outcome {
  const { code, message: detail, hint } = error;
  if (
    error instanceof ValidationError ||
    error instanceof FilterSyntaxError ||
    error instanceof EncryptionError
  ) {
    return { status: 422, code, detail, hint };
  }
  if (error instanceof UsageError) return { status: 400, code, detail, hint };
  if (error instanceof CancelledError) {
    return { status: 503, code, detail: "The request was cancelled before it was answered." };
  }
  if (error instanceof QueueFullError || error instanceof QueueBusyError) {
    return { status: 503, code, detail: "Writes are not accepted at the moment." };
  }
  if (error instanceof BudgetError) {
    return {
      status: 503,
      code,
      detail: "The budget of this month is spent: the service sends no requests to its index.",
      hint: "Wait for the next month (UTC), or let the operator raise BUDGET_DOLLARS or BUDGET_REQUESTS.",
      retryAfterMs: untilNextMonth(Date.now()),
    };
  }
  if (error instanceof OutcomeUnknownError) return { status: 504, code, detail, hint };
  if (error instanceof FallbackError) {
    return { status: 503, code, detail: "Neither the index nor its fallback answered." };
  }
  if (error instanceof StateError) return { ...stateOutcome(error), code };
  // The message names files of this machine.
  if (error instanceof StorageError) {
    const { problem } = error;
    if (problem !== undefined) {
      return {
        status: 503,
        code,
        detail: `The index on the disk of the service cannot be used: ${problem}.`,
        hint,
        retryAfterMs: 60_000,
      };
    }
    return { status: 500, code, detail: "The index on the disk of the service cannot be used." };
  }
  return { ...unforeseen(), code };
}

/** Milliseconds until a month begins in UTC. */
function untilNextMonth(now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1) - now;
}

function stateOutcome({ reason, mayHaveCommitted, problem, hint }: StateError): Omit<Outcome, "code"> {
  const result = mayHaveCommitted ? "Whether it was stored is not known." : "Nothing was stored.";
  if (reason !== "unavailable" && reason !== "conflict") {
    const why = problem === undefined ? "" : `: ${problem}`;
    // As long as a person needs at least.
    return {
      status: 503,
      detail: `The state database of the service cannot be used${why}. ${result}`,
      hint,
      retryAfterMs: 60_000,
    };
  }
  return { status: 503, detail: `The state database cannot be reached. ${result} Send the request again.` };
}

/** A failure of something that this service calls: the caller learns which service, and whether waiting helps. */
function serviceOutcome(error: ServiceError): Outcome {
  const { code, service, isRetryable, retryAfterMs } = error;
  // What a service behind this one lacks, such as a model, is no fault of the request.
  if (error instanceof NotFoundError && service === "index") {
    return { status: 404, code, detail: error.message };
  }
  if (error instanceof TimeoutError) {
    return { status: 504, code, detail: `${service} did not answer in time.` };
  }
  if (isRetryable) {
    return { status: 503, code, detail: `${service} is not available at the moment.`, retryAfterMs };
  }
  if (service === "embedded" && error.status !== undefined && error.status < 500) {
    return { status: error.status, code, detail: error.message };
  }
  return { status: 502, code, detail: `${service} refused the request of this service.` };
}

function unforeseen(): Outcome {
  return {
    status: 500,
    code: "internal",
    detail: "The service failed. Its log has the details under the id of the request.",
  };
}
