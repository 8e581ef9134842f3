import { JsonError } from "../../foundation/exact-json/index.ts";
import type { StoreRecord } from "../../store/document.ts";
import { jsonBytes } from "../../store/document-problems.ts";

/** Maximum characters of a component in JSON: sign, point, 17 digits, comma. */
const componentBytes = 20;
/** Braces, keys and commas of a record. */
const frameBytes = 64;

/** Approximate bytes of a record in a request. */
export function requestBytesOf(record: StoreRecord, includeVectors: boolean): number {
  const { id, text = "", metadata, vector, sparseVector } = record;
  const components = includeVectors ? (vector?.length ?? 0) + 2 * (sparseVector?.indices.length ?? 0) : 0;
  return (
    frameBytes +
    Buffer.byteLength(id) +
    Buffer.byteLength(text) +
    metadataBytes(metadata) +
    components * componentBytes
  );
}

/** 0 for metadata that JSON cannot hold: such a record is refused before it is sent. */
function metadataBytes(metadata: StoreRecord["metadata"]): number {
  try {
    return metadata === undefined ? 0 : jsonBytes(metadata);
  } catch (error) {
    if (error instanceof JsonError) return 0;
    throw error;
  }
}
