import { BudgetError, QuotaError } from "../../foundation/errors.ts";
import { orLate } from "../../foundation/or-late.ts";
import type { Plan } from "../../pricing/prices.ts";
import { type CostCount, sumOf } from "../../state/cost-counters.ts";
import type { Budget, BudgetStatus } from "./budget.ts";
import { type LiveCost, liveCost, monthSpan } from "./live-cost.ts";
import { CostMeter } from "./meter.ts";

/** The durable counts of all processes. */
export interface CountStore {
  add(counts: readonly CostCount[]): Promise<void>;
  list(span: { readonly from: string; readonly to: string }): Promise<CostCount[]>;
  close?(): Promise<void>;
}

export interface CostControlOptions {
  readonly counts: CountStore;
  /** The plan of the index, and the day of its price; called when first needed. */
  readonly prices: () => { readonly plan: Plan; readonly date: string };
  readonly budget?: Budget | undefined;
  /** Called when the level of the budget changes, and once at the first look if it is not within. */
  readonly onBudget?: (status: BudgetStatus) => void;
  /** Called when counts cannot be stored or read, once for failures in a row. */
  readonly onFault?: (error: unknown) => void;
  /** Milliseconds between two looks at the counts of other processes, and between two writes. Default 5,000. */
  readonly intervalMs?: number;
  /** Milliseconds that the last write may take. Default 3,000. */
  readonly closeMs?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

const defaultIntervalMs = 5_000;
const defaultCloseMs = 3_000;

/**
 * Counts what this process is billed, knows what all processes were billed this month, and enforces the budget
 * (OPS-6). Other processes' requests are seen within seconds, so that several of them may overspend a budget by the
 * requests of that time. If the counts cannot be read, requests are allowed: an outage of the state is no outage of
 * the service.
 */
export class CostControl {
  readonly #options: CostControlOptions;
  readonly #meter: CostMeter;
  readonly #now: () => number;
  /** Of the month, as last read. */
  #stored: readonly CostCount[] = [];
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;
  #level: BudgetStatus["level"] = "within";
  #hasFailed = false;

  constructor(options: CostControlOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#meter = new CostMeter({
      add: async (counts) => {
        await options.counts.add(counts);
        await this.#read();
      },
      flushMs: options.intervalMs ?? defaultIntervalMs,
      onFlush: (error) => {
        if (error !== undefined) options.onFault?.(error);
      },
      now: this.#now,
    });
  }

  /** Counts a billed request. Never throws, never waits. */
  record(store: string, kind: string, requests: number): void {
    this.#meter.record(store, kind, requests);
    this.#noteLevel();
  }

  /** Counts bytes of requests and answers. Never throws, never waits. */
  recordTraffic(store: string, bytes: number): void {
    this.#meter.recordTraffic(store, bytes);
  }

  /** Notes the size of an index. Never throws, never waits. */
  recordStorage(store: string, bytes: number): void {
    this.#meter.recordStorage(store, bytes);
  }

  /**
   * Lets a request pass unless the budget is spent.
   *
   * @param store that the request is for
   * @throws {QuotaError} with the action `fallback`, so that another store answers
   * @throws {BudgetError} with the action `refuse`
   */
  async admit(store: string): Promise<void> {
    const { budget } = this.#options;
    if (budget === undefined || budget.action === "warn") return;
    if (this.#readAt === Number.NEGATIVE_INFINITY) await this.#refresh();
    else void this.#refresh();
    const status = this.#status();
    if (status?.level !== "spent") return;
    const hint =
      "Raise BUDGET_DOLLARS or BUDGET_REQUESTS, set BUDGET_ACTION=warn, or wait for the next month (UTC).";
    if (budget.action === "fallback") throw new QuotaError(store, status.sentence, { hint });
    throw new BudgetError(status.sentence, { hint });
  }

  /** What was billed this month, by all processes. @throws {StateError} */
  async live(): Promise<LiveCost> {
    await this.#meter.flush();
    await this.#read();
    const { plan, date } = this.#options.prices();
    return liveCost(this.#counts(), plan, date, this.#options.budget, this.#now());
  }

  /** Stores what was counted. Waits three seconds at most, so that no command hangs on a state that does not answer. */
  async close(): Promise<void> {
    const closing = this.#close().then(() => false);
    if (await orLate(closing, this.#options.closeMs ?? defaultCloseMs, true))
      this.#options.onFault?.(new Error("The state did not answer in time."));
  }

  async #close(): Promise<void> {
    await this.#meter.close();
    await this.#reading;
    await this.#options.counts.close?.();
  }

  /** Reads the counts unless that was done a moment ago. Never throws. */
  async #refresh(): Promise<void> {
    if (performance.now() - this.#readAt < (this.#options.intervalMs ?? defaultIntervalMs)) return;
    this.#reading ??= this.#read()
      .then(() => {
        this.#hasFailed = false;
      })
      .catch((error: unknown) => {
        if (!this.#hasFailed) this.#options.onFault?.(error);
        this.#hasFailed = true;
        this.#readAt = performance.now();
      })
      .finally(() => {
        this.#reading = undefined;
      });
    await this.#reading;
  }

  async #read(): Promise<void> {
    this.#stored = await this.#options.counts.list(monthSpan(this.#now()));
    this.#readAt = performance.now();
    this.#noteLevel();
  }

  /** Of this month, what is not stored yet included. */
  #counts(): CostCount[] {
    const { from } = monthSpan(this.#now());
    const sums = new Map<string, CostCount>();
    for (const count of [...this.#stored, ...this.#meter.pending]) {
      if (count.day < from) continue;
      const key = `${count.day} ${count.store} ${count.kind}`;
      const before = sums.get(key);
      sums.set(key, before === undefined ? count : sumOf(before, count));
    }
    return [...sums.values()];
  }

  #status(): BudgetStatus | undefined {
    const { budget, prices } = this.#options;
    if (budget === undefined) return undefined;
    const { plan, date } = prices();
    return liveCost(this.#counts(), plan, date, budget, this.#now()).budget;
  }

  #noteLevel(): void {
    const status = this.#options.onBudget && this.#status();
    if (status === undefined || status.level === this.#level) return;
    this.#level = status.level;
    this.#options.onBudget?.(status);
  }
}
