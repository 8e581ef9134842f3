import { bm25 } from "../../embedding/bm25.ts";
import { tokenizerVersion } from "../../embedding/tokenizer.ts";
import { NotFoundError } from "../../foundation/errors.ts";
import { requireKernelMemory } from "../kernel/memory.ts";
import { indexOptionsSchema } from "../option-schemas.ts";
import { requireValid, withoutUndefined } from "../schema.ts";
import { defaultLimits, type IndexLimits, type IndexSettings } from "../settings.ts";
import type { StoredSettings } from "../storage/catalog.ts";
import type { DatabaseOptions } from "../storage/database.ts";
import type { StoredRecord } from "../storage/record.ts";
import { type RecordParts, Storage } from "../storage/storage.ts";
import type { VerifyReport } from "../storage/verify.ts";
import { AnswerBudget } from "./answer-budget.ts";
import { changedMetadata, type DeleteTarget, type RecordChange, slotsOf } from "./changes.ts";
import { IndexingDelay } from "./indexing-delay.ts";
import type { SearchRequest } from "./search.ts";
import { type Hit, Searcher } from "./searcher.ts";
import {
  checkEmbedders,
  type EmbeddedText,
  embedsText,
  embedTexts,
  type IndexEmbedders,
  requireModel,
  type TextParts,
} from "./texts.ts";
import { updatePostings } from "./update-postings.ts";
import { checkKeyBytes, checkRecordVectors, checkSettings, invalid } from "./validation.ts";

export interface VectorIndexOptions extends DatabaseOptions {
  /** The file of the index, or `:memory:`. */
  readonly path: string;
  /** Have to agree with the settings that the index was created with. */
  readonly settings: IndexSettings;
  /** The models for raw text. BM25 is built in; a dense model has to be given. */
  readonly embedders?: IndexEmbedders;
  /** Named in the message about a missing namespace. */
  readonly name?: string;
  readonly limits?: Partial<IndexLimits>;
}

export interface IndexInfo {
  readonly settings: IndexSettings;
  /** Bytes on disk. */
  readonly byteSize: number;
  readonly namespaces: readonly {
    readonly name: string;
    readonly recordCount: number;
    /** Of these, records that queries do not find yet. */
    readonly pendingCount: number;
  }[];
}

/**
 * One index: records in namespaces, kept on disk and searched in memory. Writes return when they are
 * on disk; reads see every write that was acknowledged before, by any process.
 */
export class VectorIndex {
  readonly settings: IndexSettings;
  /** Names the file: another one after a repair, a restore, or if it was made again. */
  readonly fileId: string | undefined;
  readonly #storage: Storage;
  readonly #searcher: Searcher;
  readonly #embedders: IndexEmbedders;
  readonly #name: string;
  readonly limits: IndexLimits;
  /** Delays the moment when queries find a write. No delay unless a test asks for it. */
  readonly indexingDelay: IndexingDelay = new IndexingDelay();

  private constructor(storage: Storage, stored: StoredSettings, options: VectorIndexOptions) {
    const { settings } = options;
    this.#storage = storage;
    this.settings = settings;
    this.fileId = stored.fileId;
    this.#embedders = { ...options.embedders, sparse: options.embedders?.sparse ?? bm25 };
    this.#name = options.name ?? "embedded";
    this.limits = { ...defaultLimits, ...withoutUndefined(options.limits ?? {}) };
    this.#searcher = new Searcher(storage, settings, this.limits, this.indexingDelay);
  }

  /**
   * @throws {UsageError} for invalid options; then nothing is written
   * @throws {StorageError} if the file cannot be opened
   * @throws {IndexMismatchError} if the index was created with other settings
   * @throws {IndexMemoryError} if it has dense vectors and this process cannot have a WebAssembly memory
   */
  static open(options: VectorIndexOptions): VectorIndex {
    requireValid(
      indexOptionsSchema,
      options,
      "The options of VectorIndex.open",
      "Like: { path, settings: { ...defaultSettings, type: 'DENSE', dimension: 384, sparseEmbeddingModel: '' } }",
    );
    checkEmbedders(options.settings, options.embedders ?? {});
    if (options.settings.type !== "SPARSE") requireKernelMemory();
    const storage = new Storage(options.path, options);
    try {
      const stored = storage.settle({ ...options.settings, tokenizerVersion });
      checkSettings(stored, options.settings, options.path);
      updatePostings(storage, stored, options.embedders?.sparse ?? bm25);
      return new VectorIndex(storage, stored, options);
    } catch (error) {
      storage.close();
      throw error;
    }
  }

  close(): void {
    if (this.#storage.isOpen) this.#searcher.close();
    this.#storage.close();
  }

  /**
   * Compares every record with its checksum and the counters with the rows, as they are on disk. Reads the
   * whole index.
   * @throws {StorageError} if the file cannot be opened
   */
  verify(): VerifyReport {
    return this.#storage.verify();
  }

  /**
   * Copies the current state of the index into one file, while others may write; the file appears when it is complete
   * and verified. `restoreBackup` turns it into an index again.
   * @throws {StorageError} when the index is in memory alone or damaged, or the file cannot be written
   */
  backup(file: string): Promise<void> {
    return this.#storage.backup(file);
  }

  /**
   * Runs one write of this index, as `() => index.upsert(…)`. While another process writes, it waits without blocking
   * the event loop, which the write alone would do.
   */
  whenFree<T>(write: () => T): Promise<T> {
    return this.#storage.whenFree(write);
  }

  /** Changes whenever another connection, of this or another process, has committed. */
  get foreignVersion(): number {
    return this.#storage.dataVersion();
  }

  /** Whether raw text can be sent to this index. */
  get embedsText(): boolean {
    return embedsText(this.settings, this.#embedders);
  }

  /** @throws {InvalidRequestError} 422 if raw text cannot be sent to this index */
  requireModel(): void {
    requireModel(this.settings, this.#embedders);
  }

  /** Texts as vectors, by the models of the index. `wanted` limits the parts for each text; default: all. */
  embed(
    texts: readonly string[],
    purpose: "document" | "query",
    wanted?: readonly (TextParts | undefined)[],
  ): Promise<EmbeddedText[]> {
    return embedTexts(this.settings, this.#embedders, texts, purpose, wanted);
  }

  /** Stores complete records, all or none of them. If an id occurs twice, the last record counts. */
  upsert(namespace: string, records: readonly StoredRecord[]): void {
    for (const record of records) {
      checkKeyBytes("id", record.id);
      checkRecordVectors(this.settings, record);
    }
    this.#checkNewNamespace(namespace);
    this.#noting(() =>
      this.#storage.write(namespace, (writer) => {
        for (const record of records) writer.put(record);
      }),
    );
  }

  /** Changes one record; false if the id does not exist. */
  async update(namespace: string, change: RecordChange): Promise<boolean> {
    const reembedded =
      change.data !== undefined && this.embedsText && !change.dense && !change.sparse
        ? (await this.embed([change.data], "document"))[0]
        : undefined;
    const vectors = reembedded ?? change;
    // A new vector of a hybrid record has both parts.
    if (change.dense || change.sparse) checkRecordVectors(this.settings, change);
    const isChanged = await this.whenFree(() =>
      this.#noting(() =>
        this.#storage.change(namespace, (writer) => {
          const slot = this.#storage.findSlot(writer.namespace, change.id);
          if (slot === undefined) return false;
          const old = this.#storage.readSlot(slot, {
            metadata: true,
            data: true,
            vectors: true,
          }) as StoredRecord;
          writer.put({
            id: change.id,
            dense: vectors.dense ?? old.dense,
            sparse: vectors.sparse ?? old.sparse,
            data: change.data ?? old.data,
            metadata: changedMetadata(old.metadata, change, this.limits.metadataBytes),
          });
          return true;
        }),
      ),
    );
    return isChanged ?? false;
  }

  /** Reports a write to the simulated indexing delay. */
  #noting<T>(write: () => T): T {
    const slotBefore = this.#storage.lastSlot();
    const result = write();
    this.indexingDelay.note(slotBefore);
    return result;
  }

  #checkNewNamespace(namespace: string): void {
    if (this.#storage.findNamespace(namespace) !== undefined) return;
    checkKeyBytes("namespace", namespace);
    if (this.#storage.countNamespaces() >= this.limits.namespaces) {
      throw invalid(`Too many namespaces, maximum: ${this.limits.namespaces}`);
    }
  }

  /** The best matches, best first; an empty list if the namespace does not exist. */
  query(
    namespace: string,
    request: SearchRequest,
    parts: RecordParts,
    budget: AnswerBudget = new AnswerBudget(),
  ): Promise<Hit[]> {
    return this.#searcher.query(namespace, request, parts, budget);
  }

  /**
   * Starts a query that can be resumed, and returns its first `topK` matches.
   *
   * @param maxIdleMs milliseconds without a call until the query expires
   * @throws {RateLimitError} 429 if too many are active
   */
  startResumable(
    namespace: string,
    request: SearchRequest,
    parts: RecordParts,
    maxIdleMs: number,
    budget: AnswerBudget = new AnswerBudget(),
  ): Promise<{ uuid: string; hits: Hit[] }> {
    return this.#searcher.startResumable(namespace, request, parts, maxIdleMs, budget);
  }

  /** The next matches of a resumable query; an empty list at its end. @throws {NotFoundError} 404 */
  resume(uuid: string, additionalK: number, budget: AnswerBudget = new AnswerBudget()): Promise<Hit[]> {
    return this.#searcher.resume(uuid, additionalK, budget);
  }

  /** @throws {NotFoundError} 404 */
  endResumable(uuid: string): void {
    this.#searcher.endResumable(uuid);
  }

  /** Records in the order of the ids; `undefined` for an id that does not exist. */
  fetch(
    namespace: string,
    ids: readonly string[],
    parts: RecordParts,
    budget: AnswerBudget = new AnswerBudget(),
  ): (StoredRecord | undefined)[] {
    return this.#storage.snapshot(() => {
      const number = this.#storage.findNamespace(namespace);
      return ids.map((id) => {
        const slot = number === undefined ? undefined : this.#storage.findSlot(number, id);
        const record = slot === undefined ? undefined : this.#storage.readSlot(slot, parts);
        return record && budget.take(record);
      });
    });
  }

  /**
   * A page of records in insertion order. It ends before `limit` if the records take all of the budget.
   *
   * @param after the position that the page before ended at, 0 for the first
   * @returns `next`: the position to go on from, `undefined` when nothing is left
   */
  range(
    namespace: string,
    after: number,
    limit: number,
    prefix: string,
    parts: RecordParts,
    budget: AnswerBudget = new AnswerBudget(),
  ): { next: number | undefined; records: StoredRecord[] } {
    return this.#storage.snapshot(() => {
      const records: StoredRecord[] = [];
      const number = this.#storage.findNamespace(namespace);
      if (number === undefined) return { next: undefined, records };
      let last = after;
      for (const { position, record } of this.#storage.readPage(number, after, limit + 1, prefix, parts)) {
        const isFull = records.length === limit || (!budget.takes(record) && records.length > 0);
        if (isFull) return { next: last, records };
        records.push(record);
        last = position;
      }
      return { next: undefined, records };
    });
  }

  /** @returns the number of deleted records */
  remove(namespace: string, target: DeleteTarget): number {
    const removed = this.#storage.change(namespace, (writer) => {
      const slots = slotsOf(this.#storage, writer.namespace, target);
      for (const slot of slots) writer.remove(slot);
      return slots.size;
    });
    return removed ?? 0;
  }

  /** A random record; `undefined` if the namespace is empty. */
  random(namespace: string): StoredRecord | undefined {
    return this.#storage.snapshot(() => {
      const number = this.#storage.findNamespace(namespace);
      return number === undefined ? undefined : this.#storage.readRandom(number, { vectors: true });
    });
  }

  info(): IndexInfo {
    const horizon = this.indexingDelay.horizon();
    return this.#storage.snapshot(() => ({
      settings: this.settings,
      byteSize: this.#storage.byteSize(),
      namespaces: this.#storage.listNamespaces().map(({ namespace, name, recordCount }) => ({
        name,
        recordCount,
        pendingCount: horizon === Number.MAX_SAFE_INTEGER ? 0 : this.#storage.countAfter(namespace, horizon),
      })),
    }));
  }

  listNamespaces(): string[] {
    return this.#storage.listNamespaces().map(({ name }) => name);
  }

  /** Empties a namespace and keeps it; does not create one. */
  reset(namespace: string): void {
    this.#storage.emptyNamespace(namespace);
  }

  /** Empties all namespaces in one transaction. */
  resetAll(): void {
    this.#storage.emptyAllNamespaces();
  }

  /** @throws {NotFoundError} if the namespace does not exist; {InvalidRequestError} for the default one */
  deleteNamespace(namespace: string): void {
    if (namespace === "") throw invalid("The default namespace cannot be deleted; reset it to empty it.");
    if (!this.#storage.removeNamespace(namespace)) throw this.#missingNamespace(namespace);
  }

  /**
   * Gives a namespace another name.
   *
   * @param deleteExisting whether to remove an existing namespace of the new name, with its records
   * @throws {NotFoundError} 404 if the namespace does not exist
   * @throws {InvalidRequestError} for the default one, and if the new name exists
   */
  renameNamespace(namespace: string, newNamespace: string, deleteExisting: boolean): void {
    if (namespace === "" || newNamespace === "") throw invalid("The default namespace cannot be renamed.");
    const outcome = this.#storage.renameNamespace(namespace, newNamespace, deleteExisting);
    if (outcome === "missing") throw this.#missingNamespace(namespace);
    if (outcome === "taken") {
      throw invalid(`Namespace ${newNamespace} already exists; set deleteExisting to replace it.`);
    }
  }

  #missingNamespace(namespace: string): NotFoundError {
    const message = `Namespace ${namespace} for the index ${this.#name} does not exist`;
    return new NotFoundError("embedded", message, { status: 404 });
  }
}
