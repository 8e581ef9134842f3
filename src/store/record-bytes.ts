import { BoundedBatch } from "../foundation/bounded-batch.ts";
import type { StoreRecord } from "./document.ts";

/** Bytes of a float in memory, and of a number or a key beside its characters. */
const numberBytes = 8;

/** Memory that a record takes, about. */
export function recordBytes({ id, text = "", metadata, vector, sparseVector }: StoreRecord): number {
  const numbers = (vector?.length ?? 0) + 2 * (sparseVector?.indices.length ?? 0);
  return id.length + text.length + numbers * numberBytes + valueBytes(metadata);
}

export function recordsBytes(records: readonly StoreRecord[]): number {
  return records.reduce((sum, record) => sum + recordBytes(record), 0);
}

/** Consecutive parts of a list, bounded by number and by bytes: one request of many large records would be refused. */
export function* recordBatches<Item extends StoreRecord>(
  records: readonly Item[],
  maximumCount: number,
): Generator<Item[]> {
  const batch = new BoundedBatch<Item>(maximumCount);
  for (const record of records) {
    const full = batch.add(record, recordBytes(record));
    if (full) yield full;
  }
  const rest = batch.take();
  if (rest.length > 0) yield rest;
}

function valueBytes(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return numberBytes;
  let bytes = numberBytes;
  for (const [key, member] of Object.entries(value)) bytes += key.length + valueBytes(member);
  return bytes;
}
