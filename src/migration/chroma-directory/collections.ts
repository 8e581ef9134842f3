import { setProperty } from "../../foundation/own-keys.ts";
import { quoted } from "../../foundation/quoted.ts";
import { type ChromaScope, defaultScope } from "../chroma-scope.ts";
import type { ChromaDatabase, Row } from "./database.ts";
import { type EmbeddingFunction, findEmbeddingFunction } from "./embedding-function.ts";
import { damage } from "./faults.ts";
import { type FoundSpace, findSpace } from "./space.ts";

/** A collection as the directory describes it. */
export interface ChromaCollection extends ChromaScope {
  /** UUID. */
  readonly id: string;
  readonly name: string;
  /** Length of the vectors; `undefined` until the first record. */
  readonly dimension: number | undefined;
  readonly distance: FoundSpace;
  readonly embeddingFunction: EmbeddingFunction | undefined;
  /** What the application noted with the collection, and Chroma's `hnsw:` settings. */
  readonly metadata: Readonly<Record<string, string | number | boolean>>;
  readonly metadataSegment: string;
  readonly vectorSegment: string;
}

/** Every collection of every tenant and database, in the order of their names. */
export function readCollections(database: ChromaDatabase): ChromaCollection[] {
  const columns = database.columns("collections");
  const column = (name: string) => (columns.has(name) ? `c.${name}` : "NULL");
  const hasDatabases = columns.has("database_id") && database.columns("databases").size > 0;
  const rows = database.all<CollectionRow>(
    `SELECT c.id, c.name, ${hasDatabases ? "d.tenant_id, d.name" : "NULL, NULL"},
            ${column("dimension")}, ${column("config_json_str")}, ${column("schema_str")}
     FROM collections c ${hasDatabases ? "LEFT JOIN databases d ON d.id = c.database_id" : ""}
     ORDER BY 3, 4, c.name`,
  );
  return rows.map((row) => toCollection(database, row));
}

type CollectionRow = readonly [
  id: string,
  name: string,
  tenant: string | null,
  database: string | null,
  dimension: number | null,
  configuration: string | null,
  schema: string | null,
];

function toCollection(database: ChromaDatabase, row: CollectionRow): ChromaCollection {
  const [id, name, tenant, databaseName, dimension] = row;
  const subject = `the collection ${quoted(name)}`;
  if (typeof id !== "string" || typeof name !== "string")
    throw damage(database.path, "a collection has no name");
  if (dimension !== null && !(Number.isSafeInteger(dimension) && dimension > 0)) {
    throw damage(database.path, `${subject} has ${dimension} dimensions`);
  }
  const [configuration, schema] = [row[5], row[6]].map((text) => parse(database, subject, text));
  const metadata = readMetadata(database, "collection_metadata", "collection_id", id);
  const vectorSegment = findSegment(database, subject, id, "VECTOR");
  const distance = findSpace({
    schema,
    collectionMetadata: metadata["hnsw:space"],
    configuration,
    segmentMetadata: readMetadata(database, "segment_metadata", "segment_id", vectorSegment)["hnsw:space"],
  });
  if (distance === undefined) {
    throw damage(database.path, `${subject} names a distance space other than l2, cosine and ip`);
  }
  return {
    id,
    name,
    tenant: tenant ?? defaultScope.tenant,
    database: databaseName ?? defaultScope.database,
    dimension: dimension ?? undefined,
    distance,
    embeddingFunction: findEmbeddingFunction(schema, configuration),
    metadata,
    metadataSegment: findSegment(database, subject, id, "METADATA"),
    vectorSegment,
  };
}

function parse(database: ChromaDatabase, subject: string, text: string | null): unknown {
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw damage(database.path, `the configuration of ${subject} is not JSON`, { cause: error });
  }
}

function findSegment(database: ChromaDatabase, subject: string, collection: string, scope: string): string {
  const found = database.all<[string]>(
    "SELECT id FROM segments WHERE collection = ? AND scope = ?",
    collection,
    scope,
  );
  const [segment] = found;
  if (found.length !== 1 || segment === undefined) {
    throw damage(
      database.path,
      `${subject} has ${found.length} segments of the kind ${scope} instead of one`,
    );
  }
  if (typeof segment[0] !== "string") {
    throw damage(database.path, `the segment of the kind ${scope} of ${subject} has no name`);
  }
  return segment[0];
}

function readMetadata(
  database: ChromaDatabase,
  table: string,
  owner: string,
  id: string,
): Record<string, string | number | boolean> {
  const columns = database.columns(table);
  const flag = columns.has("bool_value") ? "bool_value" : "NULL";
  const rows = database.all<Row>(
    `SELECT key, coalesce(str_value, int_value, float_value), ${flag} FROM ${table} WHERE ${owner} = ? ORDER BY key`,
    id,
  );
  const metadata: Record<string, string | number | boolean> = {};
  for (const [key, value, bool] of rows) {
    const plain = typeof value === "string" || typeof value === "number" ? value : bool === 1;
    if (value !== null || bool !== null) setProperty(metadata, String(key), plain);
  }
  return metadata;
}
