import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Settings } from "../../config/settings.ts";
import { indexFile, readIndexSettings } from "../../embedded/index.ts";
import { DataError, UsageError } from "../../foundation/errors.ts";
import { quoted } from "../../foundation/quoted.ts";
import { ChromaDirectory, seesWriters } from "../../migration/chroma-directory/index.ts";
import { type ChromaScope, qualifiedName } from "../../migration/chroma-scope.ts";
import { ChromaServerSource } from "../../migration/chroma-server/source.ts";
import { type DumpKey, DumpSource } from "../../migration/dump/index.ts";
import { FilteredSource, filterText } from "../../migration/filtered-source.ts";
import type { LargeIntegers } from "../../migration/record-fault.ts";
import type { Endpoint, MigrationSource } from "../../migration/run/index.ts";
import { SalvagedSource } from "../../migration/salvaged-source.ts";
import { StoreSource } from "../../migration/store-source.ts";
import { ChromaConnection } from "../../store/chroma/connection.ts";
import { ChromaStore } from "../../store/chroma.ts";
import type { Filter } from "../../store/filter.ts";
import type { CallOptions, VectorStore } from "../../store/store.ts";
import { type ApplicationObservers, chromaServerOf, createStore, embedderOf } from "../application.ts";
import { decrypted, requireUpstash } from "./cloud.ts";
import { openEmbedded } from "./embedded.ts";

/** How the records of a Chroma are found and read. */
export interface ReadingOptions extends CallOptions, Pick<ApplicationObservers, "onTransportEvent"> {
  /** The collection of Chroma. */
  readonly collection?: string;
  /** The tenant and the database of Chroma; default: those of the settings. */
  readonly tenant?: string;
  readonly database?: string;
  /** Skips the records of Chroma that cannot be read; `describe` then counts and lists them. Default false. */
  readonly salvage?: boolean;
  /** Integers beyond 2^53 in the metadata of Chroma. Default `refuse`. */
  readonly largeIntegers?: LargeIntegers;
  /** Only records whose metadata meets it. Default: all. */
  readonly filter?: Filter;
  /** Backs up the journal of a Chroma directory too. Default: if no other process is seen to use it. */
  readonly includeJournals?: boolean;
}

export interface SourceOptions extends ReadingOptions {
  readonly settings: Settings;
  /** The namespace of an index; default: that of the settings. */
  readonly namespace?: string;
  /** Writes to a server while it is read are no error: the verification finds them. Default false. */
  readonly toleratesChanges?: boolean;
  /** The key of an encrypted dump. */
  readonly dumpKey?: DumpKey;
}

/**
 * Opens a source for reading. Nothing is written or created.
 *
 * @throws {UsageError} if a Chroma has several collections and no name is given, or for an option that the source
 * does not have
 * @throws {DataError | StorageError | ServiceError} if it cannot be read
 */
export async function openSource(endpoint: Endpoint, options: SourceOptions): Promise<MigrationSource> {
  requireUsed(endpoint, options);
  const source = await openWhole(endpoint, options);
  return options.filter ? partOf(source, options.filter) : source;
}

/** Neither the store of the source nor a dump holds only that part: both are left out. */
function partOf(source: MigrationSource, filter: Filter): MigrationSource {
  const { store: _, dumpDirectory: __, records, place, ...rest } = source;
  return {
    ...rest,
    records: new FilteredSource(records, filter),
    place: `${place}${filterText(filter)}`,
  };
}

async function openWhole(endpoint: Endpoint, options: SourceOptions): Promise<MigrationSource> {
  switch (endpoint.kind) {
    case "chroma-directory":
      return openDirectory(endpoint.path, endpoint.collection ?? options.collection, options);
    case "chroma-server":
      return await openServer(endpoint.url, endpoint.collection ?? options.collection, options);
    case "dump":
      return openDump(endpoint.path, options.dumpKey);
    case "embedded":
      return openIndex(endpoint.path ?? options.settings.directory, options);
    case "upstash":
      return openUpstash(options);
  }
}

/** @throws {UsageError} for an option that would be ignored */
function requireUsed({ kind }: Endpoint, options: ReadingOptions): void {
  const { tenant, database, salvage, largeIntegers, includeJournals } = options;
  const given: Readonly<Record<string, boolean>> = {
    "--include-journals": kind !== "chroma-directory" && includeJournals === true,
    ...(!kind.startsWith("chroma-") && {
      "--tenant": tenant !== undefined,
      "--database": database !== undefined,
      "--salvage": salvage === true,
      "--large-integers": largeIntegers === "text",
    }),
  };
  const ignored = Object.keys(given).find((name) => given[name]);
  if (ignored === undefined) return;
  const place = ignored === "--include-journals" ? "a Chroma directory" : "a Chroma";
  throw new UsageError(`${ignored} is an option for reading ${place}; this source is another.`, {
    hint: `Leave ${ignored} out.`,
  });
}

function openDirectory(path: string, name: string | undefined, options: SourceOptions): MigrationSource {
  const { salvage = false, largeIntegers = "refuse", includeJournals = seesWriters } = options;
  const directory = ChromaDirectory.open(path, { salvage, largeIntegers });
  try {
    const records = directory.source(directory.collection(name, scopeOf(options)));
    return {
      records: salvage ? new SalvagedSource(records) : records,
      place: `${resolve(path)} ${qualifiedName(records.collection.name, records.collection)}`,
      fingerprint: [
        stateOf(filesBelow(path)),
        // Read otherwise, the same files hold other records.
        ...(largeIntegers === "text" ? ["large integers as text"] : []),
        ...(salvage ? ["salvaged"] : []),
      ].join(", "),
      directory: path,
      includeJournals,
      close: async () => directory.close(),
    };
  } catch (error) {
    directory.close();
    throw error;
  }
}

function scopeOf({ settings: { chroma }, tenant, database }: SourceOptions): Partial<ChromaScope> {
  const scope = { tenant: tenant ?? chroma.tenant, database: database ?? chroma.database };
  return {
    ...(scope.tenant !== undefined && { tenant: scope.tenant }),
    ...(scope.database !== undefined && { database: scope.database }),
  };
}

/** @throws {UsageError} that lists the collections, unless exactly one exists */
function onlyOne(place: string, collections: readonly { readonly name: string }[]): string {
  const [collection] = collections;
  if (collection === undefined) {
    throw new UsageError(`${place} has no collection: nothing can be migrated.`, {
      hint: "Name another tenant or database with --tenant and --database, if the collection is there.",
    });
  }
  if (collections.length === 1) return collection.name;
  throw new UsageError(`${place} has ${collections.length} collections.`, {
    hint: `Choose one with --collection: ${collections.map(({ name }) => quoted(name)).join(", ")}. --all-collections migrates all of them.`,
  });
}

function filesBelow(directory: string): string[] {
  const names = readdirSync(directory, { recursive: true, encoding: "utf8" });
  return names.sort().map((name) => join(directory, name));
}

/** A hash over the names, sizes and times of files. */
function stateOf(files: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of files) {
    const found = statSync(file, { bigint: true, throwIfNoEntry: false });
    // An empty log file may appear and vanish.
    if (found?.isFile() && found.size > 0n) hash.update(`${file}\n${found.size} ${found.mtimeNs}\n`);
  }
  return hash.digest("hex");
}

async function openServer(
  url: string | undefined,
  name: string | undefined,
  options: SourceOptions,
): Promise<MigrationSource> {
  const { settings, toleratesChanges = false, salvage = false, largeIntegers = "refuse", signal } = options;
  const server = { ...chromaServerOf(settings), ...(url !== undefined && { url }), ...scopeOf(options) };
  const collection = name ?? onlyOne(server.url, await new ChromaConnection(server).list({ signal }));
  const records = new ChromaServerSource({
    server,
    collection,
    salvage,
    largeIntegers,
    ...(toleratesChanges && { onChange: () => {} }),
  });
  const embedder = embedderOf(settings);
  const store = new ChromaStore({ server, collection, ...(embedder && { embedder }) });
  return {
    records: salvage ? new SalvagedSource(records) : records,
    place: `${server.url} ${qualifiedName(collection, server)}`,
    fingerprint: undefined,
    store: { store, namespace: "" },
    close: async () => {
      await records.close();
      await store.close();
    },
  };
}

function openDump(path: string, key: DumpKey | undefined): MigrationSource {
  const records = DumpSource.open(path, key);
  const manifest = readFileSync(join(path, "manifest.json"));
  return {
    records,
    place: `${resolve(path)} ${records.manifest.source.collection}`,
    fingerprint: createHash("sha256").update(manifest).digest("hex"),
    dumpDirectory: path,
    close: () => records.close(),
  };
}

function openUpstash(options: SourceOptions): MigrationSource {
  const { onTransportEvent } = options;
  const { url } = requireUpstash(options.settings);
  return ofStore(
    createStore({ ...options.settings, store: "upstash" }, onTransportEvent ? { onTransportEvent } : {}),
    {
      ...options,
      place: new URL(url).href,
      fingerprint: undefined,
    },
  );
}

function openIndex(directory: string, options: SourceOptions): MigrationSource {
  const path = indexFile(directory);
  const design = readIndexSettings(path);
  if (design === undefined) {
    throw new DataError(path, `There is no embedded index at ${path}.`, {
      hint: "Name the directory that holds index.sqlite; a source is never created.",
    });
  }
  const store = openEmbedded({ directory, design, settings: options.settings, access: "read" });
  return ofStore(store, { ...options, place: resolve(path), fingerprint: stateOf([path, `${path}-wal`]) });
}

interface StoreSourceOptions extends SourceOptions, Pick<MigrationSource, "place" | "fingerprint"> {}

function ofStore(stored: VectorStore, options: StoreSourceOptions): MigrationSource {
  const { settings, namespace = settings.namespace, place, fingerprint } = options;
  const store = decrypted(stored, settings);
  const records = new StoreSource({ store, namespace });
  return {
    records,
    place: `${place} ${JSON.stringify(namespace)}`,
    fingerprint,
    store: { store, namespace },
    close: () => records.close(),
  };
}
