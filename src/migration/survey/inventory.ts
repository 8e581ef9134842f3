import type { Finding } from "../../foundation/finding.ts";
import type { CallOptions } from "../../store/store.ts";
import type { Norms } from "../norms.ts";
import { inventoryFindings } from "./inventory-findings.ts";
import type { InventoryCollection } from "./inventory-source.ts";
import type { MetadataKey } from "./metadata-keys.ts";
import { surveyRecords } from "./survey.ts";

/** What one collection holds; plain JSON. */
export interface CollectionInventory
  extends Pick<
    InventoryCollection,
    "name" | "tenant" | "database" | "distance" | "embeddingFunction" | "metadata" | "indexBytes"
  > {
  /** Records that the collection counts. */
  readonly recordCount: number;
  /** Records that could be read whole. */
  readonly readableCount: number;
  /** Length of the vectors; 0 if there are none. */
  readonly dimension: number;
  /** UTF-8 bytes of the documents. */
  readonly textBytes: number;
  /** UTF-8 bytes of the metadata as JSON. */
  readonly metadataBytes: number;
  readonly norms: Norms | undefined;
  readonly keys: readonly MetadataKey[];
  readonly findings: readonly Finding[];
}

export interface InventoryOptions extends CallOptions {
  readonly onProgress?: (progress: { readonly done: number; readonly total: number }) => void;
}

/**
 * Reads every record of a collection once, and checks it against a dense index of Upstash Vector that takes its
 * vectors.
 *
 * @throws {CancelledError} when the signal fires
 * @throws {StorageError} if the collection is written to meanwhile
 */
export async function takeInventory(
  collection: InventoryCollection,
  { signal, onProgress }: InventoryOptions = {},
): Promise<CollectionInventory> {
  const { source, name, tenant, database, distance, embeddingFunction, metadata, indexBytes } = collection;
  const calling = { signal };
  const description = await source.describe(calling);
  const { recordCount, dimension } = description;
  const index = { type: "DENSE", dimension } as const;
  const survey = await surveyRecords({
    source,
    limits: [{ holder: "index", index, embedding: "carried" }],
    isDetailed: true,
    onBatch: (done) => onProgress?.({ done, total: Math.max(recordCount, done) }),
    ...calling,
  });
  const [longest = 0] = survey.dimensions.keys();
  return {
    name,
    tenant,
    database,
    recordCount,
    readableCount: survey.recordCount,
    dimension: dimension > 0 ? dimension : longest,
    distance,
    embeddingFunction,
    metadata,
    indexBytes,
    textBytes: survey.textBytes,
    metadataBytes: survey.metadataBytes,
    norms: survey.norms.norms,
    keys: survey.keys.list(),
    findings: inventoryFindings(collection, survey, index),
  };
}
