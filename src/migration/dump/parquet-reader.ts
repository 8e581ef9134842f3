import {
  type AsyncBuffer,
  type FileMetaData,
  type ParquetReadOptions,
  type ParquetRow,
  parquetMetadata,
  parquetReadObjects,
  type SchemaElement,
} from "hyparquet";
import { batchesOf } from "../../foundation/batches.ts";
import { parseJson } from "../../foundation/exact-json/index.ts";
import type { Metadata, StoreRecord } from "../../store/document.ts";
import { damaged } from "./faults.ts";
import { elementPath, listColumns, rowGroupRows, schema, textColumns } from "./parquet-schema.ts";
import type { ReadShardOptions, RecordBatches } from "./shard.ts";

type ReadOptions = Pick<ParquetReadOptions, "file" | "metadata" | "rowStart" | "rowEnd" | "columns">;

/** One record as the library gives it; `null` if the record lacks a part. */
interface Row {
  readonly id: string;
  readonly text: string | null;
  /** JSON. */
  readonly metadata: string | null;
  readonly vector: readonly number[] | null;
  readonly sparse_indices: readonly bigint[] | null;
  readonly sparse_values: readonly number[] | null;
}

/** The columns as each row group lists them. */
const leafPaths = [...textColumns, ...listColumns.map((name) => elementPath(name).join("."))].join(" ");

/** Keeps a byte order mark at the beginning of a text, which the library's own decoder drops. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const parsers = { stringFromBytes: (bytes: Uint8Array | undefined) => bytes && utf8.decode(bytes) };

/** The records of a shard in batches. @throws {DataError} naming the row */
export async function* readParquet(content: Uint8Array, options: ReadShardOptions): RecordBatches {
  const { path, batchSize, includeVectors, exactNumbers = false } = options;
  if (content.length !== options.contentByteCount) {
    throw damaged(path, `it holds ${content.length} bytes; the manifest says ${options.contentByteCount}`);
  }
  // `slice` of a Buffer is a view, that of its bytes a copy.
  const bytes = new Uint8Array(content.buffer, content.byteOffset, content.length);
  const file: AsyncBuffer = {
    byteLength: bytes.length,
    slice: (start, end) => bytes.slice(start, end).buffer as ArrayBuffer,
  };
  const columns = includeVectors ? [...textColumns, ...listColumns] : [...textColumns];
  let rowStart = 0;
  const metadata = readFooter(bytes, path);
  for (const group of metadata.row_groups) {
    const rowEnd = rowStart + Number(group.num_rows);
    const rows = await readRows({ file, metadata, rowStart, rowEnd, columns }, path);
    const records = rows.map((row, index) => toRecord(row as Row, path, rowStart + index + 1, exactNumbers));
    yield* batchesOf(records, batchSize);
    rowStart = rowEnd;
  }
}

/**
 * Reads the footer of a file. The library reads the pages, and a page that was built for that keeps it busy
 * without end: only the author of a dump, who also makes its hashes, can put one there.
 *
 * @throws {DataError} if it is not a Parquet file, or its columns are not those of a dump
 */
export function readFooter(content: Uint8Array, path: string): FileMetaData {
  let metadata: FileMetaData;
  try {
    // Searching for geographic columns, the library follows negative numbers of children without end.
    metadata = parquetMetadata(content, { geoparquet: false });
  } catch (cause) {
    throw damaged(path, `it is not a Parquet file: ${(cause as Error).message}`, { cause });
  }
  requireSchema(metadata, path);
  return metadata;
}

/**
 * With another schema the library gives up while it still reads columns, and a failure of one of them would
 * end the process.
 *
 * @throws {DataError} if the columns are not those of a dump
 */
function requireSchema({ schema: found, row_groups: groups }: FileMetaData, path: string): void {
  const shapes = (elements: readonly SchemaElement[]) =>
    elements
      .slice(1)
      .map(
        ({ name, type, repetition_type, num_children = 0 }) =>
          `${name} ${type} ${repetition_type} ${num_children}`,
      )
      .join("\n");
  const paths = groups.map(({ columns }) =>
    columns.map(({ meta_data: column }) => column?.path_in_schema.join(".")).join(" "),
  );
  const isSized = groups.every(({ num_rows: rows }) => rows >= 0 && rows <= rowGroupRows);
  if (isSized && shapes(found) === shapes(schema) && paths.every((columns) => columns === leafPaths)) return;
  throw damaged(path, "its columns are not those of a dump");
}

async function readRows(options: ReadOptions, path: string): Promise<ParquetRow[]> {
  try {
    return await parquetReadObjects({ ...options, parsers });
  } catch (cause) {
    throw damaged(path, `its rows from ${(options.rowStart ?? 0) + 1} on cannot be read: ${cause}`, {
      cause,
    });
  }
}

function toRecord(row: Row, path: string, line: number, exactNumbers: boolean): StoreRecord {
  try {
    requireKinds(row);
    return {
      id: row.id,
      ...(row.text != null && { text: row.text }),
      ...(row.metadata != null && { metadata: parseMetadata(row.metadata, exactNumbers) }),
      ...(row.vector != null && { vector: Float32Array.from(row.vector) }),
      ...(row.sparse_indices != null && {
        sparseVector: { indices: row.sparse_indices.map(Number), values: [...(row.sparse_values ?? [])] },
      }),
    };
  } catch (cause) {
    throw damaged(path, `it is not a record: ${(cause as Error).message}`, { line, cause });
  }
}

/** The type of each column besides null. */
const kinds: Readonly<Record<Exclude<keyof Row, "id">, (value: unknown) => boolean>> = {
  text: (value) => typeof value === "string",
  metadata: (value) => typeof value === "string",
  vector: (value) => isListOf(value, "number"),
  sparse_indices: (value) => isListOf(value, "bigint"),
  sparse_values: (value) => isListOf(value, "number"),
};

function isListOf(value: unknown, type: "number" | "bigint"): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === type);
}

/** @throws {Error} if a column holds a type that the schema of a dump does not have */
function requireKinds(row: Row): void {
  if (typeof row.id !== "string") throw new Error("the id is not text");
  for (const [name, isKind] of Object.entries(kinds)) {
    const value = row[name as keyof Row];
    if (value != null && !isKind(value)) throw new Error(`${name} is of another type`);
  }
}

function parseMetadata(text: string, exactNumbers: boolean): Metadata {
  const value = parseJson(text, exactNumbers ? { literals: "everywhere" } : {});
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Metadata;
  throw new Error("the metadata is not a JSON object");
}
