import { ServiceFaultError } from "../../../foundation/errors.ts";
import { isMergeable, mergePatch } from "../../../foundation/merge-patch.ts";
import type { Document, Match, Metadata, StoreRecord } from "../../document.ts";
import type {
  DeleteTarget,
  DocumentChange,
  NamespaceOptions,
  RangeOptions,
  ReadOptions,
  StoreQuery,
  VectorStore,
  WriteOptions,
} from "../../store.ts";
import { ForwardingStore } from "../forwarding-store.ts";
import { type EncryptionOptions, encryptedTextField, RecordCipher } from "./record-cipher.ts";

export interface EncryptedStoreOptions extends EncryptionOptions {
  readonly store: VectorStore;
}

/**
 * Encrypts chosen metadata fields, and texts, before they reach a store; readers get the plain values
 * (SEC-4, docs/encryption.md). Vectors that come with a record are stored as they are.
 */
export class EncryptedStore extends ForwardingStore {
  readonly #cipher: RecordCipher;

  constructor({ store, ...options }: EncryptedStoreOptions) {
    super(store);
    this.#cipher = new RecordCipher(options);
  }

  /** @throws {EncryptionError} before anything is written, if a summary is missing or metadata is too large */
  override async upsert(documents: readonly Document[], options: WriteOptions = {}): Promise<void> {
    await this.store.upsert(this.#sealAll(documents, options), options);
  }

  /** @throws {EncryptionError} before anything is written, if a summary is missing or metadata is too large */
  override async upsertRecords(records: readonly StoreRecord[], options: WriteOptions = {}): Promise<void> {
    await this.store.upsertRecords(this.#sealAll(records, options), options);
  }

  #sealAll<R extends StoreRecord>(records: readonly R[], { namespace = "" }: NamespaceOptions): R[] {
    return records.map((record) => this.#cipher.seal(record, namespace));
  }

  /**
   * A query by text searches the stored text, which is the summary if texts are encrypted.
   * @throws {EncryptionError} for a filter over an encrypted field
   * @throws {DecryptionError}
   */
  override async query(query: StoreQuery, options: ReadOptions = {}): Promise<Match[]> {
    this.#cipher.requireSearchable(query.filter);
    const matches = await this.store.query(query, options);
    return matches.map((match) => this.#cipher.open(match, options.namespace ?? ""));
  }

  /** @throws {DecryptionError} */
  override async fetch(
    ids: readonly string[],
    options: ReadOptions = {},
  ): Promise<(StoreRecord | undefined)[]> {
    const records = await this.store.fetch(ids, options);
    return records.map((record) => record && this.#cipher.open(record, options.namespace ?? ""));
  }

  /** @throws {DecryptionError} */
  override async *range(options: RangeOptions = {}): AsyncGenerator<StoreRecord[]> {
    for await (const page of this.store.range(options)) {
      yield page.map((record) => this.#cipher.open(record, options.namespace ?? ""));
    }
  }

  /** @throws {EncryptionError} for a filter over an encrypted field */
  override async delete(target: DeleteTarget, options?: WriteOptions): Promise<number> {
    if ("filter" in target) this.#cipher.requireSearchable(target.filter);
    return await this.store.delete(target, options);
  }

  /**
   * Changes only what the caller names. To merge into an encrypted object, or to replace the metadata beside an
   * encrypted text, it reads the record first: of two such changes at once, the later wins.
   *
   * @throws {EncryptionError} if texts are encrypted and a new text has no summary
   * @throws {ServiceFaultError} if the record has to be read first and its own store does not answer
   */
  override async update(change: DocumentChange, options: WriteOptions = {}): Promise<boolean> {
    const { id, text, metadata, mergeMetadata = false } = change;
    const { namespace = "" } = options;
    const hasSummary = this.#cipher.summaryField !== undefined;
    const replaces = metadata !== undefined && !mergeMetadata;
    const namesSummary =
      metadata !== undefined && hasSummary && Object.hasOwn(metadata, this.#cipher.summaryField as string);
    const needsSummary = hasSummary && (text !== undefined || replaces || namesSummary);
    const summary = needsSummary ? this.#cipher.summaryOf(metadata, id) : undefined;

    let stored: StoreRecord | undefined;
    const keepsText = hasSummary && replaces && text === undefined;
    if (keepsText || (metadata && mergeMetadata && this.#mergesIntoEncrypted(metadata))) {
      stored = await this.#readOwn(id, options);
      if (stored === undefined) return false;
    }
    const deleted = mergeMetadata ? deletedFields(metadata) : [];
    const sealed = metadata && {
      ...this.#cipher.sealMetadata(this.#merged(metadata, mergeMetadata, stored, namespace), id, namespace),
      // A merge deletes fields that are null: they have to stay null.
      ...Object.fromEntries(deleted.map((field) => [field, null])),
      ...(hasSummary &&
        text !== undefined && { [encryptedTextField]: this.#cipher.sealText(text, id, namespace) }),
      ...(keepsText &&
        stored?.metadata?.[encryptedTextField] !== undefined && {
          [encryptedTextField]: stored.metadata[encryptedTextField],
        }),
    };
    const storedText = hasSummary ? summary : text;
    return await this.store.update(
      {
        id,
        ...(storedText !== undefined && { text: storedText }),
        ...(sealed && { metadata: sealed, mergeMetadata }),
      },
      options,
    );
  }

  #mergesIntoEncrypted(patch: Metadata): boolean {
    return Object.entries(patch).some(
      ([field, value]) => this.#cipher.isEncrypted(field) && isMergeable(value),
    );
  }

  /** A patch with whole encrypted fields: objects are merged here, because the store sees only ciphertext. */
  #merged(patch: Metadata, merges: boolean, stored: StoreRecord | undefined, namespace: string): Metadata {
    if (!merges) return patch;
    const whole: Record<string, unknown> = { ...patch };
    for (const [field, value] of Object.entries(patch)) {
      if (!this.#cipher.isEncrypted(field) || !isMergeable(value)) continue;
      const known = stored?.metadata?.[field];
      const id = stored?.id ?? "";
      whole[field] = mergePatch(
        known === undefined ? undefined : this.#cipher.openField(known, id, namespace, field),
        value,
      );
    }
    return whole;
  }

  /** The record from its own store: a change must not be based on the copy in another store. */
  async #readOwn(id: string, { namespace, signal }: WriteOptions): Promise<StoreRecord | undefined> {
    let isOwn = true;
    const [record] = await this.store.fetch([id], {
      ...(namespace !== undefined && { namespace }),
      signal,
      onFallback: () => {
        isOwn = false;
      },
    });
    if (isOwn) return record;
    throw new ServiceFaultError(
      this.name,
      `The record "${id}" cannot be changed while ${this.name} does not answer: the change needs the stored record.`,
      { hint: "Try again later, or replace the record whole." },
    );
  }
}

function deletedFields(patch: Metadata = {}): string[] {
  return Object.keys(patch).filter((field) => patch[field] === null);
}
