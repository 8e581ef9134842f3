import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../../foundation/durable-file.ts";
import { CancelledError, ServiceError } from "../../foundation/errors.ts";
import type { CallOptions, VectorStore } from "../../store/store.ts";
import { CatalogBuilder } from "./builder.ts";
import type { Catalog } from "./catalog.ts";
import type { ChangedRecords } from "./changed-records.ts";
import { LiveCatalog } from "./live-catalog.ts";

/** Records that a catalog reads at most; names of further ones are unknown to the analysis. */
const mostRecords = 100_000;
const pageSize = 1_000;

/** A catalog is compared with its index again after this time. */
const freshForMs = 60_000;

/** A kept catalog of an index that does not say when it changed is read again after a day. */
const keptForMs = 24 * 60 * 60 * 1_000;

/** Fewer records are read before a person would look at the progress. */
const fewestReported = 2_000;

/** Changes with the form of the files. */
const formatVersion = 4;

/** Records beyond which a question does not wait for a known catalog that is made again: that takes seconds. */
const mostAwaited = 20_000;

export interface CatalogsOptions {
  readonly store: VectorStore;
  /** Where catalogs are kept between runs. Default: only in memory. */
  readonly directory?: string;
  /** Changes with each write to the store. Default: its number of records. */
  readonly stamp?: () => string | undefined;
  /** Which records have changed. Default: not known, so that a catalog is made again if the stamp differs. */
  readonly changes?: ChangedRecords;
  /** Called after each page of records that a catalog of many reads. */
  readonly onProgress?: (done: number, total: number) => void;
}

interface Entry {
  readonly catalog: Catalog;
  readonly stamp: string;
  /** Wall-clock milliseconds. */
  readonly madeAt: number;
}

interface Known {
  readonly entry: Entry;
  /** Monotonic milliseconds. */
  readonly checkedAt: number;
  /** What others had written when it was made. */
  readonly foreignVersion: number | undefined;
  /** Absent if it was read from a file. */
  readonly live?: LiveCatalog;
}

/** The catalogs of a store's namespaces: made from its records, kept in files, and brought up to date after writes. */
export class Catalogs {
  readonly #options: CatalogsOptions;
  readonly #known = new Map<string, Known>();
  readonly #renewals = new Map<string, Promise<Known>>();

  constructor(options: CatalogsOptions) {
    this.#options = options;
  }

  /** The catalog of a namespace; empty if the store cannot be read. */
  async get(namespace: string, { signal }: CallOptions = {}): Promise<Catalog> {
    const known = this.#known.get(namespace);
    if (known !== undefined && this.#isCurrent(namespace, known)) return known.entry.catalog;
    try {
      const renewal = this.#renew(namespace, (latest) => this.#next(namespace, latest));
      if (known !== undefined && known.entry.catalog.recordCount > mostAwaited) {
        // The vocabulary of a large namespace hardly changes with a write.
        renewal.catch(() => {});
        return known.entry.catalog;
      }
      return (await unlessAborted(renewal, signal)).entry.catalog;
    } catch (error) {
      // The unchanged question can still be searched; the search reports the fault of the store.
      if (error instanceof ServiceError) return new CatalogBuilder().build();
      throw error;
    }
  }

  /** Reads a namespace again, after an ingest or before the first question. Its catalog then follows each write. */
  async refresh(namespace: string, { signal }: CallOptions = {}): Promise<void> {
    try {
      await this.#renewals.get(namespace)?.catch(() => {});
      await unlessAborted(
        this.#renew(namespace, async () => await this.#make(namespace, await this.#stamp(namespace))),
        signal,
      );
    } catch (error) {
      // What was written is safe; the next question reads the namespace again.
      if (!(error instanceof ServiceError)) throw error;
      this.#known.delete(namespace);
    }
  }

  #isCurrent(namespace: string, { entry, checkedAt, foreignVersion }: Known): boolean {
    const { changes, stamp } = this.#options;
    if (changes) return !changes.has(namespace) && changes.foreignVersion === foreignVersion;
    const ownStamp = stamp?.();
    if (ownStamp !== undefined) return entry.stamp === ownStamp;
    return performance.now() - checkedAt < freshForMs;
  }

  /** One renewal of a namespace at a time: all questions that need it wait for the same one. */
  #renew(namespace: string, next: (known: Known | undefined) => Promise<Known>): Promise<Known> {
    let renewal = this.#renewals.get(namespace);
    if (renewal === undefined) {
      renewal = next(this.#known.get(namespace))
        .then((made) => {
          this.#known.set(namespace, made);
          return made;
        })
        .finally(() => this.#renewals.delete(namespace));
      this.#renewals.set(namespace, renewal);
    }
    return renewal;
  }

  async #next(namespace: string, known: Known | undefined): Promise<Known> {
    const { changes, stamp: ownStamp } = this.#options;
    const hasChanged = changes?.has(namespace) === true;
    const changed = await this.#applyChanges(namespace, known);
    if (changed !== undefined) return changed;
    const foreignVersion = changes?.foreignVersion;
    const stamp = await this.#stamp(namespace);
    const kept = known?.entry ?? this.#read(namespace);
    const isCurrent =
      !hasChanged &&
      kept?.stamp === stamp &&
      (ownStamp !== undefined || Date.now() - kept.madeAt < keptForMs);
    if (!isCurrent) return await this.#make(namespace, stamp);
    return {
      entry: kept,
      checkedAt: performance.now(),
      foreignVersion,
      ...(known?.live && { live: known.live }),
    };
  }

  /** The catalog with the records that this process has changed; `undefined` if it has to be made again. */
  async #applyChanges(namespace: string, known: Known | undefined): Promise<Known | undefined> {
    const { changes, store } = this.#options;
    const live = known?.live;
    if (changes === undefined || known === undefined || live === undefined) return undefined;
    if (changes.foreignVersion !== known.foreignVersion || !changes.has(namespace)) return undefined;
    const changed = changes.take(namespace);
    if (changed === "all") return undefined;
    const ids = [...changed];
    let records: Awaited<ReturnType<VectorStore["fetch"]>>;
    try {
      records = await store.fetch(ids, { namespace });
    } catch (error) {
      changes.note(namespace, ids);
      throw error;
    }
    for (const [place, id] of ids.entries()) live.replace(id, records[place]);
    if (!live.isLive) return undefined;
    return { ...known, entry: { ...known.entry, catalog: live.build() }, checkedAt: performance.now() };
  }

  /** Changes with the records of a namespace. */
  async #stamp(namespace: string): Promise<string> {
    const ownStamp = this.#options.stamp?.();
    if (ownStamp !== undefined) return ownStamp;
    const { namespaces } = await this.#options.store.info();
    return `${namespaces[namespace] ?? 0} records`;
  }

  async #make(namespace: string, stamp: string): Promise<Known> {
    const { changes, store, onProgress } = this.#options;
    const held = onProgress ? ((await store.info()).namespaces[namespace] ?? 0) : 0;
    const total = Math.min(held, mostRecords);
    // What is written from here on is read again.
    const foreignVersion = changes?.foreignVersion;
    changes?.take(namespace);
    const live = new LiveCatalog();
    let count = 0;
    let isPartial = false;
    let isFallback = false;
    const onFallback = () => {
      isFallback = true;
    };
    for await (const page of store.range({ namespace, pageSize, onFallback })) {
      for (const record of page) live.add(record);
      count += page.length;
      if (total >= fewestReported) onProgress?.(Math.min(count, total), total);
      isPartial = count >= mostRecords;
      if (isPartial) break;
    }
    const entry = { catalog: live.build(isPartial), stamp, madeAt: Date.now() };
    if (!isFallback) this.#write(namespace, entry);
    return { entry, checkedAt: performance.now(), foreignVersion, ...(live.isLive && { live }) };
  }

  #path(namespace: string): string | undefined {
    const { directory, store } = this.#options;
    if (directory === undefined) return undefined;
    const key = createHash("sha256")
      .update(JSON.stringify([store.name, namespace]))
      .digest("hex")
      .slice(0, 16);
    return join(directory, `${key}.json`);
  }

  /** A catalog can be made again, so a file that cannot be read or written stops nothing. */
  #read(namespace: string): Entry | undefined {
    const path = this.#path(namespace);
    if (path === undefined) return undefined;
    try {
      const { version, stamp, madeAt, catalog } = JSON.parse(readFileSync(path, "utf8"));
      if (version !== formatVersion) return undefined;
      const frequencies = new Map<string, number>(catalog.frequencies);
      const spellings = new Map<string, number>(catalog.spellings);
      return { stamp, madeAt, catalog: { ...catalog, frequencies, spellings } };
    } catch {
      return undefined;
    }
  }

  #write(namespace: string, { catalog, stamp, madeAt }: Entry): void {
    const path = this.#path(namespace);
    if (path === undefined) return;
    const plain = { ...catalog, frequencies: [...catalog.frequencies], spellings: [...catalog.spellings] };
    try {
      replaceFile(path, JSON.stringify({ version: formatVersion, stamp, madeAt, catalog: plain }));
    } catch {
      // The next start reads the records again.
    }
  }
}

/** The result of shared work, which goes on if one of those who wait for it gives up. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work;
  if (signal.aborted) throw new CancelledError();
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new CancelledError());
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
