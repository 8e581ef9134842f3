import { counted } from "../foundation/plural.ts";
import type { Log } from "../operations/logs/log.ts";

/** Milliseconds whose refusals share a line. */
const windowMs = 10_000;

/** Statuses of requests that were refused before any work: a key is missing or wrong, too many requests, too much work. */
const refusedStatuses = new Set([401, 429]);

/** Whether a request was refused before any work was done for it. */
export function isRefusal({
  status,
  outcome,
}: {
  readonly status: number;
  readonly outcome: string;
}): boolean {
  return outcome === "refused" || refusedStatuses.has(status);
}

/**
 * Logs refused requests: the first one with its line, and those of the next ten seconds together in one. Under overload
 * a line for each would be most of the work that is left.
 */
export class RefusalLog {
  readonly #log: Log;
  readonly #windowMs: number;
  readonly #counts = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(log: Log, window: number = windowMs) {
    this.#log = log;
    this.#windowMs = window;
  }

  /** @param code of the problem, such as `overloaded`. @param write logs the request in a line of its own */
  note(code: string, write: () => void): void {
    if (this.#timer === undefined) {
      this.#timer = setTimeout(() => this.#endWindow(), this.#windowMs);
      this.#timer.unref();
      write();
    } else this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
  }

  /** Logs what was counted so far. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#counts.size === 0) return;
    const refused = Object.fromEntries(this.#counts);
    this.#counts.clear();
    const count = Object.values(refused).reduce((sum, each) => sum + each, 0);
    const seconds = this.#windowMs / 1_000;
    this.#log.warn(
      { refused },
      `${counted(count, "more request")} refused within ${counted(seconds, "second")}`,
    );
  }

  #endWindow(): void {
    const hasMore = this.#counts.size > 0;
    this.close();
    // While refusals go on, only their counts are logged.
    if (hasMore) {
      this.#timer = setTimeout(() => this.#endWindow(), this.#windowMs);
      this.#timer.unref();
    }
  }
}
