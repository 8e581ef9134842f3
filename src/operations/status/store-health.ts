import type { OperationReport } from "../../store/policies/index.ts";
import type { TransportEvent } from "../../transport/events.ts";
import { failureWords, unreadableAnswer } from "./failure-words.ts";
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
  /** How the last request over HTTP failed; absent after a good one, and after one that was given up. */
  lastRequestError?: string | undefined;
}

/** What each store is there for, by its name. `limit`: why its condition is not better, whatever its calls say. */
export type StoreDuties = ReadonlyMap<
  string,
  Pick<StoreStatus, "role" | "duty"> & { readonly limit?: "warning" | "bad" }
>;

/** Whether the stores of this process answer, from the calls to them. */
export class StoreHealth {
  #duties: () => StoreDuties;
  readonly #health = new Map<string, Health>();
  readonly #now: () => number;
  /** The store that answered the last read which the primary one could not answer. */
  #fallback: { readonly store: string; readonly insteadOf: string | undefined } | undefined;

  /** Since when the file of a store is known to be damaged. */
  readonly #damagedSince = new Map<string, number>();

  /** Whether the last question got no answer, from any store. */
  #isUnanswered = false;

  /** @param breakers stores that are called over HTTP, through a breaker */
  constructor(duties: StoreDuties, breakers: readonly string[], now: () => number = Date.now) {
    this.#duties = () => duties;
    this.#now = now;
    for (const name of breakers) this.#of(name).breaker = "closed";
  }

  /** From now on the duties are those of a cutover, which change with its stage. */
  follow(duties: () => StoreDuties): void {
    this.#duties = duties;
  }

  /** Whether questions fail: the primary store does, and no other one answered the last question. */
  get isUnanswered(): boolean {
    const primary = this.#primary;
    return this.#isUnanswered && primary !== undefined && this.#callsFailSince(primary) !== undefined;
  }

  /** The store that answers questions: the primary one, or the one that answered last in its place; or none. */
  get reading(): string | undefined {
    const primary = this.#primary;
    if (primary === undefined) return undefined;
    if (this.#fallback?.insteadOf === primary) return this.#fallback.store;
    return this.#callsFailSince(primary) === undefined ? primary : undefined;
  }

  get #primary(): string | undefined {
    return [...this.#duties()].find(([, { role }]) => role === "primary")?.[0];
  }

  recordOperation({ store, operation, outcome }: OperationReport): void {
    const health = this.#of(store);
    if (undecided.has(outcome)) return;
    if (answered.has(outcome)) {
      health.lastSuccess = this.#now();
      health.failuresInRow = 0;
      health.failingSince = undefined;
      // The other store is asked too, to compare it or to copy to it: that says nothing about who answers.
      if (operation === "query" && outcome === "ok" && store === this.#primary) this.#fallback = undefined;
      return;
    }
    this.#fail(health, outcome);
  }

  /** @param outcome of the question, after any fallback */
  recordQuestion(outcome: string): void {
    if (undecided.has(outcome)) return;
    this.#isUnanswered = !answered.has(outcome);
    // What answered before does not answer now.
    if (this.#isUnanswered) this.#fallback = undefined;
  }

  /** A store answered in place of another one: of the primary, or of the target in a canary. */
  recordFallback(store: string): void {
    const primary = this.#primary;
    const failed = store === primary ? [...this.#duties().keys()].find((name) => name !== store) : primary;
    if (failed === undefined) return;
    if (failed === primary) this.#fallback = { store, insteadOf: primary };
    const health = this.#of(failed);
    this.#fail(health, health.failuresInRow > 0 ? (health.lastFailure?.error ?? tooSlow) : tooSlow);
  }

  #fail(health: Health, error: string): void {
    health.failuresInRow++;
    health.failingSince ??= this.#now();
    health.lastFailure = { at: this.#now(), error: reasonOf(error, health) };
  }

  recordTransportEvent(event: TransportEvent, store: string): void {
    const health = this.#of(store);
    const state = breakerStates[event.type];
    if (state !== undefined) health.breaker = state;
    if (event.type === "pause-start") health.lastRequestError = "rate-limit";
    if (event.type === "attempt-end") health.lastRequestError = requestErrorOf(event);
  }

  /** @param since when its file was found damaged; `undefined` once it is whole: calls that succeed do not prove it */
  recordFile(store: string, since: number | undefined): void {
    if (since === undefined) this.#damagedSince.delete(store);
    else this.#damagedSince.set(store, since);
  }

  /** Since when a store fails, epoch milliseconds; `undefined` if it does not. */
  failingSince(store: string): number | undefined {
    return this.#callsFailSince(store) ?? this.#damagedSince.get(store);
  }

  #callsFailSince(store: string): number | undefined {
    const { failuresInRow, failingSince } = this.#of(store);
    return failuresInRow >= failuresOfFailing ? failingSince : undefined;
  }

  /** How a store fails, and since when; `undefined` if it does not. `what` follows its name. */
  faultOf(store: string): { readonly since: number; readonly what: string } | undefined {
    const since = this.failingSince(store);
    if (since === undefined) return undefined;
    return { since, what: failureWords(this.#of(store).lastFailure?.error, "past") };
  }

  list(): StoreStatus[] {
    return [...this.#duties()].map(([name, { role, duty, limit }]) => {
      const { lastSuccess, lastFailure, breaker } = this.#of(name);
      const measuredAt = Math.max(lastSuccess ?? 0, lastFailure?.at ?? 0) || undefined;
      const isStale = measuredAt === undefined || this.#now() - measuredAt > staleAfterMs;
      return {
        name,
        role,
        // A duty is no state: a store that fails does not do it.
        duty: this.failingSince(name) === undefined ? duty : `fails at present; when it works, it ${duty}`,
        condition: this.#limited(name, isStale, limit),
        breaker,
        lastSuccess: isoTime(lastSuccess),
        lastFailure: lastFailure ? describedFailure(lastFailure) : null,
        time: isoTime(measuredAt),
        isStale,
      };
    });
  }

  #limited(name: string, isStale: boolean, limit: "warning" | "bad" | undefined): StoreStatus["condition"] {
    const condition = isStale && !this.#damagedSince.has(name) ? "unknown" : this.#conditionOf(name);
    return limit === undefined || condition === "bad" ? condition : limit;
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

function requestErrorOf({
  error,
  status,
}: Extract<TransportEvent, { type: "attempt-end" }>): string | undefined {
  if (error === undefined || undecided.has(error) || answered.has(error)) return undefined;
  return error === "service" && status !== undefined && status < 500 ? unreadableAnswer : error;
}

/**
 * An open breaker, and a call that ran out of time while it was repeated or held back, are consequences: the reason is how
 * the last request failed.
 */
function reasonOf(error: string, { lastRequestError, failuresInRow, lastFailure }: Health): string {
  const isConsequence = error === "circuit-open" || error === tooSlow || error === "service";
  if (!isConsequence) return error;
  if (lastRequestError !== undefined) return lastRequestError;
  return error === "circuit-open" && failuresInRow > 1 ? (lastFailure?.error ?? error) : error;
}

function describedFailure({ at, error }: NonNullable<Health["lastFailure"]>): StoreStatus["lastFailure"] {
  return { time: new Date(at).toISOString(), error, what: failureWords(error, "past") };
}

const breakerStates: Partial<Record<TransportEvent["type"], StoreStatus["breaker"]>> = {
  "breaker-open": "open",
  "breaker-half-open": "half-open",
  "breaker-close": "closed",
};
