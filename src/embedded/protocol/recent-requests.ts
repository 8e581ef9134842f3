import type { LoggedRequest } from "../data-session.ts";

/** Requests that are kept. */
const capacity = 500;

/** The last requests of an emulator, for its data browser. */
export class RecentRequests {
  readonly #entries: LoggedRequest[] = [];
  readonly #listeners: Set<(entry: LoggedRequest) => void> = new Set();
  #next = 0;

  add(entry: LoggedRequest): void {
    this.#entries[this.#next % capacity] = entry;
    this.#next++;
    for (const listener of this.#listeners) listener(entry);
  }

  /** The oldest first. */
  list(): LoggedRequest[] {
    const start = this.#next % capacity;
    return this.#next <= capacity
      ? [...this.#entries]
      : [...this.#entries.slice(start), ...this.#entries.slice(0, start)];
  }

  /** @returns ends the subscription */
  subscribe(listener: (entry: LoggedRequest) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
