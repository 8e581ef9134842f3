/** Events of requests to the service, for metrics and logs. They contain neither tokens nor texts. */
export type TransportEvent =
  | {
      readonly type: "request-end";
      readonly endpoint: string;
      /** Number of HTTP requests; 0 if none was made. */
      readonly attempts: number;
      /** Includes waiting. */
      readonly durationMs: number;
      /** The `code` of the error that the caller got; absent after a success. */
      readonly error?: string;
    }
  | {
      readonly type: "attempt-end";
      readonly endpoint: string;
      /** From 1. */
      readonly attempt: number;
      readonly durationMs: number;
      /** HTTP status; missing if no answer arrived. */
      readonly status?: number;
      /** Bytes of both bodies, the answer's without compression. */
      readonly bytes: number;
      readonly error?: string;
    }
  | {
      readonly type: "retry-scheduled";
      readonly endpoint: string;
      /** Number of the next attempt, from 2. */
      readonly attempt: number;
      readonly waitMs: number;
      readonly error: string;
    }
  /** The call waited because `concurrency` was reached. */
  | { readonly type: "queue-wait"; readonly endpoint: string; readonly waitMs: number }
  /** The call waited because of our rate limit or the service's 429. */
  | { readonly type: "rate-limit-wait"; readonly endpoint: string; readonly waitMs: number }
  /** The service asked for a pause with a 429. */
  | { readonly type: "pause-start"; readonly access: "read" | "write"; readonly durationMs: number }
  | { readonly type: "breaker-open"; readonly durationMs: number }
  | { readonly type: "breaker-half-open" }
  | { readonly type: "breaker-close" }
  /** The service refused a token, and another one replaced it. */
  | { readonly type: "token-change"; readonly access: "read" | "write" }
  /** The service accepted another token than the one before. */
  | { readonly type: "token-accepted"; readonly access: "read" | "write" };

export type TransportListener = (event: TransportEvent) => void;
