import { Index, type InfoResult, QueryMode, WeightingStrategy } from "@upstash/vector";
import type { Embedder, SparseVector } from "../embedding/embedder.ts";
import { batchesOf } from "../foundation/batches.ts";
import { PageSize } from "../foundation/bounded-batch.ts";
import { CancelledError } from "../foundation/errors.ts";
import { byName } from "../foundation/own-keys.ts";
import type { Document, Match, Metadata, StoreRecord, Vector } from "./document.ts";
import { toUpstashFilter } from "./filter.ts";
import { recordBatches, recordsBytes } from "./record-bytes.ts";
import type {
  CallOptions,
  DeleteTarget,
  DocumentChange,
  NamespaceOptions,
  RangeOptions,
  ReadOptions,
  StoreInfo,
  StoreQuery,
  VectorStore,
} from "./store.ts";
import { requireShape, wrongShape } from "./upstash-results.ts";

/** Carries the official client's commands: over HTTP to the service, or into the embedded index. */
export interface UpstashRequester {
  /** Takes dense vectors as `Float32Array`, of which `JSON.stringify` makes an object. Default false. */
  readonly takesTypedVectors?: boolean;
  request<T = unknown>(
    request: { path?: string[]; body?: unknown },
    options?: CallOptions,
  ): Promise<{ result?: T; error?: string }>;
}

/** Makes sparse vectors of whole documents, in the space of the index's own sparse model. */
export interface DocumentIndexer {
  vectorsFor(documents: readonly Document[], namespace: string): SparseVector[];
}

export interface UpstashStoreOptions {
  readonly name: string;
  readonly requester: UpstashRequester;
  /** Makes the vectors here. Default: the index embeds the raw text. */
  readonly embedder?: Embedder;
  /** Makes the sparse vectors of documents here, from their metadata too. Default: the index makes them of the text. */
  readonly indexer?: DocumentIndexer;
  /** Of an embedded index: names its file. */
  readonly fileId?: string | undefined;
  readonly close?: () => void | Promise<void>;
}

/** Records that Upstash takes in one request. */
const maximumBatch = 1_000;
const defaultPageSize = 100;

/** A record as the client returns it. */
interface ClientRecord {
  id: string | number;
  data?: string;
  metadata?: Metadata;
  vector?: number[] | Float32Array;
  sparseVector?: { indices: number[]; values: number[] };
}

/** Upstash Vector, and the embedded index, through the official client. */
export class UpstashStore implements VectorStore {
  readonly name: string;
  readonly fileId: string | undefined;
  readonly #requester: UpstashRequester;
  readonly #embedder: Embedder | undefined;
  readonly #indexer: DocumentIndexer | undefined;
  readonly #close: () => void | Promise<void>;
  #weighsByFrequency: boolean | undefined;

  constructor(options: UpstashStoreOptions) {
    this.name = options.name;
    this.fileId = options.fileId;
    this.#requester = options.requester;
    this.#embedder = options.embedder;
    this.#indexer = options.indexer;
    this.#close = options.close ?? (() => {});
  }

  /** A client for each call: the official one takes no signal with a call. */
  #client({ signal }: CallOptions): Index {
    if (signal?.aborted) throw new CancelledError();
    return new Index({
      request: async <T>(request: { path?: string[]; body?: unknown }) => {
        const answer = await this.#requester.request<T>(request, { signal });
        requireShape(this.name, request.path?.join("/") ?? "", answer.result);
        return answer;
      },
    });
  }

  #namespace(options: NamespaceOptions): ReturnType<Index["namespace"]> {
    return this.#client(options).namespace(options.namespace ?? "");
  }

  async info(options: CallOptions = {}): Promise<StoreInfo> {
    const info: InfoResult & { indexType?: StoreInfo["type"] } = await this.#client(options).info();
    return {
      recordCount: info.vectorCount,
      pendingCount: info.pendingVectorCount,
      byteSize: info.indexSize,
      type: info.indexType ?? "DENSE",
      dimension: info.dimension,
      similarityFunction: info.similarityFunction,
      embeddingModel: info.denseIndex?.embeddingModel ?? "",
      sparseEmbeddingModel: info.sparseIndex?.embeddingModel ?? "",
      namespaces: byName(
        Object.entries(info.namespaces).map(([name, { vectorCount }]) => [name, vectorCount] as const),
      ),
    };
  }

  async upsert(documents: readonly Document[], options: NamespaceOptions = {}): Promise<void> {
    for (const batch of recordBatches(documents, maximumBatch)) {
      const sparseVectors = this.#indexer?.vectorsFor(batch, options.namespace ?? "");
      const items = batch.map(({ id, text, metadata }, place) => ({
        id,
        data: text,
        metadata: { ...metadata },
        ...(sparseVectors && { sparseVector: toMutable(sparseVectors[place] as SparseVector) }),
      }));
      const vectors = await this.#embedder?.embed(
        batch.map(({ text }) => text),
        "document",
        options.signal,
      );
      await this.#namespace(options).upsert(
        vectors
          ? items.map((item, place) => ({ ...item, vector: [...(vectors[place] as Float32Array)] }))
          : items,
      );
    }
  }

  async upsertRecords(records: readonly StoreRecord[], options: NamespaceOptions = {}): Promise<void> {
    for (const batch of recordBatches(records, maximumBatch)) {
      const items: object[] = batch.map((record) => this.#toClientRecord(record));
      await this.#namespace(options).upsert(items as { id: string; vector: number[] }[]);
    }
  }

  /** A vector goes over the wire as a list: a typed array would become an object in JSON. */
  #toClientRecord({ text, vector, ...rest }: StoreRecord): object {
    const isTaken = this.#requester.takesTypedVectors && vector instanceof Float32Array;
    return {
      ...rest,
      ...(text !== undefined && { data: text }),
      ...(vector && { vector: isTaken ? vector : toNumbers(vector) }),
    };
  }

  async query(query: StoreQuery, options: ReadOptions = {}): Promise<Match[]> {
    const common = {
      topK: query.topK,
      includeMetadata: true,
      includeData: true,
      includeVectors: options.includeVectors ?? false,
      ...(query.filter && { filter: toUpstashFilter(query.filter) }),
    };
    const matches = await this.#namespace(options).query({
      ...common,
      ...(await this.#subjectOf(query, options)),
    });
    return matches.map((match) => ({ ...toRecord(match), score: match.score }));
  }

  /** The subject of a query: a vector, given or made here, or raw text for the index to embed. */
  async #subjectOf(
    query: StoreQuery,
    options: CallOptions,
  ): Promise<
    { vector: number[] } | { data: string; queryMode?: QueryMode; weightingStrategy?: WeightingStrategy }
  > {
    if ("vector" in query) return { vector: [...query.vector] };
    const vectors = await this.#embedder?.embed([query.text], "query", options.signal);
    if (vectors) return { vector: [...(vectors[0] as Float32Array)] };
    return {
      data: query.text,
      ...(query.part && { queryMode: query.part === "dense" ? QueryMode.DENSE : QueryMode.SPARSE }),
      ...((await this.#weighs(options)) && { weightingStrategy: WeightingStrategy.IDF }),
    };
  }

  /** BM25 vectors carry term frequencies alone: rare words count for more only if the query asks for it. */
  async #weighs(options: CallOptions): Promise<boolean> {
    this.#weighsByFrequency ??= (await this.info(options)).sparseEmbeddingModel === "BM25";
    return this.#weighsByFrequency;
  }

  async fetch(ids: readonly string[], options: ReadOptions = {}): Promise<(StoreRecord | undefined)[]> {
    const records: (StoreRecord | undefined)[] = [];
    for (const batch of batchesOf(ids, maximumBatch)) {
      const found = await this.#namespace(options).fetch(batch, partsOf(options));
      records.push(...found.map((record) => (record ? toRecord(record) : undefined)));
    }
    return records;
  }

  async *range(options: RangeOptions = {}): AsyncGenerator<StoreRecord[]> {
    const size = new PageSize(options.pageSize ?? defaultPageSize);
    let cursor = options.cursor ?? "0";
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    do {
      const page = await this.#namespace(options).range({
        cursor,
        limit: Math.min(size.next, left),
        ...partsOf(options),
        ...(options.prefix !== undefined && { prefix: options.prefix }),
      });
      const records = page.vectors.map(toRecord);
      size.observe(records.length, recordsBytes(records));
      options.onPage?.(page.nextCursor === "" ? undefined : page.nextCursor);
      yield records;
      if (page.nextCursor === cursor) throw wrongShape(this.name, "range", "the same page again");
      cursor = page.nextCursor;
      left -= records.length;
    } while (cursor !== "" && left > 0);
  }

  async delete(target: DeleteTarget, options: NamespaceOptions = {}): Promise<number> {
    if (!("ids" in target)) {
      const wire =
        "filter" in target ? { filter: toUpstashFilter(target.filter) } : { prefix: target.prefix };
      return (await this.#namespace(options).delete(wire)).deleted;
    }
    let deleted = 0;
    for (const batch of batchesOf(target.ids, maximumBatch)) {
      deleted += (await this.#namespace(options).delete(batch)).deleted;
    }
    return deleted;
  }

  async update(change: DocumentChange, options: NamespaceOptions = {}): Promise<boolean> {
    const { id, text, metadata, mergeMetadata } = change;
    const vectors =
      text === undefined ? undefined : await this.#embedder?.embed([text], "document", options.signal);
    // The client's types allow one part a call; the wire takes them together, in one write.
    const parts: object = {
      id,
      ...(vectors && { vector: [...(vectors[0] as Float32Array)] }),
      ...(text !== undefined && { data: text }),
      ...(metadata && { metadata, metadataUpdateMode: mergeMetadata ? "PATCH" : "OVERWRITE" }),
    };
    const { updated } = await this.#namespace(options).update(parts as { id: string; data: string });
    return updated === 1;
  }

  async reset(options: NamespaceOptions = {}): Promise<void> {
    await this.#namespace(options).reset();
  }

  listNamespaces(options: CallOptions = {}): Promise<string[]> {
    return this.#client(options).listNamespaces();
  }

  async deleteNamespace(namespace: string, options: CallOptions = {}): Promise<void> {
    await this.#client(options).deleteNamespace(namespace);
  }

  async close(): Promise<void> {
    await this.#close();
  }
}

function partsOf(options: ReadOptions): {
  includeMetadata: true;
  includeData: true;
  includeVectors: boolean;
} {
  return { includeMetadata: true, includeData: true, includeVectors: options.includeVectors ?? false };
}

/** The client's types want lists that may change. */
function toMutable({ indices, values }: SparseVector): { indices: number[]; values: number[] } {
  return { indices: [...indices], values: [...values] };
}

/** Spread does the same, and takes over twenty times as long for a typed array. */
function toNumbers(vector: Vector): number[] {
  const numbers = new Array<number>(vector.length);
  for (let place = 0; place < vector.length; place++) numbers[place] = vector[place] as number;
  return numbers;
}

/** A service that answers null for what a record lacks means the same as one that leaves it out. */
function toRecord(record: ClientRecord): StoreRecord {
  return {
    id: String(record.id),
    ...(typeof record.data === "string" && { text: record.data }),
    ...(isPresent(record.metadata) && { metadata: record.metadata }),
    ...(isPresent(record.vector) && { vector: record.vector }),
    ...(isPresent(record.sparseVector) && { sparseVector: record.sparseVector }),
  };
}

function isPresent<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}
