import { checksum } from "../../sqlite/checksum.ts";
import type { StoredRecord } from "./record.ts";
import { textFromColumn } from "./text.ts";
import { denseFromBytes, sparseFromBytes } from "./vectors.ts";

/** Which parts of a record to read; the id is always read. */
export interface RecordParts {
  readonly metadata?: boolean;
  readonly data?: boolean;
  readonly vectors?: boolean;
}

/** The columns of the table `records` that one checksum covers; they are always read together. */
export interface RecordColumns {
  readonly slot: number;
  readonly namespace: number;
  readonly position: number;
  readonly id: string;
  readonly metadata: string | null;
  readonly checksum: number;
}

/** The text of a record has a separate checksum, so that a search does not have to read it. */
export interface DataColumns {
  readonly id: string;
  readonly data: string | Uint8Array | null;
  readonly dataChecksum: number;
}

/** A row of the table `vectors`; its checksum is null if the record has no such row. */
export interface VectorColumns {
  readonly slot: number;
  readonly dense: Uint8Array | null;
  readonly sparse: Uint8Array | null;
  readonly vectorChecksum: number | null;
}

/** The one row of the table `settings`: `value` is JSON text. */
export interface SettingsRow {
  readonly name: string;
  readonly value: string;
  readonly checksum: number;
}

/** A record from the database, with data and vectors only on request. */
export type RecordRow = RecordColumns & Partial<DataColumns> & Partial<VectorColumns>;

export const recordColumns = "r.slot, r.namespace, r.position, r.id, r.metadata, r.checksum";
export const vectorColumns = "v.dense, v.sparse, v.checksum AS vectorChecksum";
const dataColumns = "r.data, r.data_checksum AS dataChecksum";

/** Reads records as `r` with the parts asked for. A record without its row of vectors is read too. */
export function selectRecords(parts: RecordParts): string {
  return `SELECT ${columnsOf(parts)} FROM records r ${withVectors(parts)}`;
}

/** The same for the slots in a list, JSON text, in its order; a slot that is no longer valid is left out. */
export function selectListed(parts: RecordParts): string {
  return `SELECT ${columnsOf(parts)}
    FROM json_each(?) AS listed CROSS JOIN records r ON r.slot = listed.value ${withVectors(parts)}`;
}

function columnsOf(parts: RecordParts): string {
  return [recordColumns, parts.data && dataColumns, parts.vectors && vectorColumns]
    .filter(Boolean)
    .join(", ");
}

function withVectors(parts: RecordParts): string {
  return parts.vectors ? "LEFT JOIN vectors v ON v.slot = r.slot" : "";
}

/** A row of `selectListed` that was read as a list of values: these take half as long as objects. */
export function rowOfList(values: readonly unknown[], parts: RecordParts): RecordRow {
  const [slot, namespace, position, id, metadata, checksum] = values;
  const record = { slot, namespace, position, id, metadata, checksum } as RecordColumns;
  if (!parts.data && !parts.vectors) return record;
  const [data, dataChecksum] = parts.data ? values.slice(6) : [];
  const [dense, sparse, vectorChecksum] = parts.vectors ? values.slice(parts.data ? 8 : 6) : [];
  return { ...record, data, dataChecksum, dense, sparse, vectorChecksum } as RecordRow;
}

export function recordChecksum(row: Omit<RecordColumns, "slot" | "checksum">): number {
  return checksum(row.namespace, row.position, row.id, row.metadata);
}

export function dataChecksum(row: Omit<DataColumns, "dataChecksum">): number {
  return checksum(row.id, row.data);
}

export function vectorChecksum(row: Omit<VectorColumns, "vectorChecksum">): number {
  return checksum(row.slot, row.dense, row.sparse);
}

export function settingsChecksum(row: Omit<SettingsRow, "checksum">): number {
  return checksum(row.name, row.value);
}

export function settingsAreIntact(row: SettingsRow): boolean {
  return row.checksum === settingsChecksum(row);
}

/** Whether every part that was read matches its checksum. */
export function isIntact(row: RecordRow): boolean {
  return (
    row.checksum === recordChecksum(row) &&
    (row.dataChecksum === undefined || dataIsIntact(row as DataColumns)) &&
    (row.vectorChecksum === undefined || vectorsAreIntact(row as VectorColumns))
  );
}

function dataIsIntact(row: DataColumns): boolean {
  return row.dataChecksum === dataChecksum(row);
}

export function vectorsAreIntact(row: VectorColumns): boolean {
  return row.vectorChecksum === vectorChecksum(row);
}

/** The vectors of a row that is intact. */
export function toVectors(row: Pick<Partial<VectorColumns>, "dense" | "sparse">): {
  dense: StoredRecord["dense"];
  sparse: StoredRecord["sparse"];
} {
  return {
    dense: row.dense ? denseFromBytes(row.dense) : undefined,
    sparse: row.sparse ? sparseFromBytes(row.sparse) : undefined,
  };
}

/** The record of a row that is intact, with the parts asked for. */
export function toRecord(row: RecordRow, parts: RecordParts): StoredRecord {
  return {
    id: row.id,
    metadata: parts.metadata ? (row.metadata ?? undefined) : undefined,
    data: textFromColumn(row.data ?? null),
    ...toVectors(row),
  };
}
