import { compileFilter } from "../embedded/filter/index.ts";
import type { Embedder } from "../embedding/embedder.ts";
import { batchesOf } from "../foundation/batches.ts";
import { PageSize } from "../foundation/bounded-batch.ts";
import { IndexMismatchError, InvalidRequestError, NotFoundError, UsageError } from "../foundation/errors.ts";
import { byName } from "../foundation/own-keys.ts";
import { type ChromaCollection, ChromaConnection } from "./chroma/connection.ts";
import { readIds } from "./chroma/ids.ts";
import { collectionOf, namespaceOf } from "./chroma/names.ts";
import { type ChromaRow, metadataOf, toStoreRecord } from "./chroma/record.ts";
import { type RecordsCall, readRows, search } from "./chroma/search.ts";
import type { ChromaServer } from "./chroma/server.ts";
import { type ChromaSpace, similarityOf } from "./chroma/space.ts";
import { toChromaFilter } from "./chroma/where.ts";
import { requireStorable, requireUnicode, updateRecord, writeRecords } from "./chroma/write.ts";
import type { Document, Match, StoreRecord } from "./document.ts";
import type { Filter } from "./filter.ts";
import { recordsBytes } from "./record-bytes.ts";
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

export interface ChromaStoreOptions {
  readonly server: ChromaServer;
  /** Holds the default namespace; those of the others begin with its name. */
  readonly collection: string;
  /** Makes the vectors of texts; without one, records carry theirs and queries are vectors. */
  readonly embedder?: Embedder;
  /** The distance of a collection that a write creates. Default `l2`, as in Chroma. */
  readonly space?: ChromaSpace;
  /** The dimension of a collection without records, which accepts any. Default: the embedder's, or 0. */
  readonly dimension?: number;
}

/** Records a request. */
const maximumBatch = 1_000;
const defaultPageSize = 100;

/**
 * A Chroma server, version 1.0 or later, through the official client (docs/chroma-server.md). A namespace is a
 * collection, created by the first write to it and by nothing else.
 */
export class ChromaStore implements VectorStore {
  readonly name = "chroma";
  readonly #connection: ChromaConnection;
  readonly #collection: string;
  readonly #embedder: Embedder | undefined;
  readonly #space: ChromaSpace;
  readonly #emptyDimension: number;
  /** Collections by name, as last seen. */
  readonly #known = new Map<string, ChromaCollection>();

  /** @throws {UsageError} for a URL that Chroma's client cannot call */
  constructor(options: ChromaStoreOptions) {
    this.#connection = new ChromaConnection(options.server);
    this.#collection = options.collection;
    this.#embedder = options.embedder;
    this.#space = options.space ?? "l2";
    this.#emptyDimension = options.dimension ?? options.embedder?.dimension ?? 0;
  }

  async info(options: CallOptions = {}): Promise<StoreInfo> {
    const namespaces = byName([["", 0]]);
    const collections = await this.#collections(options);
    for (const [namespace, collection] of collections) {
      namespaces[namespace] = await this.#connection.count(collection, options);
    }
    const filled = [...collections].find(([namespace]) => (namespaces[namespace] ?? 0) > 0)?.[1];
    const space = (filled ?? collections.get(""))?.space ?? this.#space;
    return {
      recordCount: Object.values(namespaces).reduce((sum, count) => sum + count, 0),
      pendingCount: 0,
      byteSize: 0,
      type: "DENSE",
      dimension: filled ? await this.#dimension(filled, options) : this.#emptyDimension,
      similarityFunction: similarityOf(space),
      embeddingModel: "",
      sparseEmbeddingModel: "",
      namespaces,
    };
  }

  async #dimension(collection: ChromaCollection, options: CallOptions): Promise<number> {
    const { embeddings } = await this.#calls(
      collection,
      options,
    )((records) => records.get({ limit: 1, include: ["embeddings"] }));
    return embeddings[0]?.length ?? 0;
  }

  async upsert(documents: readonly Document[], options: NamespaceOptions = {}): Promise<void> {
    for (const { id, text } of documents) requireUnicode(id, text);
    await this.#within(
      options,
      async (_, collection) => this.#requireModel(collection),
      async () => undefined,
    );
    for (const batch of batchesOf(documents, maximumBatch)) {
      const vectors = await this.#embed(
        batch.map(({ text }) => text),
        "document",
        options,
      );
      const records = batch.map((document, place) => ({
        ...document,
        vector: vectors[place] as Float32Array,
      }));
      await this.#write(records, this.#embedder?.model, options);
    }
  }

  async upsertRecords(records: readonly StoreRecord[], options: NamespaceOptions = {}): Promise<void> {
    requireStorable(records);
    for (const batch of batchesOf(records, maximumBatch)) await this.#write(batch, undefined, options);
  }

  /** @param model that made the vectors, recorded if the collection is created */
  async #write(
    records: readonly StoreRecord[],
    model: string | undefined,
    options: NamespaceOptions,
  ): Promise<void> {
    await this.#within(
      options,
      (calls) => writeRecords(calls, records),
      async (name) => {
        const design = { space: this.#space, ...(model !== undefined && { embeddingModel: model }) };
        const made = await this.#connection.create(name, design, options);
        this.#known.set(name, made);
        await writeRecords(this.#calls(made, options), records);
      },
    );
  }

  async query(query: StoreQuery, options: ReadOptions = {}): Promise<Match[]> {
    return await this.#within(
      options,
      async (calls, collection) =>
        await search(calls, {
          vector:
            "vector" in query ? query.vector : await this.#embedQuestion(query.text, collection, options),
          topK: query.topK,
          filter: query.filter,
          space: collection.space,
          includeVectors: options.includeVectors ?? false,
        }),
      async (name) => {
        if (name === this.#collection) {
          const hint = "Set CHROMA_COLLECTION, or fill it with: ragfood ingest --store chroma";
          throw await this.#connection.missing(name, hint, options);
        }
        return [];
      },
    );
  }

  async #embedQuestion(
    text: string,
    collection: ChromaCollection,
    options: CallOptions,
  ): Promise<Float32Array> {
    this.#requireModel(collection);
    return (await this.#embed([text], "query", options))[0] as Float32Array;
  }

  async fetch(ids: readonly string[], options: ReadOptions = {}): Promise<(StoreRecord | undefined)[]> {
    const records: (StoreRecord | undefined)[] = [];
    for (const batch of batchesOf(ids, maximumBatch)) {
      const found = await this.#within(
        options,
        (calls) => readRows(calls, batch, options.includeVectors ?? false),
        async () => new Map<string, ChromaRow>(),
      );
      for (const id of batch) {
        const row = found.get(id);
        records.push(row && toStoreRecord(row));
      }
    }
    return records;
  }

  async *range(options: RangeOptions = {}): AsyncGenerator<StoreRecord[]> {
    const { prefix = "", pageSize = defaultPageSize, cursor, onPage } = options;
    const ids = (await this.#ids(options)).filter((id) => id.startsWith(prefix));
    const size = new PageSize(pageSize);
    let start = startAt(ids, cursor);
    const end = Math.min(ids.length, start + (options.limit ?? ids.length));
    for (let page: string[]; start < end; start += page.length) {
      page = ids.slice(start, Math.min(end, start + size.next));
      const records = (await this.fetch(page, options)).filter((record) => record !== undefined);
      size.observe(records.length, recordsBytes(records));
      onPage?.(ids[start + page.length]);
      if (records.length > 0) yield records;
    }
  }

  /** Ids of the current records; later additions and deletions are not seen. */
  #ids(options: NamespaceOptions): Promise<string[]> {
    return this.#within(
      options,
      (_, collection) => readIds(this.#connection, collection, options),
      async () => [],
    );
  }

  async delete(target: DeleteTarget, options: NamespaceOptions = {}): Promise<number> {
    let deleted = 0;
    for (const batch of batchesOf(await this.#targets(target, options), maximumBatch)) {
      deleted += await this.#within(
        options,
        async (calls) => {
          // Chroma counts every id that it was asked to delete, also missing ones.
          const { ids } = await calls((records) => records.get({ ids: batch, include: [] }));
          if (ids.length > 0) await calls((records) => records.delete({ ids }));
          return ids.length;
        },
        async () => 0,
      );
    }
    return deleted;
  }

  async #targets(target: DeleteTarget, options: NamespaceOptions): Promise<string[]> {
    if ("ids" in target) return [...new Set(target.ids)];
    if ("filter" in target) return await this.#matching(target.filter, options);
    return (await this.#ids(options)).filter((id) => id.startsWith(target.prefix));
  }

  async #matching(filter: Filter, options: NamespaceOptions): Promise<string[]> {
    const { where } = toChromaFilter(filter);
    const holds = compileFilter(filter);
    const matching: string[] = [];
    for (const batch of batchesOf(await this.#ids(options), maximumBatch)) {
      const found = await this.#within(
        options,
        (calls) =>
          calls((records) => records.get({ ids: batch, include: ["metadatas"], ...(where && { where }) })),
        async () => undefined,
      );
      matching.push(...(found?.ids ?? []).filter((_, place) => holds(metadataOf(found?.metadatas[place]))));
    }
    return matching;
  }

  async update(change: DocumentChange, options: NamespaceOptions = {}): Promise<boolean> {
    return await this.#within(
      options,
      async (calls, collection) => {
        if (change.text === undefined || !this.#embedder) return await updateRecord(calls, change, undefined);
        this.#requireModel(collection);
        const [vector] = await this.#embed([change.text], "document", options);
        return await updateRecord(calls, change, vector);
      },
      async () => false,
    );
  }

  /** Empties the collection and keeps it: deleting and creating it again would lose its configuration. */
  async reset(options: NamespaceOptions = {}): Promise<void> {
    for (const ids of batchesOf(await this.#ids(options), maximumBatch)) {
      await this.#within(
        options,
        (calls) => calls((records) => records.delete({ ids })),
        async () => undefined,
      );
    }
  }

  async listNamespaces(options: CallOptions = {}): Promise<string[]> {
    const names = [...(await this.#collections(options)).keys()].filter((namespace) => namespace !== "");
    return ["", ...names];
  }

  async deleteNamespace(namespace: string, options: CallOptions = {}): Promise<void> {
    if (namespace === "") {
      throw new InvalidRequestError("chroma", "The default namespace cannot be deleted.", {
        hint: "Empty it with reset, or delete the collection in Chroma.",
      });
    }
    const name = collectionOf(this.#collection, namespace);
    this.#known.delete(name);
    try {
      await this.#connection.remove(name, options);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      throw new NotFoundError("chroma", `The namespace ${JSON.stringify(namespace)} does not exist.`, {
        cause: error,
        status: 404,
      });
    }
  }

  async close(): Promise<void> {
    this.#known.clear();
  }

  /** The collections of all namespaces, by namespace. */
  async #collections(options: CallOptions): Promise<Map<string, ChromaCollection>> {
    const found = new Map<string, ChromaCollection>();
    for (const collection of await this.#connection.list(options)) {
      const namespace = namespaceOf(this.#collection, collection.name);
      if (namespace !== undefined) found.set(namespace, collection);
    }
    return found;
  }

  #calls(collection: ChromaCollection, options: CallOptions): RecordsCall {
    return (action) => this.#connection.records(collection, options, action);
  }

  /**
   * Acts on the collection of a namespace. Its identity is remembered; if another process deleted it since, and
   * perhaps created it again, the action is repeated once. Actions must therefore be repeatable.
   *
   * @param isAbsent what to do if the collection does not exist
   */
  async #within<T>(
    options: NamespaceOptions,
    action: (calls: RecordsCall, collection: ChromaCollection) => Promise<T>,
    isAbsent: (name: string) => Promise<T>,
  ): Promise<T> {
    const name = collectionOf(this.#collection, options.namespace ?? "");
    const known = this.#known.get(name);
    if (known) {
      try {
        return await action(this.#calls(known, options), known);
      } catch (error) {
        if (!(error instanceof NotFoundError) || error.service !== "chroma") throw error;
        this.#known.delete(name);
      }
    }
    const found = await this.#connection.find(name, options);
    if (found === undefined) return await isAbsent(name);
    this.#known.set(name, found);
    return await action(this.#calls(found, options), found);
  }

  #requireModel({ name, embeddingModel: model }: ChromaCollection): void {
    if (model === undefined || !this.#embedder || model === this.#embedder.model) return;
    throw new IndexMismatchError(
      `The collection ${name} was embedded with ${model}; the settings say ${this.#embedder.model}.`,
      { hint: `Set EMBEDDING_MODEL=${model}, or ingest into another collection.` },
    );
  }

  async #embed(
    texts: readonly string[],
    purpose: "document" | "query",
    { signal }: CallOptions,
  ): Promise<Float32Array[]> {
    if (this.#embedder) return await this.#embedder.embed(texts, purpose, signal);
    throw new InvalidRequestError("chroma", "Chroma does not embed texts, and no model is set here.", {
      hint: "Set EMBEDDER=ollama or EMBEDDER=local, or pass vectors.",
    });
  }
}

/** A cursor is the first id of its page. @throws {UsageError} if that record is gone */
function startAt(ids: readonly string[], cursor: string | undefined): number {
  const start = cursor === undefined ? 0 : ids.indexOf(cursor);
  if (start >= 0) return start;
  throw new UsageError("The record at which the page begins is gone.", {
    hint: "Begin at the first page again.",
  });
}
