import { setImmediate } from "node:timers/promises";
import { CancelledError, ServiceError } from "../../../foundation/errors.ts";
import type { Document, Match, StoreRecord } from "../../document.ts";
import type {
  DeleteTarget,
  DocumentChange,
  FallbackOptions,
  ReadOptions,
  StoreInfo,
  StoreQuery,
  VectorStore,
  WriteOptions,
} from "../../store.ts";
import { faultOwner } from "../fault-owner.ts";
import { ForwardingStore } from "../forwarding-store.ts";
import { drain } from "./drain.ts";
import type { Write } from "./write.ts";
import type { WriteQueue } from "./write-queue.ts";

export interface QueuedStoreOptions {
  readonly store: VectorStore;
  readonly queue: WriteQueue;
  /** The URL of the index: the queue keeps the writes of each index apart. */
  readonly target: string;
  /** Milliseconds before the first attempt to send what is queued; doubles up to 8 times that. Default 1,000. */
  readonly retryMs?: number;
}

const defaultRetryMs = 1_000;

/** Doublings of the time between two attempts. A short limit catches a store that is up only now and then. */
const longestBackoff = 3;

/** Milliseconds for a write that is being sent when the store is closed. */
const closeTimeoutMs = 2_000;

/**
 * Keeps writes on disk while their store fails, and sends them in order when it is back.
 *
 * A queued write is acknowledged: it calls `onQueued` and returns. Its result is not known yet: a queued delete
 * returns 0, a queued update true. While writes of a namespace wait, later writes to it are queued behind them.
 * Reads return what the store holds, without queued writes.
 */
export class QueuedStore extends ForwardingStore {
  readonly #queue: WriteQueue;
  readonly #target: string;
  readonly #retryMs: number;
  readonly #closing = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #draining: Promise<number> | undefined;
  #isClosed = false;
  #failures = 0;
  /** On the clock of `performance`: an answer before this is no reason for another attempt. */
  #restUntil: number;

  constructor(options: QueuedStoreOptions) {
    super(options.store);
    this.#queue = options.queue;
    this.#target = options.target;
    this.#retryMs = options.retryMs ?? defaultRetryMs;
    this.#restUntil = performance.now() + this.#retryMs;
    if (this.#queue.hasWaiting(this.#target)) this.#drainAfter(0);
  }

  override info(options?: FallbackOptions): Promise<StoreInfo> {
    return this.#noticing(super.info(options));
  }

  override query(query: StoreQuery, options?: ReadOptions): Promise<Match[]> {
    return this.#noticing(super.query(query, options));
  }

  override fetch(ids: readonly string[], options?: ReadOptions): Promise<(StoreRecord | undefined)[]> {
    return this.#noticing(super.fetch(ids, options));
  }

  override upsert(documents: readonly Document[], options: WriteOptions = {}): Promise<void> {
    return this.#write({ operation: "upsert", documents }, options, undefined, () =>
      super.upsert(documents, options),
    );
  }

  override upsertRecords(records: readonly StoreRecord[], options: WriteOptions = {}): Promise<void> {
    return this.#write({ operation: "upsertRecords", records }, options, undefined, () =>
      super.upsertRecords(records, options),
    );
  }

  override delete(target: DeleteTarget, options: WriteOptions = {}): Promise<number> {
    return this.#write({ operation: "delete", target }, options, 0, () => super.delete(target, options));
  }

  override update(change: DocumentChange, options: WriteOptions = {}): Promise<boolean> {
    return this.#write({ operation: "update", change }, options, true, () => super.update(change, options));
  }

  override reset(options: WriteOptions = {}): Promise<void> {
    return this.#write({ operation: "reset" }, options, undefined, () => super.reset(options));
  }

  override deleteNamespace(namespace: string, options: Omit<WriteOptions, "namespace"> = {}): Promise<void> {
    return this.#write({ operation: "deleteNamespace" }, { ...options, namespace }, undefined, () =>
      super.deleteNamespace(namespace, options),
    );
  }

  /** Waits up to 2 seconds for the queued write that is being sent. */
  override async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    const timer = setTimeout(() => this.#closing.abort(), closeTimeoutMs);
    await this.#draining;
    clearTimeout(timer);
    this.#queue.close();
    await this.store.close();
  }

  /**
   * @param whenQueued the result of a write that is queued
   * @throws {QueueFullError}
   */
  async #write<T>(
    write: Write,
    options: WriteOptions,
    whenQueued: T,
    carryOutNow: () => Promise<T>,
  ): Promise<T> {
    const { namespace = "", signal } = options;
    let reason = `Older writes to the same namespace wait for ${this.name}.`;
    if (!this.#queue.hasWaiting(this.#target, namespace)) {
      try {
        return await this.#noticing(carryOutNow());
      } catch (error) {
        if (faultOwner(error) !== "store") throw error;
        reason = (error as Error).message;
      }
    }
    if (signal?.aborted) throw new CancelledError();
    this.#queue.add(this.#target, namespace, write, reason);
    options.onQueued?.({ store: this.name, reason });
    this.#drainAfter(this.#retryMs);
    // Queueing never yields, so a caller that writes in a loop would prevent sending.
    await setImmediate();
    return whenQueued;
  }

  /** The store has answered: send what waits. */
  async #noticing<T>(answer: Promise<T>): Promise<T> {
    const result = await answer;
    if (this.#timer && !this.#draining && performance.now() >= this.#restUntil) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#drainAfter(0);
    }
    return result;
  }

  #drainAfter(milliseconds: number): void {
    if (this.#isClosed || this.#timer || this.#draining) return;
    this.#timer = setTimeout(async () => {
      this.#timer = undefined;
      this.#draining = this.#drain();
      const pauseMs = await this.#draining;
      this.#draining = undefined;
      if (!this.#isClosed && this.#mayHaveWaiting()) this.#drainAfter(pauseMs);
    }, milliseconds);
    // Queued writes are on disk: the process may end.
    this.#timer.unref();
  }

  #mayHaveWaiting(): boolean {
    try {
      return this.#queue.hasWaiting(this.#target);
    } catch {
      // No caller waits for this answer; the next write reports the same error.
      return true;
    }
  }

  /** @returns milliseconds until the next attempt */
  async #drain(): Promise<number> {
    let failure: unknown;
    try {
      const result = await drain({
        queue: this.#queue,
        store: this.store,
        target: this.#target,
        signal: this.#closing.signal,
        shouldStop: () => this.#isClosed,
      });
      failure = result.stoppedBy;
    } catch (error) {
      // Another process sends them, or the disk fails: the next attempt may succeed.
      failure = error;
    }
    this.#failures = failure === undefined ? 0 : Math.min(this.#failures + 1, longestBackoff);
    const asked = failure instanceof ServiceError ? (failure.retryAfterMs ?? 0) : 0;
    this.#restUntil = performance.now() + Math.max(asked, this.#retryMs);
    return Math.max(asked, this.#retryMs * 2 ** this.#failures);
  }
}
