import { ForbiddenError, QuotaError, RateLimitError, ServiceFaultError } from "../../foundation/errors.ts";
import type { FaultSettings } from "../fault-settings.ts";
import type { VectorIndex } from "../index/vector-index.ts";
import { faultsSchema } from "../option-schemas.ts";
import { requireValid, withoutUndefined } from "../schema.ts";

const noFaults: FaultSettings = {
  latencyMs: 0,
  indexingDelayMs: 0,
  requestsPerSecond: 0,
  dailyWrites: 0,
  dailyQueries: 0,
  isDown: false,
  isReadOnly: false,
};

/** How much one request uses of the daily quotas. */
export interface RequestCost {
  readonly writes: number;
  readonly queries: number;
}

/** What an index has counted for the daily quotas. */
export interface DayCounts {
  /** Days since 1970 (UTC). */
  readonly day: number;
  readonly writes: number;
  readonly queries: number;
}

/** Counts requests and lets them fail as the service would. */
export class Faults {
  settings: FaultSettings;
  readonly #now: () => number;
  #second = -1;
  #requestsThisSecond = 0;
  #day = -1;
  #writesToday = 0;
  #queriesToday = 0;

  /**
   * @param now the time in milliseconds
   * @throws {UsageError} for a fault that does not exist or a value that it cannot have
   */
  constructor(settings: Partial<FaultSettings> = {}, now: () => number = Date.now) {
    requireFaults(settings);
    this.settings = { ...noFaults, ...withoutUndefined(settings) };
    this.#now = now;
  }

  /**
   * Changes the faults from now on. The index gets the delay after which queries find its writes.
   * @throws {UsageError} for a fault that does not exist or a value that it cannot have
   */
  change(change: Partial<FaultSettings>, index: VectorIndex): void {
    requireFaults(change);
    this.settings = { ...this.settings, ...withoutUndefined(change) };
    // A limit counts from the moment it is set, also one that is set again.
    if (change.dailyWrites !== undefined) this.#writesToday = 0;
    if (change.dailyQueries !== undefined) this.#queriesToday = 0;
    index.indexingDelay.delayMs = this.settings.indexingDelayMs;
  }

  /** Whether any fault is simulated. */
  get isAny(): boolean {
    return Object.values(this.settings).some((value) => value !== 0 && value !== false);
  }

  /** What was counted since the last call. */
  takeCounts(): DayCounts {
    const counts = { day: this.#day, writes: this.#writesToday, queries: this.#queriesToday };
    this.#writesToday = 0;
    this.#queriesToday = 0;
    return counts;
  }

  /** Adds what another process has counted for the same index. */
  addCounts({ day, writes, queries }: DayCounts): void {
    this.#startDay();
    if (day !== this.#day) return;
    this.#writesToday += writes;
    this.#queriesToday += queries;
  }

  /**
   * Admits a request, or refuses it.
   *
   * @throws {ServiceFaultError} 503 during an outage
   * @throws {RateLimitError} 429 beyond the rate
   * @throws {QuotaError} 403 beyond a daily quota; then no part of the request is carried out
   */
  async admit(cost: RequestCost): Promise<void> {
    const { latencyMs, isDown } = this.settings;
    if (latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, latencyMs));
    if (isDown) throw new ServiceFaultError("embedded", "Service Unavailable", { status: 503 });
    this.#countRequest();
    this.#countQuota(cost);
  }

  /** @throws {ForbiddenError} 403 if writes are refused, in the words of the read-only token */
  admitWrite(command: string): void {
    if (this.settings.isReadOnly) throw writeForbidden(command);
  }

  #countRequest(): void {
    const { requestsPerSecond } = this.settings;
    const second = Math.floor(this.#now() / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#requestsThisSecond = 0;
    }
    this.#requestsThisSecond++;
    if (requestsPerSecond > 0 && this.#requestsThisSecond > requestsPerSecond) {
      throw new RateLimitError("embedded", `Exceeded request rate limit: ${requestsPerSecond} per second`, {
        status: 429,
        retryAfterMs: 1_000,
      });
    }
  }

  #countQuota({ writes, queries }: RequestCost): void {
    const { dailyWrites, dailyQueries } = this.settings;
    this.#startDay();
    if (writes > 0 && dailyWrites > 0 && this.#writesToday + writes > dailyWrites)
      throw exceeded("write", dailyWrites);
    if (queries > 0 && dailyQueries > 0 && this.#queriesToday + queries > dailyQueries) {
      throw exceeded("query", dailyQueries);
    }
    this.#writesToday += writes;
    this.#queriesToday += queries;
  }

  #startDay(): void {
    const day = Math.floor(this.#now() / 86_400_000);
    if (day === this.#day) return;
    this.#day = day;
    this.#writesToday = 0;
    this.#queriesToday = 0;
  }
}

export function writeForbidden(command: string): ForbiddenError {
  return new ForbiddenError("embedded", `Forbidden: /${command} is not allowed`, { status: 403 });
}

function requireFaults(faults: Partial<FaultSettings>): void {
  requireValid(faultsSchema, faults, "The faults", "docs/emulator.md describes them.");
}

function exceeded(what: "write" | "query", limit: number): QuotaError {
  return new QuotaError("embedded", `Exceeded daily ${what} limit: ${limit}`, { status: 403 });
}
