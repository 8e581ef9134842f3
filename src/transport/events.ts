/** What happens on the way to the service, for metrics and logs. Neither tokens nor texts are in it. */
export type TransportEvent =
  | {
      readonly type: "request-end";
      readonly endpoint: string;
      /** HTTP requests that it took; 0 where none was made. */
      readonly attempts: number;
      /** Waiting included. */
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
      /** HTTP status; absent where no answer came. */
      readonly status?: number;
      readonly error?: string;
    }
  | {
      readonly type: "retry-scheduled";
      readonly endpoint: string;
      /** The attempt that is to follow, from 2. */
      readonly attempt: number;
      readonly waitMs: number;
      readonly error: string;
    }
  /** The call waited for one of the places that `concurrency` allows. */
  | { readonly type: "queue-wait"; readonly endpoint: string; readonly waitMs: number }
  /** The call waited because of our own limit, or of the service's 429. */
  | { readonly type: "rate-limit-wait"; readonly endpoint: string; readonly waitMs: number }
  /** The service asked with a 429 to be let alone. */
  | { readonly type: "pause-start"; readonly access: "read" | "write"; readonly durationMs: number }
  | { readonly type: "breaker-open"; readonly durationMs: number }
  | { readonly type: "breaker-half-open" }
  | { readonly type: "breaker-close" }
  /** A token was refused, and another taken in its place. */
  | { readonly type: "token-change"; readonly access: "read" | "write" };

export type TransportListener = (event: TransportEvent) => void;
