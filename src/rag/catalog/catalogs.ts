import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../../foundation/durable-file.ts";
import { ServiceError } from "../../foundation/errors.ts";
import type { CallOptions, VectorStore } from "../../store/store.ts";
import { CatalogBuilder } from "./builder.ts";
import type { Catalog } from "./catalog.ts";

/** Records that a catalog reads at most; names of further ones are unknown to the analysis. */
const mostRecords = 100_000;
const pageSize = 1_000;

/** A catalog is compared with its index again after this time. */
const freshForMs = 60_000;

/** A kept catalog of an index that does not say when it changed is read again after a day. */
const keptForMs = 24 * 60 * 60 * 1_000;

/** Changes with the form of the files. */
const formatVersion = 3;

export interface CatalogsOptions {
  readonly store: VectorStore;
  /** Where catalogs are kept between runs. Default: only in memory. */
  readonly directory?: string;
  /** Changes with each write to the store. Default: its number of records. */
  readonly stamp?: () => string | undefined;
}

interface Entry {
  readonly catalog: Catalog;
  readonly stamp: string;
  /** Wall-clock milliseconds. */
  readonly madeAt: number;
}

/** The catalogs of a store's namespaces: made from its records, kept in files, and made again when they changed. */
export class Catalogs {
  readonly #options: CatalogsOptions;
  readonly #entries = new Map<string, { entry: Entry; checkedAt: number }>();

  constructor(options: CatalogsOptions) {
    this.#options = options;
  }

  /** The catalog of a namespace; empty if the store cannot be read. */
  async get(namespace: string, options: CallOptions = {}): Promise<Catalog> {
    const known = this.#entries.get(namespace);
    const ownStamp = this.#options.stamp?.();
    if (known && ownStamp === undefined && performance.now() - known.checkedAt < freshForMs)
      return known.entry.catalog;
    if (known && ownStamp !== undefined && known.entry.stamp === ownStamp) return known.entry.catalog;
    try {
      const stamp = ownStamp ?? (await this.#countStamp(namespace, options));
      const kept = known?.entry ?? this.#read(namespace);
      const isCurrent =
        kept?.stamp === stamp && (ownStamp !== undefined || Date.now() - kept.madeAt < keptForMs);
      const entry = isCurrent ? kept : await this.#make(namespace, stamp, options);
      this.#entries.set(namespace, { entry, checkedAt: performance.now() });
      return entry.catalog;
    } catch (error) {
      // The unchanged question can still be searched; the search reports the fault of the store.
      if (error instanceof ServiceError) return new CatalogBuilder().build();
      throw error;
    }
  }

  /** Reads a namespace again, after an ingest. */
  async refresh(namespace: string, options: CallOptions = {}): Promise<void> {
    try {
      const stamp = this.#options.stamp?.() ?? (await this.#countStamp(namespace, options));
      const entry = await this.#make(namespace, stamp, options);
      this.#entries.set(namespace, { entry, checkedAt: performance.now() });
    } catch (error) {
      // What was written is safe; the next question reads the namespace again.
      if (!(error instanceof ServiceError)) throw error;
      this.#entries.delete(namespace);
    }
  }

  async #countStamp(namespace: string, options: CallOptions): Promise<string> {
    const { namespaces } = await this.#options.store.info(options);
    return `${namespaces[namespace] ?? 0} records`;
  }

  async #make(namespace: string, stamp: string, options: CallOptions): Promise<Entry> {
    const builder = new CatalogBuilder();
    let count = 0;
    let isPartial = false;
    let isFallback = false;
    const onFallback = () => {
      isFallback = true;
    };
    for await (const page of this.#options.store.range({ ...options, namespace, pageSize, onFallback })) {
      for (const record of page) builder.add(record);
      count += page.length;
      isPartial = count >= mostRecords;
      if (isPartial) break;
    }
    const entry = { catalog: builder.build(isPartial), stamp, madeAt: Date.now() };
    if (!isFallback) this.#write(namespace, entry);
    return entry;
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
