import type { Document, StoreRecord } from "../document.ts";
import type { DeleteTarget, DocumentChange, VectorStore, WriteOptions } from "../store.ts";
import { ForwardingStore } from "./forwarding-store.ts";

export interface CheckedWritesOptions {
  readonly store: VectorStore;
  /** Runs before each write, which is not made if it throws. */
  readonly check: () => Promise<void>;
  /** Runs after the store was closed. */
  readonly close?: () => Promise<void>;
}

/** Asks before each write whether it may be made; reads pass. */
export class CheckedWritesStore extends ForwardingStore {
  readonly #options: CheckedWritesOptions;

  constructor(options: CheckedWritesOptions) {
    super(options.store);
    this.#options = options;
  }

  async #checked<T>(write: () => Promise<T>): Promise<T> {
    await this.#options.check();
    return await write();
  }

  override upsert(documents: readonly Document[], options?: WriteOptions): Promise<void> {
    return this.#checked(() => super.upsert(documents, options));
  }

  override upsertRecords(records: readonly StoreRecord[], options?: WriteOptions): Promise<void> {
    return this.#checked(() => super.upsertRecords(records, options));
  }

  override delete(target: DeleteTarget, options?: WriteOptions): Promise<number> {
    return this.#checked(() => super.delete(target, options));
  }

  override update(change: DocumentChange, options?: WriteOptions): Promise<boolean> {
    return this.#checked(() => super.update(change, options));
  }

  override reset(options?: WriteOptions): Promise<void> {
    return this.#checked(() => super.reset(options));
  }

  override deleteNamespace(
    namespace: string,
    options?: Parameters<VectorStore["deleteNamespace"]>[1],
  ): Promise<void> {
    return this.#checked(() => super.deleteNamespace(namespace, options));
  }

  override async close(): Promise<void> {
    await super.close();
    await this.#options.close?.();
  }
}
