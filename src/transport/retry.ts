import {
  ExponentialBackoff,
  handleWhen,
  type IBackoff,
  type IRetryBackoffContext,
  noJitterGenerator,
  retry,
} from "cockatiel";
import { CircuitOpenError, ConnectionError, RateLimitError, ServiceError } from "../foundation/errors.ts";
import type { CallSignal } from "./call-signal.ts";
import type { TransportListener } from "./events.ts";
import type { OperationPolicy } from "./operations.ts";

export interface RetryOptions {
  /** Attempts after the first. */
  readonly retries: number;
  /** Upper bound of the first wait in milliseconds; doubled for each further wait. */
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** From 0 to below 1. */
  readonly random: () => number;
  /**
   * `rate-limited`: only what a busy service refused, for a caller that keeps all other failed writes itself. Default: as
   * each command allows.
   */
  readonly repeat?: "rate-limited";
}

/** The call as retries see it: its limits and its callbacks. */
type RetryScope = Pick<CallSignal, "signal" | "remainingMs" | "lastFailure">;

interface RetriedCall {
  readonly endpoint: string;
  readonly policy: OperationPolicy;
  readonly call: RetryScope;
  readonly onEvent: TransportListener;
}

/**
 * Retries commands that are safe to repeat, with exponential backoff and full jitter: a wait is uniformly random from 0
 * to `firstWaitMs * 2^n` (Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015). `Retry-After`
 * takes precedence. If a wait would end after the deadline, the call fails at once.
 *
 * @param attempt receives its number from 0, and whether a previous attempt may have reached the service
 */
export async function withRetries<T>(
  options: RetryOptions,
  { endpoint, policy, call, onEvent }: RetriedCall,
  attempt: (number: number, mayHaveArrived: boolean) => Promise<T>,
): Promise<T> {
  let attempts = 0;
  let hasArrived = false;
  const repeated = retry(
    handleWhen((error) => {
      call.lastFailure = error;
      hasArrived ||= mayHaveArrived(error);
      return mayRepeat(error, options.repeat ?? policy.repeat, attempts);
    }),
    {
      maxAttempts: options.retries,
      backoff: new PatientBackoff(fullJitter(options).next(), call),
    },
    // The call's timer keeps the process alive. A timer left after an abort must not.
  ).dangerouslyUnref();
  repeated.onRetry((failure) => {
    const error = "error" in failure ? failure.error : undefined;
    onEvent({
      type: "retry-scheduled",
      endpoint,
      attempt: failure.attempt + 1,
      waitMs: failure.delay,
      error: error instanceof ServiceError ? error.code : "unknown",
    });
  });
  return await repeated.execute(({ attempt: number }) => {
    call.signal.throwIfAborted();
    attempts = number + 1;
    return attempt(number, hasArrived);
  }, call.signal);
}

/** The library's full jitter with a replaceable random source for tests. */
function fullJitter({ firstWaitMs, longestWaitMs, random }: RetryOptions): ExponentialBackoff<number> {
  return new ExponentialBackoff<number>({
    generator: (state, settings) => {
      const [ceiling, next] = noJitterGenerator(state, settings);
      return [random() * ceiling, next];
    },
    initialDelay: firstWaitMs,
    maxDelay: longestWaitMs,
  });
}

/** Waits as long as the service asked plus a random time; does not wait if the deadline is too near. */
class PatientBackoff implements IBackoff<IRetryBackoffContext<unknown>> {
  readonly duration: number;
  readonly #inner: IBackoff<unknown>;
  readonly #call: RetryScope;

  constructor(inner: IBackoff<unknown>, call: RetryScope, asked = 0) {
    this.duration = asked + inner.duration;
    this.#inner = inner;
    this.#call = call;
  }

  /** @throws the failure itself if the wait does not fit before the deadline */
  next({ attempt, result }: IRetryBackoffContext<unknown>): PatientBackoff {
    const error = "error" in result ? result.error : undefined;
    const asked = error instanceof ServiceError ? (error.retryAfterMs ?? 0) : 0;
    const inner = attempt === 1 ? this.#inner : this.#inner.next(undefined);
    const following = new PatientBackoff(inner, this.#call, asked);
    if (following.duration >= this.#call.remainingMs) throw error;
    return following;
  }
}

function mayRepeat(
  error: unknown,
  repeat: OperationPolicy["repeat"] | "rate-limited",
  attempts: number,
): boolean {
  if (!(error instanceof ServiceError) || !error.isRetryable) return false;
  if (repeat === "rate-limited") return error instanceof RateLimitError;
  // A new call fails fast. A call that helped to open the breaker waits for the next probe.
  if (error instanceof CircuitOpenError) return attempts > 1;
  return repeat === "always" || !mayHaveArrived(error);
}

/** Whether the service may have executed the failed attempt. */
function mayHaveArrived(error: unknown): boolean {
  if (error instanceof ConnectionError) return error.mayHaveArrived;
  return !(error instanceof RateLimitError || error instanceof CircuitOpenError);
}
