import { type CostCount, storageKind, sumOf, trafficKind } from "../../state/cost-counters.ts";

export interface CostMeterOptions {
  /** Adds to the durable counts. */
  readonly add: (counts: readonly CostCount[]) => Promise<void>;
  /** Called after each time that counts were stored, and once for the first failure in a row. */
  readonly onFlush?: (error: unknown) => void;
  /** Default 5,000. */
  readonly flushMs?: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Milliseconds between two writes of the counts: a process that is killed loses at most that much of them. */
const defaultFlushMs = 5_000;

/**
 * Collects billed requests in memory and adds them to the durable counts every few seconds and at the end. Counts that
 * cannot be stored are kept and stored later; there is one for each day, store and kind, so that they stay few.
 */
export class CostMeter {
  readonly #options: CostMeterOptions;
  readonly #now: () => number;
  #counts = new Map<string, CostCount>();
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> | undefined;
  #hasFailed = false;

  constructor(options: CostMeterOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Counts requests at the current time. Never throws, never waits. */
  record(store: string, kind: string, requests: number): void {
    this.#add({ store, kind, requests });
  }

  /** Counts bytes of requests and answers. Never throws, never waits. */
  recordTraffic(store: string, bytes: number): void {
    this.#add({ store, kind: trafficKind, requests: 0, bytes });
  }

  /** Notes the size of an index. Never throws, never waits. */
  recordStorage(store: string, bytes: number): void {
    this.#add({ store, kind: storageKind, requests: 0, bytes });
  }

  #add(count: Omit<CostCount, "day">): void {
    this.#put([{ day: new Date(this.#now()).toISOString().slice(0, 10), ...count }]);
    this.#timer ??= setTimeout(() => this.flush(), this.#options.flushMs ?? defaultFlushMs).unref();
  }

  /** Counts that are not stored yet. */
  get pending(): readonly CostCount[] {
    return [...this.#counts.values()];
  }

  /** Stores what was collected. Never throws: `onFlush` gets the error. */
  async flush(): Promise<void> {
    await this.#flushing;
    this.#flushing = this.#flush();
    await this.#flushing;
  }

  /** Stores the rest. */
  close(): Promise<void> {
    return this.flush();
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#counts.size === 0) return;
    const counts = this.pending;
    this.#counts = new Map();
    try {
      await this.#options.add(counts);
      this.#hasFailed = false;
      this.#options.onFlush?.(undefined);
    } catch (error) {
      if (!isLost(error)) {
        const later = this.pending;
        this.#counts = new Map();
        this.#put([...counts, ...later]);
      }
      if (!this.#hasFailed) this.#options.onFlush?.(error);
      this.#hasFailed = true;
    }
  }

  #put(counts: readonly CostCount[]): void {
    for (const count of counts) {
      const key = `${count.day} ${count.store} ${count.kind}`;
      const before = this.#counts.get(key);
      this.#counts.set(key, before === undefined ? count : sumOf(before, count));
    }
  }
}

/** A commit whose answer was lost may have stored the counts: they must not be added twice. */
function isLost(error: unknown): boolean {
  return (error as { mayHaveCommitted?: unknown } | undefined)?.mayHaveCommitted === true;
}
