import type { ColumnChunk } from "hyparquet";
import type { ByteWriter } from "hyparquet-writer";
import { writePageHeader } from "hyparquet-writer/src/datapage.js";

/** A column of lists of numbers in one row group. */
export interface ListColumn {
  readonly path: string[];
  readonly type: "FLOAT" | "INT64";
  /** Elements of each row; `undefined` for a row without a list. */
  readonly lengths: readonly (number | undefined)[];
  /** All elements, little-endian. */
  readonly bytes: Uint8Array;
}

/**
 * Definition levels of an optional list of required elements: nothing, an empty list, an element
 * (parquet.apache.org/docs/file-format/nestedencoding).
 */
const level = { missing: 0, empty: 1, element: 2 } as const;

/**
 * Writes a column of lists as one uncompressed data page. The library encodes lists element by element, which
 * takes most of the time of an export; the elements of a vector lie side by side already.
 */
export function writeListColumn(writer: ByteWriter, column: ListColumn): ColumnChunk {
  const { path, type, lengths, bytes } = column;
  const start = writer.offset;
  const repetitions = new LevelRuns();
  const definitions = new LevelRuns();
  let slots = 0;
  let nulls = 0;
  for (const length of lengths) {
    repetitions.add(0, 1);
    if (length === undefined || length === 0) {
      definitions.add(length === undefined ? level.missing : level.empty, 1);
      slots++;
      nulls++;
    } else {
      repetitions.add(1, length - 1);
      definitions.add(level.element, length);
      slots += length;
    }
  }
  const levels = [repetitions.end(), definitions.end()] as const;
  const size = levels[0].length + levels[1].length + bytes.length;
  writePageHeader(writer, {
    type: "DATA_PAGE_V2",
    uncompressed_page_size: size,
    compressed_page_size: size,
    data_page_header_v2: {
      num_values: slots,
      num_nulls: nulls,
      num_rows: lengths.length,
      encoding: "PLAIN",
      repetition_levels_byte_length: levels[0].length,
      definition_levels_byte_length: levels[1].length,
      is_compressed: false,
    },
  });
  for (const part of [...levels, bytes]) writer.appendBytes(part);
  const chunkSize = BigInt(writer.offset - start);
  return {
    file_offset: BigInt(start),
    meta_data: {
      type,
      encodings: ["RLE", "PLAIN"],
      path_in_schema: path,
      codec: "UNCOMPRESSED",
      num_values: BigInt(slots),
      total_uncompressed_size: chunkSize,
      total_compressed_size: chunkSize,
      data_page_offset: BigInt(start),
    },
  };
}

/** Levels as runs of equal values (parquet.apache.org/docs/file-format/data-pages/encodings, RLE). */
class LevelRuns {
  readonly #bytes: number[] = [];
  #value = 0;
  #count = 0;

  add(value: number, count: number): void {
    if (value !== this.#value) {
      this.#flush();
      this.#value = value;
    }
    this.#count += count;
  }

  end(): Uint8Array {
    this.#flush();
    return Uint8Array.from(this.#bytes);
  }

  #flush(): void {
    if (this.#count === 0) return;
    // Twice the length as a varint, then the value, which takes one byte.
    let header = this.#count * 2;
    for (; header >= 0x80; header = Math.floor(header / 0x80)) this.#bytes.push((header % 0x80) | 0x80);
    this.#bytes.push(header, this.#value);
    this.#count = 0;
  }
}
