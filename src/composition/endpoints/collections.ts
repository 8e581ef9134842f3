import { UsageError } from "../../foundation/errors.ts";
import { ChromaDirectory } from "../../migration/chroma-directory/index.ts";
import type { Endpoint } from "../../migration/run/index.ts";
import { ChromaConnection } from "../../store/chroma/connection.ts";
import { chromaServerOf } from "../application.ts";
import type { SourceOptions } from "./source.ts";

/** One collection of a Chroma, with the scope that its name is unique in. */
export interface ListedCollection {
  readonly name: string;
  readonly tenant: string;
  readonly database: string;
}

/**
 * The collections of a Chroma directory, or of one database of a Chroma server; `tenant` and `database` narrow them.
 *
 * @throws {UsageError} for a source that has no collections, or none in this scope
 * @throws {DataError | StorageError | ServiceError} if it cannot be read
 */
export async function listCollections(from: Endpoint, options: SourceOptions): Promise<ListedCollection[]> {
  const all = await readCollections(from, options);
  const { tenant, database } = options;
  const found = all.filter(
    (collection) =>
      (tenant === undefined || collection.tenant === tenant) &&
      (database === undefined || collection.database === database),
  );
  if (found.length > 0) return found;
  throw new UsageError("The source has no collection: nothing can be migrated.", {
    hint: "ragfood inventory lists the collections of all tenants and databases.",
  });
}

async function readCollections(from: Endpoint, options: SourceOptions): Promise<ListedCollection[]> {
  const { settings, salvage = false, largeIntegers = "refuse", tenant, database } = options;
  switch (from.kind) {
    case "chroma-directory": {
      const directory = ChromaDirectory.open(from.path, { salvage, largeIntegers });
      try {
        return directory.collections.map(({ name, tenant: own, database: place }) => {
          return { name, tenant: own, database: place };
        });
      } finally {
        directory.close();
      }
    }
    case "chroma-server": {
      const server = { ...chromaServerOf(settings), ...(from.url !== undefined && { url: from.url }) };
      const scope = {
        tenant: tenant ?? settings.chroma.tenant ?? "default_tenant",
        database: database ?? settings.chroma.database ?? "default_database",
      };
      const collections = await new ChromaConnection({ ...server, ...scope }).list({});
      return collections.map(({ name }) => ({ name, ...scope }));
    }
    default:
      throw new UsageError("--all-collections needs a Chroma directory or a Chroma server as the source.");
  }
}

/** The namespace of a collection: its name, with its scope if another collection has the same name. */
export function namespaceOf(
  name: string,
  { tenant, database }: Omit<ListedCollection, "name">,
  all: readonly ListedCollection[],
): string {
  const isUnique = all.filter((other) => other.name === name).length === 1;
  return isUnique ? name : [tenant, database, name].join(".");
}
