import { CancelledError, TimeoutError } from "../../../foundation/errors.ts";

export interface DeadlineOptions {
  /** The name of the service in errors. */
  readonly service: string;
  /** Milliseconds. */
  readonly deadlineMs: number;
  /** The caller's own. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a call with a deadline. After the deadline its signal fires and this rejects at once; the result of a call
 * that ignores its signal is dropped.
 *
 * @param call given a signal that fires with the caller's, and at the deadline until the call has answered
 * @throws {TimeoutError} after the deadline
 * @throws {CancelledError} when the caller's signal fires first
 */
export async function withDeadline<T>(
  { service, deadlineMs, signal }: DeadlineOptions,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (signal?.aborted) throw new CancelledError();
  const deadline = new AbortController();
  const both = signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal;
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new TimeoutError(service, `No answer within ${deadlineMs} ms.`));
      deadline.abort();
    }, deadlineMs);
    onAbort = () => reject(new CancelledError());
    signal?.addEventListener("abort", onAbort, { once: true });
  });
  try {
    return await Promise.race([call(both), over]);
  } finally {
    clearTimeout(timer);
    if (onAbort) signal?.removeEventListener("abort", onAbort);
  }
}
