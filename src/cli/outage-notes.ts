import type { TransportEvent } from "../transport/events.ts";
import type { Terminal } from "./terminal.ts";

/** Milliseconds of failures after which the reason is shown. */
const noteAfterMs = 5_000;

/**
 * Says that a service does not answer while its requests are repeated: a command that waits is not silent.
 * Give `observe` to what sends the requests.
 */
export class OutageNotes {
  readonly #terminal: Pick<Terminal, "waiting" | "note">;
  readonly #now: () => number;
  readonly #failing = new Map<string, { since: number; error: string; isNoted: boolean }>();

  /** @param now milliseconds of a monotonic clock */
  constructor(terminal: Pick<Terminal, "waiting" | "note">, now: () => number = () => performance.now()) {
    this.#terminal = terminal;
    this.#now = now;
  }

  readonly observe = (event: TransportEvent, store: string): void => {
    if (event.type === "retry-scheduled") this.#remind(store, event.waitMs);
    else if (event.type === "attempt-end" && event.error === undefined) this.#recover(store);
    else if (event.type === "attempt-end") this.#fail(store, event.error as string, event.durationMs);
  };

  #fail(store: string, error: string, durationMs: number): void {
    const known = this.#failing.get(store);
    if (known) known.error = error;
    else this.#failing.set(store, { since: this.#now() - durationMs, error, isNoted: false });
    this.#note(store);
  }

  /** A long wait may begin before the time of the first note. */
  #remind(store: string, waitMs: number): void {
    const failing = this.#failing.get(store);
    if (failing === undefined) return;
    const dueMs = failing.since + noteAfterMs - this.#now();
    if (dueMs > 0 && dueMs < waitMs) setTimeout(() => this.#note(store), dueMs).unref();
  }

  #note(store: string): void {
    const failing = this.#failing.get(store);
    if (failing === undefined || this.#now() - failing.since < noteAfterMs) return;
    failing.isNoted = true;
    const seconds = Math.round((this.#now() - failing.since) / 1_000);
    this.#terminal.waiting(
      `${store} has not answered for ${seconds} s (${failing.error}). Requests are repeated; Ctrl-C stops safely.`,
    );
  }

  #recover(store: string): void {
    const failing = this.#failing.get(store);
    this.#failing.delete(store);
    if (failing?.isNoted) {
      const seconds = Math.round((this.#now() - failing.since) / 1_000);
      this.#terminal.note(`${store} answers again, after ${seconds} s.`);
    }
  }
}
