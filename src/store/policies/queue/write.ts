import { NotFoundError } from "../../../foundation/errors.ts";
import { stringifyJson } from "../../../foundation/exact-json/index.ts";
import type { Document, StoreRecord } from "../../document.ts";
import type { DeleteTarget, DocumentChange, VectorStore } from "../../store.ts";

/**
 * A write as the queue stores it: the call, not its effect. A merge stays a merge and a filter a filter; they apply
 * to the records as they are when the write is sent.
 */
export type Write =
  | { readonly operation: "upsert"; readonly documents: readonly Document[] }
  | { readonly operation: "upsertRecords"; readonly records: readonly StoreRecord[] }
  | { readonly operation: "delete"; readonly target: DeleteTarget }
  | { readonly operation: "update"; readonly change: DocumentChange }
  | { readonly operation: "reset" }
  | { readonly operation: "deleteNamespace" };

/** Records in one queued write: a store accepts so many as a whole or not at all. */
const batchSize = 1_000;

/** Splits a write of many records into writes that a store accepts as a whole or not at all. */
export function splitWrite(write: Write): Write[] {
  switch (write.operation) {
    case "upsert":
      return batchesOf(write.documents).map((documents) => ({ operation: "upsert", documents }));
    case "upsertRecords":
      return batchesOf(write.records).map((records) => ({ operation: "upsertRecords", records }));
    default:
      return [write];
  }
}

function batchesOf<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / batchSize) }, (_, place) =>
    items.slice(place * batchSize, (place + 1) * batchSize),
  );
}

/** Records that a write names; `undefined` if only the store knows, as for a filter. */
export function recordsNamed(write: Write): number | undefined {
  switch (write.operation) {
    case "upsert":
      return write.documents.length;
    case "upsertRecords":
      return write.records.length;
    case "update":
      return 1;
    case "delete":
      return "ids" in write.target ? write.target.ids.length : undefined;
    default:
      return undefined;
  }
}

/** JSON; a typed array becomes a list of the same numbers. */
export function encodeWrite(write: Write): string {
  return stringifyJson(write);
}

/**
 * Carries out a write that may have been carried out before. Done twice in a row, each of them has the same effect
 * as done once: records are stored whole, merging a patch twice is merging it once (RFC 7396), and what is
 * deleted is gone.
 */
export async function carryOut(
  write: Write,
  store: VectorStore,
  namespace: string,
  signal: AbortSignal,
): Promise<void> {
  const options = { namespace, signal };
  switch (write.operation) {
    case "upsert":
      return store.upsert(write.documents, options);
    case "upsertRecords":
      return store.upsertRecords(write.records, options);
    case "delete":
      await store.delete(write.target, options);
      return;
    case "update":
      await store.update(write.change, options);
      return;
    case "reset":
      return store.reset(options);
    case "deleteNamespace":
      try {
        await store.deleteNamespace(namespace, { signal });
      } catch (error) {
        if (!(error instanceof NotFoundError)) throw error;
      }
  }
}
