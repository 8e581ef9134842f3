import type { Document, Match, StoreRecord } from "../document.ts";
import type {
  CallOptions,
  DeleteTarget,
  DocumentChange,
  FallbackOptions,
  RangeOptions,
  ReadOptions,
  StoreInfo,
  StoreQuery,
  VectorStore,
  WriteOptions,
} from "../store.ts";

/** Hands every call to another store. A policy extends it and overrides the calls that it changes. */
export abstract class ForwardingStore implements VectorStore {
  protected readonly store: VectorStore;

  constructor(store: VectorStore) {
    this.store = store;
  }

  /** That of a pair changes with its stage. */
  get name(): string {
    return this.store.name;
  }

  get fileId(): string | undefined {
    return this.store.fileId;
  }

  info(options?: FallbackOptions): Promise<StoreInfo> {
    return this.store.info(options);
  }

  upsert(documents: readonly Document[], options?: WriteOptions): Promise<void> {
    return this.store.upsert(documents, options);
  }

  upsertRecords(records: readonly StoreRecord[], options?: WriteOptions): Promise<void> {
    return this.store.upsertRecords(records, options);
  }

  query(query: StoreQuery, options?: ReadOptions): Promise<Match[]> {
    return this.store.query(query, options);
  }

  fetch(ids: readonly string[], options?: ReadOptions): Promise<(StoreRecord | undefined)[]> {
    return this.store.fetch(ids, options);
  }

  range(options?: RangeOptions): AsyncGenerator<StoreRecord[]> {
    return this.store.range(options);
  }

  delete(target: DeleteTarget, options?: WriteOptions): Promise<number> {
    return this.store.delete(target, options);
  }

  update(change: DocumentChange, options?: WriteOptions): Promise<boolean> {
    return this.store.update(change, options);
  }

  reset(options?: WriteOptions): Promise<void> {
    return this.store.reset(options);
  }

  listNamespaces(options?: FallbackOptions): Promise<string[]> {
    return this.store.listNamespaces(options);
  }

  deleteNamespace(namespace: string, options?: CallOptions): Promise<void> {
    return this.store.deleteNamespace(namespace, options);
  }

  close(): Promise<void> {
    return this.store.close();
  }
}
