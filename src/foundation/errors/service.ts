import { RagfoodError, type RagfoodErrorOptions } from "./ragfood-error.ts";

export interface ServiceErrorOptions extends RagfoodErrorOptions {
  readonly status?: number;
  readonly endpoint?: string;
  readonly requestId?: string;
  /** Milliseconds that the service asked to wait. */
  readonly retryAfterMs?: number;
}

/** A request to a service (the vector index, Ollama) failed. Thrown as one of its subclasses. */
export abstract class ServiceError extends RagfoodError {
  static override readonly errorName: string = "ServiceError";
  /** `upstash`, `embedded`, `chroma`, `ollama`. */
  readonly service: string;
  readonly status: number | undefined;
  readonly endpoint: string | undefined;
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
  /** Whether the same request may succeed later. */
  abstract readonly isRetryable: boolean;

  constructor(service: string, message: string, options: ServiceErrorOptions = {}) {
    super(message, options);
    this.service = service;
    this.status = options.status;
    this.endpoint = options.endpoint;
    this.requestId = options.requestId;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export interface ConnectionErrorOptions extends ServiceErrorOptions {
  /** Default true: only a connection that was never made certainly sent nothing. */
  readonly mayHaveArrived?: boolean;
  /** Default true; false for a certificate that is refused. */
  readonly isRetryable?: boolean;
}

/** No connection: refused, unknown host, reset. */
export class ConnectionError extends ServiceError {
  static override readonly errorName: string = "ConnectionError";
  readonly code = "connection";
  readonly isRetryable: boolean;
  /** Whether the service may have received and executed the request. */
  readonly mayHaveArrived: boolean;

  constructor(service: string, message: string, options: ConnectionErrorOptions = {}) {
    super(service, message, options);
    this.isRetryable = options.isRetryable ?? true;
    this.mayHaveArrived = options.mayHaveArrived ?? true;
  }
}

/** No complete answer within the time allowed. */
export class TimeoutError extends ServiceError {
  static override readonly errorName: string = "TimeoutError";
  readonly code = "timeout";
  readonly isRetryable = true;
}

/** 429: too many requests for now. */
export class RateLimitError extends ServiceError {
  static override readonly errorName: string = "RateLimitError";
  readonly code = "rate-limit";
  readonly isRetryable = true;
}

/** A daily or plan quota is used up; waiting a moment does not help. */
export class QuotaError extends ServiceError {
  static override readonly errorName: string = "QuotaError";
  readonly code = "quota";
  readonly isRetryable = false;
}

/** 401: the token is missing or wrong. */
export class AuthenticationError extends ServiceError {
  static override readonly errorName: string = "AuthenticationError";
  readonly code = "authentication";
  readonly isRetryable = false;
}

/** 403: the token is right and does not allow this, as the read-only token does not allow a write. */
export class ForbiddenError extends ServiceError {
  static override readonly errorName: string = "ForbiddenError";
  readonly code = "forbidden";
  readonly isRetryable = false;
}

/** 404: the thing named does not exist (a namespace, a model, a resumable query). */
export class NotFoundError extends ServiceError {
  static override readonly errorName: string = "NotFoundError";
  readonly code = "not-found";
  readonly isRetryable = false;
}

/** Any other 4xx: the request itself is at fault. */
export class InvalidRequestError extends ServiceError {
  static override readonly errorName: string = "InvalidRequestError";
  readonly code = "invalid-request";
  readonly isRetryable = false;
}

/** 5xx, or an answer that is not what the protocol promises (HTML, cut off, of another shape). */
export class ServiceFaultError extends ServiceError {
  static override readonly errorName: string = "ServiceFaultError";
  readonly code = "service";
  readonly isRetryable = true;
}

/** The answer exceeds the size limit; repeating the request would not help. */
export class AnswerTooLargeError extends ServiceError {
  static override readonly errorName: string = "AnswerTooLargeError";
  readonly code = "answer-too-large";
  readonly isRetryable = false;
}

/** No request was made, because the service failed repeatedly. It is not retried for `retryAfterMs`. */
export class CircuitOpenError extends ServiceError {
  static override readonly errorName: string = "CircuitOpenError";
  readonly code = "circuit-open";
  readonly isRetryable = true;
}

/** The error class for an HTTP status. Daily quotas arrive as 403 and are recognised by their text. */
export function errorFromStatus(
  service: string,
  status: number,
  message: string,
  options: ServiceErrorOptions = {},
): ServiceError {
  const details = { ...options, status };
  if (status === 401) {
    return new AuthenticationError(service, message, {
      hint: "Check the token in UPSTASH_VECTOR_REST_TOKEN; the Upstash console shows it.",
      ...details,
    });
  }
  if (status === 403) {
    if (/^Exceeded daily/i.test(message)) {
      return new QuotaError(service, message, { hint: "The quota is renewed at 00:00 UTC.", ...details });
    }
    return new ForbiddenError(service, message, {
      hint: "The read-only token cannot write; set UPSTASH_VECTOR_REST_TOKEN to the full token.",
      ...details,
    });
  }
  if (status === 404) return new NotFoundError(service, message, details);
  if (status === 408) return new TimeoutError(service, message, details);
  if (status === 429) return new RateLimitError(service, message, details);
  if (status >= 500) return new ServiceFaultError(service, message, details);
  return new InvalidRequestError(service, message, details);
}
