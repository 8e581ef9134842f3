import { Buffer } from "node:buffer";
import type { CallOptions } from "../../store/store.ts";
import type { SourceDescription } from "../source.ts";
import { Examples } from "./examples.ts";
import { type Finding, findingsOf } from "./findings.ts";
import { type MetadataKey, MetadataKeys } from "./metadata-keys.ts";
import type { InventoryCollection } from "./source.ts";
import { TextTally } from "./text-tally.ts";
import { type Norms, VectorTally } from "./vector-tally.ts";

/** What one collection holds. */
export interface CollectionSurvey {
  readonly name: string;
  readonly tenant: string;
  readonly database: string;
  /** Records that the collection counts. */
  readonly recordCount: number;
  /** Records that could be read whole. */
  readonly readableCount: number;
  readonly dimension: number;
  readonly distance: InventoryCollection["distance"];
  readonly embeddingFunction: InventoryCollection["embeddingFunction"];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly indexBytes: number | undefined;
  readonly norms: Norms | undefined;
  readonly keys: readonly MetadataKey[];
  readonly findings: readonly Finding[];
}

export interface SurveyOptions extends CallOptions {
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

/** Bytes of metadata that Upstash Vector takes with a record. */
const metadataLimit = 48 * 1_024;
/** Control characters, or space at either end: ids that are easily mistaken for others. */
const oddId = /\p{Cc}|^\s|\s$|^$/u;

/**
 * Reads every record of a collection once, in memory that hardly grows with them.
 * @throws {CancelledError}
 * @throws {StorageError} when the collection is written to meanwhile
 */
export async function surveyCollection(
  collection: InventoryCollection,
  { signal, onProgress }: SurveyOptions = {},
): Promise<CollectionSurvey> {
  const { source, name, tenant, database, distance, embeddingFunction, metadata, indexBytes } = collection;
  const description = await source.describe(signal && { signal });
  const [vectors, texts, keys] = [new VectorTally(), new TextTally(), new MetadataKeys()];
  const [largeMetadata, oddIds] = [new Examples(), new Examples()];
  let readableCount = 0;
  for await (const records of source.records(signal && { signal })) {
    for (const record of records) {
      vectors.add(record.id, record.vector);
      texts.add(record.id, record.text);
      keys.add(record.metadata ?? {});
      if (Buffer.byteLength(JSON.stringify(record.metadata ?? {})) > metadataLimit)
        largeMetadata.add(record.id);
      if (oddId.test(record.id)) oddIds.add(record.id);
    }
    readableCount += records.length;
    onProgress?.({ done: readableCount, total: Math.max(description.recordCount, readableCount) });
  }
  const tallies = { vectors, texts, keys, largeMetadata, oddIds, leftOut: collection.leftOut() };
  return {
    name,
    tenant,
    database,
    recordCount: description.recordCount,
    readableCount,
    dimension: dimensionOf(description, vectors),
    distance,
    embeddingFunction,
    metadata,
    indexBytes,
    norms: vectors.norms,
    keys: keys.list(),
    findings: findingsOf(collection, tallies),
  };
}

function dimensionOf({ dimension }: SourceDescription, vectors: VectorTally): number {
  const [first = 0] = vectors.dimensions.keys();
  return dimension > 0 ? dimension : first;
}
