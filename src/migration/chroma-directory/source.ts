import { BoundedBatch } from "../../foundation/bounded-batch.ts";
import { CancelledError, DataError } from "../../foundation/errors.ts";
import type { StoreRecord } from "../../store/document.ts";
import { qualifiedName } from "../chroma-scope.ts";
import { modelIn } from "../named-model.ts";
import { type LargeIntegers, type RecordFault, withLargeIntegers } from "../record-fault.ts";
import type { SkippingSource } from "../salvaged-source.ts";
import { SkippedTally } from "../skipped-tally.ts";
import type { RecordsOptions, SkippedRecords, SourceDescription } from "../source.ts";
import type { ChromaCollection } from "./collections.ts";
import type { ChromaDatabase } from "./database.ts";
import { damage } from "./faults.ts";
import type { Fingerprint } from "./fingerprint.ts";
import type { RecordContent } from "./metadata.ts";
import { PendingChanges } from "./pending-changes.ts";
import { ChangeQueue } from "./queue.ts";
import { readLastSequence } from "./sequence.ts";
import { StoredRecords } from "./stored-records.ts";
import { CollectionVectors } from "./vectors.ts";

export interface ChromaSourceOptions {
  readonly directory: string;
  readonly database: ChromaDatabase;
  readonly fingerprint: Fingerprint;
  readonly collection: ChromaCollection;
  readonly salvage: boolean;
  readonly largeIntegers: LargeIntegers;
}

const defaultBatchSize = 1_000;

const similarityFunctions = { l2: "EUCLIDEAN", cosine: "COSINE", ip: "DOT_PRODUCT" } as const;

/** One collection of a Chroma directory, in the order in which its records were added. */
export class ChromaDirectorySource implements SkippingSource {
  readonly name: string;
  readonly collection: ChromaCollection;
  readonly #options: ChromaSourceOptions;
  readonly #stored: StoredRecords;
  readonly #queue: ChangeQueue;
  #skipped = new SkippedTally();
  #acceptsMissingVectors = false;
  /** Some vectors cannot be read, and the target makes its own: the source then has none. */
  #omitsVectors = false;

  constructor(options: ChromaSourceOptions) {
    const { directory, database, collection } = options;
    this.name = `${directory.replace(/[/\\]+$/, "")}/ ${qualifiedName(collection.name, collection)}`;
    this.collection = collection;
    this.#options = options;
    this.#stored = new StoredRecords(database, collection.metadataSegment);
    this.#queue = new ChangeQueue(database, collection.id);
  }

  /** What the last pass skipped, with `salvage`. */
  get skipped(): SkippedRecords {
    return this.#skipped;
  }

  acceptMissingVectors(): void {
    this.#acceptsMissingVectors = true;
    this.#omitsVectors = !this.#hasAllVectors();
  }

  /** Whether the files can be read and have a vector for every record. Reads no vector itself. */
  #hasAllVectors(): boolean {
    let vectors: CollectionVectors | undefined;
    try {
      vectors = this.#openVectors(false);
      for (const page of this.#stored.pages(defaultBatchSize)) {
        if (!page.every(({ id }) => vectors?.has(id))) return false;
      }
      return true;
    } catch (error) {
      if (error instanceof DataError) return false;
      throw error;
    } finally {
      vectors?.close();
    }
  }

  async describe(): Promise<SourceDescription> {
    const { collection } = this;
    const isStored = (id: string) => this.#stored.has(id);
    return {
      kind: "chroma-directory",
      collection: collection.name,
      recordCount: this.#stored.count() + this.#readPending().countDifference(isStored),
      dimension: this.#omitsVectors ? 0 : (collection.dimension ?? 0),
      similarityFunction: similarityFunctions[collection.distance.space],
      embeddingModel: collection.embeddingFunction?.model ?? modelIn(collection.metadata),
    };
  }

  /**
   * @throws {DataError} at the first record that cannot be read whole, unless salvaging
   * @throws {StorageError} when the directory is written to meanwhile
   * @throws {CancelledError}
   */
  async *records(options: RecordsOptions = {}): AsyncGenerator<StoreRecord[]> {
    const { batchSize = defaultBatchSize, includeVectors = true, exactNumbers = false, signal } = options;
    this.#skipped = new SkippedTally();
    const { fingerprint } = this.#options;
    const needsVectors = includeVectors && !this.#omitsVectors;
    const vectors = needsVectors ? this.#openVectors(this.#options.salvage) : undefined;
    try {
      for (const batch of this.#contents(batchSize, exactNumbers)) {
        if (signal?.aborted) throw new CancelledError();
        const records = this.#complete(batch, vectors, options.onAlteration);
        fingerprint.requireUnchanged();
        if (records.length > 0) yield records;
      }
    } catch (error) {
      // What looks like damage may be a change that was half done.
      fingerprint.requireUnchanged();
      throw error;
    } finally {
      vectors?.close();
    }
  }

  /** Files are open only while records are read. */
  async close(): Promise<void> {}

  *#contents(
    size: number,
    exactNumbers: boolean,
  ): Generator<(readonly [id: string, content: RecordContent])[]> {
    const pending = this.#readPending();
    for (const page of this.#stored.pages(size)) {
      const contents = this.#stored.read(page, exactNumbers);
      yield page.flatMap(({ row, id }) => {
        const content = pending.apply(id, contents.get(row) as RecordContent);
        return content ? [[id, content] as const] : [];
      });
    }
    const batch = new BoundedBatch<readonly [string, RecordContent]>(size);
    for (const record of pending.added()) {
      const full = batch.add(record, record[1].text?.length ?? 0);
      if (full) yield full;
    }
    const rest = batch.take();
    if (rest.length > 0) yield rest;
  }

  #complete(
    batch: readonly (readonly [id: string, content: RecordContent])[],
    vectors: CollectionVectors | undefined,
    onAlteration: RecordsOptions["onAlteration"],
  ): StoreRecord[] {
    const { largeIntegers } = this.#options;
    const found = vectors?.read(batch.map(([id]) => id));
    return batch.flatMap(([id, { text, metadata, fault }], place) => {
      const read = found?.[place];
      const vector = read instanceof Float32Array ? read : undefined;
      const isAccepted = read === vector || this.#acceptsMissingVectors;
      const vectorFault = isAccepted ? undefined : (read as RecordFault);
      const record = {
        id,
        ...(text !== undefined && { text }),
        // Chroma does not distinguish empty metadata from missing metadata.
        ...(Object.keys(metadata).length > 0 && { metadata }),
        ...(vector !== undefined && { vector }),
      };
      const settled = fault ?? vectorFault ?? withLargeIntegers(record, largeIntegers, onAlteration);
      if (!("problem" in settled)) return [settled];
      this.#skip(id, settled);
      return [];
    });
  }

  /** @throws {DataError} unless salvaging */
  #skip(id: string, fault: RecordFault): void {
    const { salvage, directory } = this.#options;
    const { problem, hint } = fault;
    if (!salvage) throw damage(directory, problem, { id, ...(hint !== undefined && { hint }) });
    this.#skipped.add(id, fault);
  }

  #readPending(): PendingChanges {
    const { database, collection, salvage } = this.#options;
    let taken = readLastSequence(database, collection.metadataSegment);
    if (taken === undefined && this.#stored.count() > 0) {
      if (!salvage)
        throw damage(
          database.path,
          `it does not say which changes of the queue ${collection.name} has applied`,
        );
      taken = Number.MAX_SAFE_INTEGER;
    }
    return new PendingChanges(this.#queue, taken ?? 0, (id) => this.#stored.has(id));
  }

  #openVectors(salvage: boolean): CollectionVectors | undefined {
    const { database, directory, collection } = this.#options;
    const { dimension } = collection;
    if (dimension !== undefined)
      return new CollectionVectors({ database, directory, collection, dimension, salvage });
    if (this.#stored.count() === 0) return undefined;
    throw damage(database.path, `the collection ${collection.name} has records, but no dimension`);
  }
}
