import { parseJson } from "../../foundation/exact-json/index.ts";
import { mergePatch } from "../../foundation/merge-patch.ts";
import { compileFilter } from "../filter/index.ts";
import type { Storage } from "../storage/storage.ts";
import type { PackedSparseVector } from "../storage/vectors.ts";
import { metadataText, parseMetadata } from "./metadata.ts";
import type { SearchRequest } from "./search.ts";

/** What to delete: exactly one of the three. */
export type DeleteTarget =
  | { readonly ids: readonly string[] }
  | { readonly prefix: string }
  | { readonly filter: NonNullable<SearchRequest["filter"]> };

/** A change to one record; parts that are absent stay as they are. */
export interface RecordChange {
  readonly id: string;
  readonly dense?: Float32Array;
  readonly sparse?: PackedSparseVector;
  readonly data?: string;
  readonly metadata?: unknown;
  /** `PATCH`: merge into the existing metadata (RFC 7396). Default: replace it. */
  readonly metadataMode?: "OVERWRITE" | "PATCH";
}

/** The slots of the records to delete. */
export function slotsOf(storage: Storage, namespace: number, target: DeleteTarget): Set<number> {
  if ("prefix" in target) return new Set(storage.slotsWithPrefix(namespace, target.prefix));
  if ("ids" in target) {
    return new Set(target.ids.flatMap((id) => storage.findSlot(namespace, id) ?? []));
  }
  const holds = compileFilter(target.filter);
  const slots = new Set<number>();
  for (const { slot, metadata } of storage.metadataBySlot(namespace)) {
    if (holds(metadata === undefined ? undefined : parseMetadata(metadata))) slots.add(slot);
  }
  return slots;
}

/**
 * The metadata of a record after a change.
 * @throws {InvalidRequestError} for more than `maximumBytes`
 */
export function changedMetadata(
  old: string | undefined,
  change: RecordChange,
  maximumBytes: number,
): string | undefined {
  if (change.metadata === undefined) return old;
  const isPatch = change.metadataMode === "PATCH";
  const merged = isPatch
    ? mergePatch(old === undefined ? {} : parseJson(old, { literals: "everywhere" }), change.metadata)
    : change.metadata;
  return metadataText(merged, maximumBytes);
}
