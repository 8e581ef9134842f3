import type { OperationReport } from "../../store/policies/index.ts";
import type { TransportEvent } from "../../transport/events.ts";
import { isoTime } from "./iso-time.ts";
import type { StoreStatus } from "./status.ts";

/** How a call to a store that works can end: with a result, or because the request was wrong. */
const answered = new Set(["ok", "not-found", "invalid-request", "usage", "filter"]);

/** The caller gave up; that says nothing about the store. */
const undecided = new Set(["abandoned", "cancelled"]);

/** The error of a primary that was too slow: the call to it was given up, and the secondary answered. */
const tooSlow = "deadline";

/** Milliseconds without a call after which nothing is known about a store. */
const staleAfterMs = 600_000;

/** Failures in a row after which a store counts as failing. */
const failuresOfFailing = 2;

interface Health {
  lastSuccess?: number;
  lastFailure?: { readonly at: number; readonly error: string };
  failuresInRow: number;
  /** Begin of the present row of failures. */
  failingSince?: number | undefined;
  breaker: StoreStatus["breaker"];
}

/** Whether the stores of this process answer, from the calls to them. */
export class StoreHealth {
  readonly #roles: ReadonlyMap<string, StoreStatus["role"]>;
  readonly #health = new Map<string, Health>();
  readonly #now: () => number;
  #reading: string | undefined;

  /** @param breakers stores that are called over HTTP, through a breaker */
  constructor(
    roles: ReadonlyMap<string, StoreStatus["role"]>,
    breakers: readonly string[],
    now: () => number = Date.now,
  ) {
    this.#roles = roles;
    this.#now = now;
    for (const name of breakers) this.#of(name).breaker = "closed";
  }

  /** The store that answered the last query. */
  get reading(): string | undefined {
    return this.#reading;
  }

  recordOperation({ store, operation, outcome }: OperationReport): void {
    const health = this.#of(store);
    if (undecided.has(outcome)) return;
    if (answered.has(outcome)) {
      health.lastSuccess = this.#now();
      health.failuresInRow = 0;
      health.failingSince = undefined;
      if (operation === "query" && outcome === "ok") this.#reading = store;
      return;
    }
    this.#fail(health, outcome);
  }

  /** The secondary answered in place of the primary. */
  recordFallback(): void {
    const [primary] = [...this.#roles].find(([, role]) => role === "primary") ?? [];
    if (primary === undefined) return;
    const health = this.#of(primary);
    this.#fail(health, health.failuresInRow > 0 ? (health.lastFailure?.error ?? tooSlow) : tooSlow);
  }

  #fail(health: Health, error: string): void {
    health.failuresInRow++;
    health.failingSince ??= this.#now();
    // An open breaker is a consequence; the error before it is the reason.
    const reason = error === "circuit-open" ? health.lastFailure?.error : undefined;
    health.lastFailure = { at: this.#now(), error: reason ?? error };
  }

  recordTransportEvent({ type }: TransportEvent, store: string): void {
    const state = breakerStates[type];
    if (state !== undefined) this.#of(store).breaker = state;
  }

  /** Since when a store fails, epoch milliseconds; `undefined` if it does not. */
  failingSince(store: string): number | undefined {
    const { failuresInRow, failingSince } = this.#of(store);
    return failuresInRow >= failuresOfFailing ? failingSince : undefined;
  }

  list(): StoreStatus[] {
    return [...this.#roles].map(([name, role]) => {
      const { lastSuccess, lastFailure, breaker } = this.#of(name);
      const measuredAt = Math.max(lastSuccess ?? 0, lastFailure?.at ?? 0) || undefined;
      const isStale = measuredAt === undefined || this.#now() - measuredAt > staleAfterMs;
      return {
        name,
        role,
        condition: isStale ? "unknown" : this.#conditionOf(name),
        breaker,
        lastSuccess: isoTime(lastSuccess),
        lastFailure: lastFailure
          ? { time: new Date(lastFailure.at).toISOString(), error: lastFailure.error }
          : null,
        time: isoTime(measuredAt),
        isStale,
      };
    });
  }

  #conditionOf(name: string): StoreStatus["condition"] {
    if (this.failingSince(name) !== undefined) return "bad";
    return this.#of(name).failuresInRow > 0 || this.#of(name).breaker === "open" ? "warning" : "good";
  }

  #of(store: string): Health {
    let health = this.#health.get(store);
    if (health === undefined) {
      health = { failuresInRow: 0, breaker: "none" };
      this.#health.set(store, health);
    }
    return health;
  }
}

const breakerStates: Partial<Record<TransportEvent["type"], StoreStatus["breaker"]>> = {
  "breaker-open": "open",
  "breaker-half-open": "half-open",
  "breaker-close": "closed",
};
