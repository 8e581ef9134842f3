import type { Document, Match, Metadata, StoreRecord, Vector } from "./document.ts";
import type { Filter } from "./filter.ts";

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface NamespaceOptions extends CallOptions {
  /** Default `""`, the namespace that every index has. */
  readonly namespace?: string;
}

/** Reports that another store than the first answered. */
export interface StoreFallback {
  /** The store that answered. */
  readonly store: string;
  /** One sentence for a person: the fault of the primary store. */
  readonly reason: string;
  /** The same for readers who must not learn addresses and settings, if `reason` may name some. */
  readonly publicReason?: string;
  /** The store is kept in step with the primary one. Default false: it is filled on its own. */
  readonly isKeptInStep?: boolean;
}

/** Which store answered a read, if there are several. */
export interface StoreServed {
  readonly store: string;
  /** Milliseconds: every write that was acknowledged earlier than this is in the answer. */
  readonly ageMs: number;
  /** The answer may be older than the bound that is set. */
  readonly isStale: boolean;
}

export interface FallbackOptions extends CallOptions {
  /** Called before the answer arrives if another store gives it. */
  readonly onFallback?: (fallback: StoreFallback) => void;
  /** Called before the answer arrives, by a store that chooses between two. */
  readonly onServed?: (served: StoreServed) => void;
}

/** Which parts of records to read besides id, text and metadata. */
export interface ReadOptions extends NamespaceOptions, FallbackOptions {
  /** The number of a write (`onWritten`) that the answer has to contain. */
  readonly after?: number;
  readonly includeVectors?: boolean;
}

/** A write that is kept on this machine until its store accepts it. */
export interface WriteQueued {
  /** The store that it waits for. */
  readonly store: string;
  /** One sentence for a person: why the store did not accept it. */
  readonly reason: string;
}

export interface WriteOptions extends NamespaceOptions {
  /** Called before the write returns if it was queued and not carried out (cutover/queue). */
  readonly onQueued?: (queued: WriteQueued) => void;
  /** Called before the write returns, during a cutover: a read with `after` this number contains the write. */
  readonly onWritten?: (sequence: number) => void;
}

interface TextQuery {
  readonly text: string;
  /** Which vectors of a hybrid index to search. Default: both, fused by the index. */
  readonly part?: "dense" | "sparse";
}

/** Queries by text, which an embedding index receives unchanged, or by a vector of the index's dimension. */
export type StoreQuery = (TextQuery | { readonly vector: Vector }) & {
  readonly topK: number;
  readonly filter?: Filter | undefined;
};

export interface RangeOptions extends ReadOptions {
  /** Records a page, 1 to 1,000. Default 100. */
  readonly pageSize?: number;
  /** Records in all. Default: every record. `onPage` still names the page after them. */
  readonly limit?: number;
  readonly prefix?: string;
  /** Begins at a page that `onPage` named before; only the store that named it knows it. */
  readonly cursor?: string;
  /** Called before each page with the cursor of the one after it; `undefined` if it is the last. */
  readonly onPage?: (nextCursor: string | undefined) => void;
}

/** What to delete: exactly one of the three. */
export type DeleteTarget =
  | { readonly ids: readonly string[] }
  | { readonly prefix: string }
  | { readonly filter: Filter };

/** A change to one record; missing parts do not change. */
export interface DocumentChange {
  readonly id: string;
  readonly text?: string;
  /** Replaces all the metadata, or is merged into it with `mergeMetadata` (RFC 7396). */
  readonly metadata?: Metadata;
  readonly mergeMetadata?: boolean;
}

export interface StoreInfo {
  readonly recordCount: number;
  /** Records written and not yet found by queries. */
  readonly pendingCount: number;
  /** 0 if the store does not report it. */
  readonly byteSize: number;
  readonly type: "DENSE" | "SPARSE" | "HYBRID";
  /** 0 for a sparse index. */
  readonly dimension: number;
  readonly similarityFunction: string;
  /** The index's own models; `""` without one. */
  readonly embeddingModel: string;
  readonly sparseEmbeddingModel: string;
  /** Records by namespace: an object without a prototype, so that any name can be looked up. */
  readonly namespaces: Readonly<Record<string, number>>;
}

/** One of several stores, and its part in a cutover or a fallback. */
export interface StoreSide {
  readonly role: "source" | "target" | "primary" | "secondary";
  readonly store: VectorStore;
}

/**
 * A vector index as the application sees it. Every method may throw a ServiceError or a StorageError;
 * a write returns when it is acknowledged.
 */
export interface VectorStore {
  /** Which store this is, as answers name it: `upstash`, `embedded`. */
  readonly name: string;
  /** Names the file of an embedded index: another one after a repair, a restore, or if it was made again. */
  readonly fileId?: string | undefined;
  info(options?: FallbackOptions): Promise<StoreInfo>;
  /** Stores documents whole and replaces those of the same ids. Each batch of 1,000 is stored whole or not at all. */
  upsert(documents: readonly Document[], options?: WriteOptions): Promise<void>;
  /**
   * Stores records with the vectors that they carry: nothing is embedded. Records of the same ids are replaced,
   * and each batch of 1,000 is stored whole or not at all.
   */
  upsertRecords(records: readonly StoreRecord[], options?: WriteOptions): Promise<void>;
  /** The best `topK` matches, best first. */
  query(query: StoreQuery, options?: ReadOptions): Promise<Match[]>;
  /** In the order of `ids`; `undefined` for a missing one. */
  fetch(ids: readonly string[], options?: ReadOptions): Promise<(StoreRecord | undefined)[]>;
  /** Every record, page by page. */
  range(options?: RangeOptions): AsyncGenerator<StoreRecord[]>;
  /** @returns how many records existed and were deleted */
  delete(target: DeleteTarget, options?: WriteOptions): Promise<number>;
  /** @returns false if it does not exist */
  update(change: DocumentChange, options?: WriteOptions): Promise<boolean>;
  /** Empties a namespace. */
  reset(options?: WriteOptions): Promise<void>;
  listNamespaces(options?: FallbackOptions): Promise<string[]>;
  /** @throws {NotFoundError} if it does not exist */
  deleteNamespace(namespace: string, options?: Omit<WriteOptions, "namespace">): Promise<void>;
  close(): Promise<void>;
}
