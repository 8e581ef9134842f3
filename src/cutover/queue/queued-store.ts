import type { Document, Match, StoreRecord } from "../../store/document.ts";
import { ForwardingStore } from "../../store/policies/forwarding-store.ts";
import type {
  DeleteTarget,
  DocumentChange,
  FallbackOptions,
  ReadOptions,
  StoreInfo,
  StoreQuery,
  VectorStore,
  WriteOptions,
} from "../../store/store.ts";
import { RoutedWrites } from "../routed-writes.ts";
import type { LoneRuntime } from "./lone-runtime.ts";

export interface QueuedStoreOptions {
  /** For reads. Its writes go through the runtime's replica. */
  readonly store: VectorStore;
  readonly runtime: LoneRuntime;
  /** Most bytes of operations that wait. */
  readonly maximumBytes: number;
  /** Closes what belongs to this store besides the store. */
  readonly close?: () => Promise<void>;
}

/**
 * One store whose writes wait in the outbox while it fails, and are sent in order when it is back.
 *
 * A queued write is acknowledged: it calls `onQueued` and returns. Its result is not known yet: a queued delete
 * returns 0, a queued update true. While writes to a record wait, later writes to it are queued behind them. Reads
 * return what the store holds, without queued writes.
 */
export class QueuedStore extends ForwardingStore {
  readonly runtime: LoneRuntime;
  readonly #writes: RoutedWrites;
  readonly #close: (() => Promise<void>) | undefined;

  constructor({ store, runtime, maximumBytes, close }: QueuedStoreOptions) {
    super(store);
    this.runtime = runtime;
    this.#writes = new RoutedWrites({ runtime, readers: { source: store, target: store }, maximumBytes });
    this.#close = close;
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

  override async upsert(documents: readonly Document[], options: WriteOptions = {}): Promise<void> {
    const operations = documents.map((document) => ({ kind: "document" as const, document }));
    await this.#writes.write(options.namespace ?? "", operations, options);
  }

  override async upsertRecords(records: readonly StoreRecord[], options: WriteOptions = {}): Promise<void> {
    const operations = records.map((record) => ({ kind: "record" as const, record }));
    await this.#writes.write(options.namespace ?? "", operations, options);
  }

  override async delete(target: DeleteTarget, options: WriteOptions = {}): Promise<number> {
    const { namespace = "" } = options;
    if (!("ids" in target)) {
      return (await this.#writes.writeWhole(namespace, { kind: "deleteMatching", target }, options)).count;
    }
    const operations = target.ids.map((id) => ({ kind: "delete" as const, id }));
    return (await this.#writes.write(namespace, operations, options)).count;
  }

  override async update(change: DocumentChange, options: WriteOptions = {}): Promise<boolean> {
    const operations = [{ kind: "change" as const, change }];
    const { count, queued } = await this.#writes.write(options.namespace ?? "", operations, options);
    return count + queued > 0;
  }

  override async reset(options: WriteOptions = {}): Promise<void> {
    await this.#writes.writeWhole(options.namespace ?? "", { kind: "reset" }, options);
  }

  override async deleteNamespace(
    namespace: string,
    options: Omit<WriteOptions, "namespace"> = {},
  ): Promise<void> {
    await this.#writes.writeWhole(namespace, { kind: "deleteNamespace" }, options);
  }

  override async close(): Promise<void> {
    await this.runtime.close();
    await this.store.close();
    await this.#close?.();
  }

  async #noticing<T>(answer: Promise<T>): Promise<T> {
    const result = await answer;
    this.runtime.noticeAnswer();
    return result;
  }
}
