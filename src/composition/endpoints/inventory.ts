import { ChromaDirectory } from "../../migration/chroma-directory/index.ts";
import { ChromaServerSource } from "../../migration/chroma-server/source.ts";
import type { LargeIntegers } from "../../migration/record-fault.ts";
import type { InventorySource } from "../../migration/survey/index.ts";
import { ChromaConnection } from "../../store/chroma/connection.ts";
import type { ChromaServer } from "../../store/chroma/server.ts";
import { chromaVersion } from "../../store/chroma/version.ts";
import type { CallOptions } from "../../store/store.ts";

/**
 * Opens a Chroma directory to list its collections, also a damaged one: what cannot be read is part of the inventory.
 *
 * @throws {DataError} if it is not a Chroma directory
 * @throws {StorageError} if it cannot be read, or another process has it open
 */
export function openDirectoryInventory(
  path: string,
  largeIntegers: LargeIntegers = "refuse",
): InventorySource {
  const directory = ChromaDirectory.open(path, { salvage: true, largeIntegers });
  return {
    location: directory.path,
    version: directory.version.writtenBy,
    databaseBytes: directory.databaseBytes,
    damage: directory.tableDamage,
    collections: directory.collections.map((collection) => {
      const source = directory.source(collection);
      return {
        name: collection.name,
        tenant: collection.tenant,
        database: collection.database,
        source,
        distance: collection.distance,
        embeddingFunction: collection.embeddingFunction,
        metadata: collection.metadata,
        indexBytes: directory.indexBytes(collection),
        unreadable: () => source.skipped,
      };
    }),
    close: async () => directory.close(),
  };
}

/**
 * Lists the collections that a Chroma server has in one database. A server does not report sizes on disk.
 *
 * @throws {ServiceError} if it does not answer
 * @throws {CancelledError} when the signal fires
 */
export async function openServerInventory(
  server: ChromaServer,
  options: CallOptions & { readonly largeIntegers?: LargeIntegers | undefined } = {},
): Promise<InventorySource> {
  const { largeIntegers = "refuse" } = options;
  const version = await chromaVersion(server, options.signal);
  const collections = await new ChromaConnection(server).list(options);
  return {
    location: server.url,
    version: `server, API ${version}`,
    databaseBytes: undefined,
    damage: undefined,
    collections: collections.map(({ name, space, embeddingModel, metadata }) => {
      const source = new ChromaServerSource({ server, collection: name, salvage: true, largeIntegers });
      return {
        name,
        tenant: server.tenant ?? "default_tenant",
        database: server.database ?? "default_database",
        source,
        distance: {
          space,
          foundIn: "hnsw:space" in metadata ? "its metadata hnsw:space" : "its configuration",
          contradictedBy: [],
        },
        embeddingFunction:
          embeddingModel === undefined ? undefined : { name: "ragfood", model: embeddingModel },
        metadata,
        indexBytes: undefined,
        unreadable: () => source.skipped,
      };
    }),
    close: async () => {},
  };
}
