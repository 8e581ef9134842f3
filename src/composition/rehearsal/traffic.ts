import { setTimeout as wait } from "node:timers/promises";
import type { Document } from "../../store/document.ts";
import type { StoreServed, VectorStore } from "../../store/store.ts";

/** What the client of a rehearsal saw. */
export interface TrafficReport {
  readonly reads: number;
  readonly failedReads: number;
  readonly writes: number;
  readonly failedWrites: number;
  /** Writes that were acknowledged: the last text of each id. */
  readonly acknowledged: ReadonlyMap<string, string>;
  /** Ids with a write that failed, or whose outcome is unknown: any of their texts may be stored. */
  readonly uncertain: ReadonlySet<string>;
  /** The first failures, a sentence each. */
  readonly failures: readonly string[];
}

/** Requests at a time; a slow store makes the client wait, as people do. */
const mostInFlight = 64;

/** Ids that are written again and again, a few seconds apart. */
export const idCount = 200;

/**
 * After one write of so many, its id is not written again: a later write of the same id would hide that an earlier one
 * was lost.
 */
const keepEvery = 13;

const idPrefix = "rehearsal-";

/** Whether a client of a rehearsal writes this record. */
export function isOfTraffic(id: string): boolean {
  return id.startsWith(idPrefix);
}

const mostFailures = 5;

/** A client that reads and writes continuously, in turns. */
export class Traffic {
  readonly #store: VectorStore;
  readonly #intervalMs: number;
  readonly #questions: readonly string[];
  readonly #stopping = new AbortController();
  readonly #inFlight = new Set<Promise<void>>();
  readonly #busy = new Set<string>();
  readonly #acknowledged = new Map<string, string>();
  readonly #uncertain = new Set<string>();
  readonly #ids = Array.from({ length: idCount }, (_, place) => `${idPrefix}${place}`);
  readonly #failures: string[] = [];
  /** By store: when the last read began that it answered, on the monotonic clock. */
  readonly #askedAt = new Map<string, number>();
  #running: Promise<void> | undefined;
  #counts = { reads: 0, failedReads: 0, writes: 0, failedWrites: 0 };

  /** @param rate requests a second */
  constructor(store: VectorStore, questions: readonly string[], rate: number) {
    this.#store = store;
    this.#intervalMs = 1_000 / rate;
    this.#questions = questions;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** When the last read began that a store has answered, as `performance.now` counts; `undefined` if there was no such read. */
  lastReadOf(store: string): number | undefined {
    return this.#askedAt.get(store);
  }

  /** Waits for the requests that are running. */
  async stop(): Promise<TrafficReport> {
    this.#stopping.abort();
    await this.#running;
    await Promise.all(this.#inFlight);
    return {
      ...this.#counts,
      acknowledged: this.#acknowledged,
      uncertain: this.#uncertain,
      failures: this.#failures,
    };
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (let turn = 0; !signal.aborted; turn++) {
      if (this.#inFlight.size < mostInFlight) {
        const request = (turn % 2 === 0 ? this.#read(turn) : this.#write(turn)).finally(() => {
          this.#inFlight.delete(request);
        });
        this.#inFlight.add(request);
      }
      await wait(this.#intervalMs, undefined, { signal }).catch(() => {});
    }
  }

  async #read(turn: number): Promise<void> {
    this.#counts.reads++;
    // Many questions: a canary sends a share of the questions, not of the requests, to the target.
    const text = `${this.#questions[turn % this.#questions.length] ?? "food"} ${turn % 1_000}`;
    const began = performance.now();
    let servedBy: string | undefined;
    const onServed = (served: StoreServed) => {
      servedBy = served.store;
    };
    try {
      await this.#store.query({ text, topK: 3 }, { onServed });
      // A slow answer may arrive after those of later reads.
      if (servedBy) this.#askedAt.set(servedBy, Math.max(began, this.#askedAt.get(servedBy) ?? 0));
    } catch (error) {
      this.#counts.failedReads++;
      this.#note("A read", error);
    }
  }

  /** One write of an id at a time, so that the last acknowledged text is what has to be stored. */
  async #write(turn: number): Promise<void> {
    const place = (turn >> 1) % idCount;
    const id = this.#ids[place] as string;
    if (this.#busy.has(id)) return;
    this.#busy.add(id);
    this.#counts.writes++;
    const document: Document = { id, text: `Rehearsed in turn ${turn}.`, metadata: { turn } };
    try {
      await this.#store.upsert([document]);
      this.#acknowledged.set(id, document.text);
      this.#uncertain.delete(id);
    } catch (error) {
      this.#counts.failedWrites++;
      this.#uncertain.add(id);
      this.#note("A write", error);
    } finally {
      this.#busy.delete(id);
      if ((turn >> 1) % keepEvery === 0) this.#ids[place] = `${idPrefix}${place}-${turn}`;
    }
  }

  #note(what: string, error: unknown): void {
    if (this.#failures.length < mostFailures) this.#failures.push(`${what}: ${(error as Error).message}`);
  }
}
