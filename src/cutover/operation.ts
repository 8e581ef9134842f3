import { parseJson, stringifyJson } from "../foundation/exact-json/index.ts";
import { mergePatch } from "../foundation/merge-patch.ts";
import { wholeNamespace } from "../state/cutover/rows.ts";
import type { Document, Metadata, StoreRecord } from "../store/document.ts";
import { filterPredicate } from "../store/filter.ts";
import { recordBytes } from "../store/record-bytes.ts";
import type { DeleteTarget, DocumentChange } from "../store/store.ts";

/**
 * A write to one record, or to a whole namespace (rule 16). Applied twice in a row, each has the effect of once, and so has a sequence of them: the
 * last operation that names a part of the record decides it.
 */
export type Operation =
  | { readonly kind: "document"; readonly document: Document }
  | { readonly kind: "record"; readonly record: StoreRecord }
  | { readonly kind: "change"; readonly change: DocumentChange }
  | { readonly kind: "delete"; readonly id: string }
  | { readonly kind: "reset" }
  | { readonly kind: "deleteMatching"; readonly target: Exclude<DeleteTarget, { ids: unknown }> }
  | { readonly kind: "deleteNamespace" };

/** A mark that asks for a copy holds no operation. */
export const touchText = "";

export function idOf(operation: Operation): string {
  switch (operation.kind) {
    case "document":
      return operation.document.id;
    case "record":
      return operation.record.id;
    case "change":
      return operation.change.id;
    case "delete":
      return operation.id;
    case "reset":
    case "deleteMatching":
    case "deleteNamespace":
      return wholeNamespace;
  }
}

/** Whether it is about a whole namespace, and not about one record. */
export function isAboutNamespace({ kind }: Operation): boolean {
  return kind === "reset" || kind === "deleteMatching" || kind === "deleteNamespace";
}

/** Roughly, as sent. */
export function bytesOf(operation: Operation): number {
  switch (operation.kind) {
    case "document":
      return recordBytes(operation.document);
    case "record":
      return recordBytes(operation.record);
    case "change":
      return recordBytes({ ...operation.change });
    default:
      return idOf(operation).length;
  }
}

/** JSON; a typed array becomes a list of the same numbers. */
export function encodeOperation(operation: Operation): string {
  return stringifyJson(operation);
}

export function decodeOperation(text: string): Operation | undefined {
  return text === touchText ? undefined : (parseJson(text) as Operation);
}

/**
 * The record after an operation, as a store would leave it.
 * @param record as it is; `undefined` if it does not exist
 */
export function applyOperation(
  record: StoreRecord | undefined,
  operation: Operation,
): StoreRecord | undefined {
  switch (operation.kind) {
    case "document":
      return operation.document;
    case "record":
      return operation.record;
    case "change":
      return record && changed(record, operation.change);
    case "delete":
    case "reset":
    case "deleteNamespace":
      return undefined;
    case "deleteMatching":
      return record && matches(record, operation.target) ? undefined : record;
  }
}

function matches({ id, metadata }: StoreRecord, target: Exclude<DeleteTarget, { ids: unknown }>): boolean {
  return "prefix" in target ? id.startsWith(target.prefix) : filterPredicate(target.filter)(metadata);
}

function changed(record: StoreRecord, { text, metadata, mergeMetadata }: DocumentChange): StoreRecord {
  const { vector, sparseVector, ...rest } = record;
  const merged = mergeMetadata ? (mergePatch(record.metadata ?? {}, metadata ?? {}) as Metadata) : metadata;
  return {
    ...rest,
    // The vectors of another text: the store makes new ones.
    ...(text === undefined && vector && { vector }),
    ...(text === undefined && sparseVector && { sparseVector }),
    ...(text !== undefined && { text }),
    ...(merged !== undefined && { metadata: merged }),
  };
}
