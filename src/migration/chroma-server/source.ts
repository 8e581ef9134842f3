import { PageSize } from "../../foundation/bounded-batch.ts";
import { DataError, ServiceFaultError, SourceChangedError } from "../../foundation/errors.ts";
import { stringifyJson } from "../../foundation/exact-json/index.ts";
import { quoted } from "../../foundation/quoted.ts";
import { type ChromaCollection, ChromaConnection } from "../../store/chroma/connection.ts";
import { readIds } from "../../store/chroma/ids.ts";
import { type ChromaRow, toStoreRecord } from "../../store/chroma/record.ts";
import { readRows } from "../../store/chroma/search.ts";
import type { ChromaServer } from "../../store/chroma/server.ts";
import type { StoreRecord } from "../../store/document.ts";
import type { CallOptions } from "../../store/store.ts";
import { qualifiedName } from "../chroma-scope.ts";
import { type LargeIntegers, notFinite, type RecordFault, withLargeIntegers } from "../record-fault.ts";
import type { SkippingSource } from "../salvaged-source.ts";
import { SkippedTally } from "../skipped-tally.ts";
import type { RecordsOptions, SkippedRecords, SourceDescription } from "../source.ts";
import { describeCollection } from "./collection.ts";

/** Writes of others to the collection while it was read. */
export interface SourceChange {
  /** Ids that existed at the beginning and not at the end. */
  readonly vanished: readonly string[];
  /** Ids that existed at the end and were not read. */
  readonly appeared: readonly string[];
}

export interface ChromaServerSourceOptions {
  readonly server: ChromaServer;
  readonly collection: string;
  /** Skips the records that cannot be read whole, instead of failing at the first. Default false. */
  readonly salvage?: boolean;
  /** Integers beyond 2^53 in metadata: fail, or give their digits as text. Default `refuse`. */
  readonly largeIntegers?: LargeIntegers;
  /** Called after the last batch if others wrote meanwhile. Without it, that is an error. */
  readonly onChange?: (change: SourceChange) => void;
}

/** Records a request, at most; fewer if they are large. */
const maximumPage = 1_000;

/**
 * A collection of a Chroma server. The ids are read first and again at the end, the records between by id: a record
 * that others delete or add meanwhile is reported, neither skipped nor returned twice. A record that is changed in
 * place is returned in its state at the time of reading; Chroma keeps no versions. Nothing is written or created.
 */
export class ChromaServerSource implements SkippingSource {
  readonly name: string;
  readonly #connection: ChromaConnection;
  readonly #collection: string;
  readonly #salvage: boolean;
  readonly #largeIntegers: LargeIntegers;
  readonly #onChange: ((change: SourceChange) => void) | undefined;
  #skipped = new SkippedTally();
  #acceptsMissingVectors = false;

  /** @throws {UsageError} for a URL that Chroma's client cannot call */
  constructor(options: ChromaServerSourceOptions) {
    this.name = `${options.server.url} ${qualifiedName(options.collection, options.server)}`;
    this.#connection = new ChromaConnection(options.server);
    this.#collection = options.collection;
    this.#salvage = options.salvage ?? false;
    this.#largeIntegers = options.largeIntegers ?? "refuse";
    this.#onChange = options.onChange;
  }

  /** What the last pass skipped, with `salvage`. */
  get skipped(): SkippedRecords {
    return this.#skipped;
  }

  acceptMissingVectors(): void {
    this.#acceptsMissingVectors = true;
  }

  /** @throws {NotFoundError} if the collection does not exist, with the names of those that do */
  async describe(options: CallOptions = {}): Promise<SourceDescription> {
    return await describeCollection(this.#connection, await this.#find(options), options);
  }

  /**
   * Two batches and all ids are in memory.
   * @throws {NotFoundError} if the collection does not exist, with the names of those that do
   * @throws {DataError} for a record that cannot be read whole, unless salvaging
   * @throws {ServiceFaultError} if Chroma counts other records than it lists
   * @throws {SourceChangedError} after the last batch, if others wrote and `onChange` is missing
   */
  async *records(options: RecordsOptions = {}): AsyncGenerator<StoreRecord[]> {
    const { batchSize = maximumPage } = options;
    this.#skipped = new SkippedTally();
    const collection = await this.#find(options);
    const ids = await this.#readIds(collection, options);
    const given = new Set<string>();
    for await (const rows of this.#pages(collection, ids, Math.min(batchSize, maximumPage), options)) {
      for (const { id } of rows) given.add(id);
      const records = rows.flatMap((row) => this.#toRecord(row, options));
      if (records.length > 0) yield records;
    }
    this.#report(ids, given, new Set(await this.#readIds(collection, options)));
  }

  /** Reads one page ahead, so that Chroma and the consumer of the records work at the same time. */
  async *#pages(
    collection: ChromaCollection,
    ids: readonly string[],
    maximum: number,
    options: RecordsOptions,
  ): AsyncGenerator<ChromaRow[]> {
    const ending = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, ending.signal]) : ending.signal;
    const size = new PageSize(maximum);
    let start = 0;
    const read = () => {
      const page = this.#readPage(collection, ids.slice(start, start + size.next), { ...options, signal });
      start += size.next;
      // A consumer that stops early never reads the page that was fetched ahead.
      page.catch(() => {});
      return page;
    };
    try {
      let next = ids.length > 0 ? read() : undefined;
      while (next !== undefined) {
        const page: ChromaRow[] = await next;
        size.observe(
          page.length,
          page.reduce((sum, row) => sum + bytesOf(row), 0),
        );
        next = start < ids.length ? read() : undefined;
        yield page;
      }
    } finally {
      ending.abort();
    }
  }

  async #readPage(
    collection: ChromaCollection,
    ids: readonly string[],
    options: RecordsOptions,
  ): Promise<ChromaRow[]> {
    const found = await readRows(
      (action) => this.#connection.records(collection, options, action),
      ids,
      options.includeVectors ?? true,
    );
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  /** A damaged collection may count records that it cannot list. */
  async #readIds(collection: ChromaCollection, options: CallOptions): Promise<string[]> {
    const before = await this.#count(collection, options);
    const ids = await readIds(this.#connection, collection, options);
    if (ids.length === before) return ids;
    const after = await this.#count(collection, options);
    // If the count moves too, others are writing: their changes are reported at the end.
    if (ids.length === after || after !== before) return ids;
    throw new ServiceFaultError(
      "chroma",
      `${this.name}: Chroma counts ${after} records and lists ${ids.length}.`,
      { hint: "Read the directory chroma_db instead, or restore it from a backup." },
    );
  }

  #count(collection: ChromaCollection, options: CallOptions): Promise<number> {
    return this.#connection.count(collection, options);
  }

  #report(ids: readonly string[], given: ReadonlySet<string>, now: ReadonlySet<string>): void {
    const change: SourceChange = {
      vanished: ids.filter((id) => !now.has(id)),
      appeared: [...now].filter((id) => !given.has(id)),
    };
    if (change.vanished.length === 0 && change.appeared.length === 0) return;
    if (this.#onChange) {
      this.#onChange(change);
      return;
    }
    throw new SourceChangedError(
      `${this.name} changed while it was read: ${change.appeared.length} records appeared, ${change.vanished.length} vanished.`,
      change,
      {
        hint: "Stop the program that writes to it, or catch up with the records that appeared and vanished.",
      },
    );
  }

  /** @throws {DataError} for a record that cannot be read whole, unless salvaging */
  #toRecord(row: ChromaRow, { includeVectors = true, onAlteration }: RecordsOptions): StoreRecord[] {
    const { id } = row;
    const needsVector = includeVectors && !this.#acceptsMissingVectors;
    const settled =
      rowFault(row, needsVector) ?? withLargeIntegers(toStoreRecord(row), this.#largeIntegers, onAlteration);
    if (!("problem" in settled)) return [settled];
    const { problem, hint } = settled;
    if (!this.#salvage) {
      throw new DataError(this.name, `${this.name}, record ${quoted(id)}: ${problem}.`, {
        ...(hint !== undefined && { hint }),
        faults: [{ id, problem }],
      });
    }
    this.#skipped.add(id, settled);
    return [];
  }

  async #find(options: CallOptions): Promise<ChromaCollection> {
    const found = await this.#connection.find(this.#collection, options);
    if (found) return found;
    throw await this.#connection.missing(
      this.#collection,
      "Name one of these; each is a separate source.",
      options,
    );
  }

  async close(): Promise<void> {}
}

/** Bytes of a row in memory, about. */
function bytesOf({ document, metadata, vector }: ChromaRow): number {
  const numbers = Float64Array.BYTES_PER_ELEMENT * (vector?.length ?? 0);
  return (document?.length ?? 0) + (metadata ? stringifyJson(metadata).length : 0) + numbers;
}

/** Why a record cannot be read whole. JSON has no Infinity and no NaN: the server sends `null` in their place. */
function rowFault({ metadata, vector }: ChromaRow, needsVector: boolean): RecordFault | undefined {
  for (const [key, value] of Object.entries(metadata ?? {})) {
    const isNull = value === null || (Array.isArray(value) && value.includes(null));
    if (isNull) return notFinite(key, "Infinity or NaN");
  }
  const place = vector?.findIndex((component) => !Number.isFinite(component)) ?? -1;
  if (place >= 0) {
    return {
      problem: `component ${place} of its vector is Infinity or NaN, which no index can compare`,
      hint: "Correct the vector in Chroma, or skip such records with --salvage.",
    };
  }
  if (vector || !needsVector) return undefined;
  return {
    problem: "it has no vector",
    hint: "Two processes that write to one chroma_db directory cause this. Add the record again with its vector, or skip such records with --salvage.",
  };
}
