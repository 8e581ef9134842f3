import { ConnectionError, RateLimitError, ServiceError, ServiceFaultError } from "../foundation/errors.ts";
import { pause } from "../foundation/pause.ts";

/** Retries. With the waits below they span about 4 s, the time a model server needs to restart. */
const defaultRetries = 4;
/** Milliseconds. A wait is drawn evenly up to `firstWaitMs * 2^n`: full jitter, as for the cloud index. */
const firstWaitMs = 500;
/** If the server asks for a longer wait, the failure is the caller's. */
const longestWaitMs = 30_000;

/**
 * Retries a call to a model server if it is busy (503, 429), restarts or drops the connection. The work must be safe to
 * repeat. A timeout is not retried, because the call has already waited long.
 *
 * @throws the last failure; {CancelledError} when the signal ends a wait
 */
export async function repeatPassingFailures<T>(
  work: () => Promise<T>,
  signal: AbortSignal | undefined,
  retries: number = defaultRetries,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === retries || !isPassing(error)) throw error;
      const waitMs = Math.max(error.retryAfterMs ?? 0, Math.random() * firstWaitMs * 2 ** attempt);
      if (waitMs > longestWaitMs) throw error;
      await pause(waitMs, signal);
    }
  }
}

/** An unreadable answer has no status, and a retry would return the same. */
function isPassing(error: unknown): error is ServiceError {
  if (!(error instanceof ServiceError) || !error.isRetryable) return false;
  if (error instanceof ServiceFaultError) return error.status !== undefined;
  return error instanceof RateLimitError || error instanceof ConnectionError;
}
