import { UsageError } from "../../errors.ts";
import { ChromaDirectory } from "../chroma-directory/index.ts";
import type { InventorySource } from "./source.ts";

/**
 * Opens a Chroma to list what it holds. A damaged directory is opened too: what cannot be read is part of the
 * inventory.
 *
 * @param location a directory
 * @throws {DataError} when it is no Chroma directory
 * @throws {StorageError} when it cannot be read, or another process has it open
 * @throws {UsageError} for the URL of a server
 */
export function openInventorySource(location: string): InventorySource {
  if (/^https?:\/\//i.test(location)) {
    throw new UsageError(`An inventory takes a directory, and ${location} is a URL.`, {
      hint: "Name the directory in which the Chroma server keeps its files, and stop the server first.",
    });
  }
  const directory = ChromaDirectory.open(location, { salvage: true });
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
        leftOut: () => ({ faults: source.leftOut, count: source.leftOutCount }),
      };
    }),
    close: async () => directory.close(),
  };
}
