import type { StoredRecord } from "../storage/record.ts";
import type { RecordParts } from "../storage/storage.ts";
import { type Fields, flagOf } from "./body.ts";
import { shortestFloat, shortestFloats } from "./float.ts";

/** A record on the wire; absent parts are left out, never null. */
export interface WireRecord {
  id: string;
  score?: number;
  /** Decimals, or where the caller asked for them, the float32 themselves. */
  vector?: number[] | Float32Array;
  sparseVector?: { indices: number[]; values: number[] };
  metadata?: unknown;
  data?: string;
}

/** The parts of records that a request asks for. */
export function partsOf(fields: Fields): RecordParts {
  return {
    metadata: flagOf(fields, "includeMetadata"),
    data: flagOf(fields, "includeData"),
    vectors: flagOf(fields, "includeVectors"),
  };
}

/** A match: the record with its score, in the shortest decimal of the float32. */
export function wireHit(record: StoredRecord, score: number, typedVectors: boolean): WireRecord {
  const { id, ...rest } = wireRecord(record, typedVectors);
  return { id, score: shortestFloat(score), ...rest };
}

/** @param typedVectors dense vectors as they are stored, not as lists of the shortest decimals */
export function wireRecord(record: StoredRecord, typedVectors: boolean): WireRecord {
  const wire: WireRecord = { id: record.id };
  if (record.dense) wire.vector = typedVectors ? record.dense : shortestFloats(record.dense);
  if (record.sparse) {
    wire.sparseVector = { indices: [...record.sparse.indices], values: shortestFloats(record.sparse.values) };
  }
  if (record.metadata !== undefined) wire.metadata = JSON.parse(record.metadata);
  if (record.data !== undefined) wire.data = record.data;
  return wire;
}
