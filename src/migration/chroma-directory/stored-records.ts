import type { ChromaDatabase, Row } from "./database.ts";
import { damage } from "./faults.ts";
import {
  appendStored,
  emptyContent,
  type LargeIntegers,
  type RecordContent,
  type StoredValue,
  setStored,
} from "./metadata.ts";
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
  readonly #largeIntegers: LargeIntegers;
  readonly #valueQuery: string;
  readonly #arrayQuery: string | undefined;

  constructor(database: ChromaDatabase, segment: string, largeIntegers: LargeIntegers) {
    this.#database = database;
    this.#segment = segment;
    this.#largeIntegers = largeIntegers;
    this.#valueQuery = valueQuery("embedding_metadata", database.columns("embedding_metadata"), "m.key");
    const array = database.columns("embedding_metadata_array");
    this.#arrayQuery =
      array.size > 0 ? valueQuery("embedding_metadata_array", array, "m.key, m.rowid") : undefined;
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

  /** Rows in their order, `size` at a time. */
  *pages(size: number): Generator<StoredRow[]> {
    for (let last = Number.MIN_SAFE_INTEGER; ; ) {
      // In the order of the table: the index would have to be sorted.
      const rows = this.#database.all<[number, Uint8Array]>(
        `SELECT id, ${asBytes("embedding_id")} FROM embeddings NOT INDEXED
         WHERE segment_id = ? AND id > ? ORDER BY id LIMIT ?`,
        this.#segment,
        last,
        size,
      );
      if (rows.length > 0) yield rows.map(([row, id]) => ({ row, id: this.#text(row, id, "id") }));
      if (rows.length < size) return;
      last = (rows.at(-1) as [number, Uint8Array])[0];
    }
  }

  /** Document and metadata of a page, by row. */
  read(page: readonly StoredRow[]): Map<number, RecordContent> {
    const contents = new Map(page.map(({ row }) => [row, emptyContent()]));
    const [first, last] = [page[0], page.at(-1)];
    if (!first || !last) return contents;
    const range = [first.row, last.row, this.#segment] as const;
    for (const [row, key, ...value] of this.#database.all(this.#valueQuery, ...range)) {
      setStored(
        this.#content(contents, row),
        this.#text(row, key, "key"),
        this.#value(row, value),
        this.#largeIntegers,
      );
    }
    if (this.#arrayQuery === undefined) return contents;
    for (const [row, key, ...value] of this.#database.all(this.#arrayQuery, ...range)) {
      appendStored(
        this.#content(contents, row),
        this.#text(row, key, "key"),
        this.#value(row, value),
        this.#largeIntegers,
      );
    }
    return contents;
  }

  #content(contents: Map<number, RecordContent>, row: Row[number] | undefined): RecordContent {
    const content = contents.get(Number(row));
    if (content === undefined) throw damage(this.#database.path, `row ${row} of embeddings is out of order`);
    return content;
  }

  #text(row: Row[number] | undefined, bytes: Row[number] | undefined, what: string): string {
    const { path } = this.#database;
    const place = `the ${what} in row ${row} of embeddings`;
    if (!(bytes instanceof Uint8Array)) throw damage(path, `${place} is missing`);
    return decodeText(path, bytes, place);
  }

  /** SQLite takes any kind of value in any column. */
  #value(row: Row[number] | undefined, [text, integer, float, bool]: Row): StoredValue {
    const isKnown =
      (integer === null || typeof integer === "number" || typeof integer === "string") &&
      (float === null || typeof float === "number") &&
      (bool === null || typeof bool === "number");
    if (!isKnown) {
      throw damage(this.#database.path, `the metadata of row ${row} of embeddings is of a wrong kind`);
    }
    return [text === null ? null : this.#text(row, text, "metadata"), integer, float, bool];
  }
}

/** The values of a range of records. Whole numbers past 2^53 come as text: the driver has no number for them. */
function valueQuery(table: string, columns: ReadonlySet<string>, order: string): string {
  return `SELECT e.id, ${asBytes("m.key")}, ${asBytes("m.string_value")},
                 iif(typeof(m.int_value) = 'integer' AND abs(m.int_value / 2) > 4503599627370495,
                     CAST(m.int_value AS TEXT), m.int_value),
                 m.float_value, ${columns.has("bool_value") ? "m.bool_value" : "NULL"}
          FROM embeddings e NOT INDEXED CROSS JOIN ${table} m ON m.id = e.id
          WHERE e.id BETWEEN ? AND ? AND e.segment_id = ? ORDER BY e.id, ${order}`;
}
