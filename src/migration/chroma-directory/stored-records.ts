import { isUtf8 } from "node:buffer";
import { BoundedBatch } from "../../foundation/bounded-batch.ts";
import { JsonText } from "../../foundation/exact-json/index.ts";
import { quoted } from "../../foundation/quoted.ts";
import { notFinite } from "../record-fault.ts";
import type { ChromaDatabase, Row } from "./database.ts";
import { damage } from "./faults.ts";
import { appendStored, emptyContent, type RecordContent, type StoredValue, setStored } from "./metadata.ts";
import { asBytes, decodeText } from "./text.ts";

/** A row of `embeddings`, in the order of which records were added. */
export interface StoredRow {
  readonly row: number;
  readonly id: string;
}

/** The records that Chroma's metadata segment of one collection holds: ids, documents, metadata. */
export class StoredRecords {
  readonly #database: ChromaDatabase;
  readonly #segment: string;
  readonly #tables: { readonly values: ValueTable; readonly arrays: ValueTable | undefined };

  constructor(database: ChromaDatabase, segment: string) {
    this.#database = database;
    this.#segment = segment;
    const hasBool = database.columns("embedding_metadata").has("bool_value");
    const hasArrays = database.columns("embedding_metadata_array").size > 0;
    this.#tables = {
      values: { name: "embedding_metadata", hasBool, order: "m.key" },
      arrays: hasArrays ? { name: "embedding_metadata_array", hasBool, order: "m.key, m.rowid" } : undefined,
    };
  }

  count(): number {
    const row = this.#database.get<[number]>(
      "SELECT count(*) FROM embeddings WHERE segment_id = ?",
      this.#segment,
    );
    return row?.[0] ?? 0;
  }

  has(id: string): boolean {
    const found = this.#database.get(
      "SELECT 1 FROM embeddings WHERE segment_id = ? AND embedding_id = CAST(? AS TEXT)",
      this.#segment,
      Buffer.from(id),
    );
    return found !== undefined;
  }

  /** Rows in their order: `size` at a time, and fewer if their texts are large. */
  *pages(size: number): Generator<StoredRow[]> {
    const page = new BoundedBatch<StoredRow>(size);
    for (let last = Number.MIN_SAFE_INTEGER; ; ) {
      // In the order of the table: the index would have to be sorted.
      const rows = this.#database.all<[number, Uint8Array, number]>(
        `SELECT id, ${asBytes("embedding_id")},
                (SELECT total(octet_length(m.string_value)) FROM embedding_metadata m WHERE m.id = e.id)
         FROM embeddings e NOT INDEXED WHERE segment_id = ? AND id > ? ORDER BY id LIMIT ?`,
        this.#segment,
        last,
        size,
      );
      for (const [row, id, bytes] of rows) {
        const full = page.add({ row, id: this.#text(row, id, "id") }, bytes);
        if (full) yield full;
      }
      const rest = page.take();
      if (rest.length > 0) yield rest;
      const end = rows.at(-1);
      if (end === undefined || rows.length < size) return;
      last = end[0];
    }
  }

  /**
   * Document and metadata of a page, by row.
   * @param exactNumbers gives a float without a fraction as `JsonText`, `1.0`
   */
  read(page: readonly StoredRow[], exactNumbers = false): Map<number, RecordContent> {
    const contents = new Map(page.map(({ row }) => [row, emptyContent()]));
    const [first, last] = [page[0], page.at(-1)];
    if (!first || !last) return contents;
    const range = [first.row, last.row, this.#segment] as const;
    for (const value of this.#values(this.#tables.values, range, exactNumbers))
      setStored(this.#content(contents, value), value);
    if (this.#tables.arrays === undefined) return contents;
    for (const value of this.#values(this.#tables.arrays, range, exactNumbers))
      appendStored(this.#content(contents, value), value);
    return contents;
  }

  /** As texts, which is fast, or as bytes if the driver would not return the texts as they are. */
  *#values(
    table: ValueTable,
    range: readonly [number, number, string],
    exactNumbers: boolean,
  ): Generator<StoredValue> {
    const rows = this.#database.all<ValueRow>(
      valueQuery(table, (column) => column),
      ...range,
    );
    const isExact = rows.every(
      ([, key, value, kind, octets]) => octets === octetsOf(key) + (isText(kind) ? octetsOf(value) : 0),
    );
    const exact = isExact ? rows : this.#database.all<ValueRow>(valueQuery(table, asBytes), ...range);
    for (const [row, key, value, kind] of exact) {
      const [name, content] = [textOf(key), isText(kind) ? textOf(value) : value];
      if (name === undefined || content === undefined || kind === kinds.unknown) {
        const problem =
          kind === kinds.unknown
            ? `its metadata ${quoted(name ?? "")} is of a type that Chroma does not write`
            : `${name === undefined ? "a key" : `the text ${quoted(name)}`} of its metadata is not UTF-8`;
        yield { row, key: "", value: "", fault: { problem } };
        continue;
      }
      const stored = this.#toStored(row, name, content, kind);
      yield exactNumbers && kind === kinds.real ? { ...stored, value: asFloat(value as number) } : stored;
    }
  }

  #toStored(row: number, key: string, value: unknown, kind: number): StoredValue {
    if (kind === kinds.bool) return { row, key, value: value === 1 };
    if (kind === kinds.largeInteger) return { row, key, value: BigInt(value as string) };
    if (typeof value === "number" && !Number.isFinite(value)) {
      return { row, key, value, fault: notFinite(key, String(value)) };
    }
    return { row, key, value };
  }

  #content(contents: Map<number, RecordContent>, { row }: StoredValue): RecordContent {
    const content = contents.get(row);
    if (content === undefined) throw damage(this.#database.path, `row ${row} of embeddings is out of order`);
    return content;
  }

  #text(row: Row[number] | undefined, bytes: Row[number] | undefined, what: string): string {
    const { path } = this.#database;
    const place = `the ${what} in row ${row} of embeddings`;
    if (!(bytes instanceof Uint8Array)) throw damage(path, `${place} is missing`);
    return decodeText(path, bytes, place);
  }
}

/** A table of values, and what its versions differ in. */
interface ValueTable {
  readonly name: string;
  readonly hasBool: boolean;
  readonly order: string;
}

type ValueRow = readonly [row: number, key: Row[number], value: Row[number], kind: number, octets: number];

/** Which of its four columns holds a value. */
const kinds = { none: 0, text: 1, largeInteger: 2, integer: 3, real: 4, bool: 5, unknown: 6 } as const;

/** A float in the form of a float: without a fraction, JavaScript writes it as an integer. */
function asFloat(value: number): number | JsonText {
  const digits = String(value);
  return /^-?\d+$/.test(digits) ? new JsonText(`${digits}.0`) : value;
}

/** A text that came as one or as bytes; `undefined` if it is not UTF-8. */
function textOf(item: Row[number] | undefined): string | undefined {
  if (!(item instanceof Uint8Array)) return item as string;
  return isUtf8(item) ? Buffer.from(item).toString("utf8") : undefined;
}

function isText(kind: number): boolean {
  return kind === kinds.text;
}

/** Bytes that a text takes; `NaN` if a character may represent bytes that are not UTF-8. */
function octetsOf(text: unknown): number {
  return typeof text !== "string" || text.includes("\ufffd") ? Number.NaN : Buffer.byteLength(text);
}

/** The values of a range of records. Integers beyond 2^53 come as text: the driver has no number for them. */
function valueQuery({ name, hasBool, order }: ValueTable, text: (column: string) => string): string {
  const bool = hasBool ? "m.bool_value" : "NULL";
  const isLarge = "abs(m.int_value / 2) > 4503599627370495";
  const kind = `CASE typeof(m.string_value) WHEN 'text' THEN ${kinds.text} WHEN 'null' THEN
      CASE typeof(m.int_value) WHEN 'integer' THEN iif(${isLarge}, ${kinds.largeInteger}, ${kinds.integer}) WHEN 'null' THEN
      CASE typeof(m.float_value) WHEN 'real' THEN ${kinds.real} WHEN 'null' THEN
      CASE typeof(${bool}) WHEN 'integer' THEN ${kinds.bool} WHEN 'null' THEN ${kinds.none}
      ELSE ${kinds.unknown} END ELSE ${kinds.unknown} END ELSE ${kinds.unknown} END ELSE ${kinds.unknown} END`;
  return `SELECT e.id, ${text("m.key")},
                 coalesce(${text("m.string_value")}, iif(${isLarge}, CAST(m.int_value AS TEXT), m.int_value), m.float_value, ${bool}),
                 ${kind}, octet_length(m.key) + iif(typeof(m.string_value) = 'text', octet_length(m.string_value), 0)
          FROM embeddings e NOT INDEXED CROSS JOIN ${name} m ON m.id = e.id
          WHERE e.id BETWEEN ? AND ? AND e.segment_id = ? ORDER BY e.id, ${order}`;
}
