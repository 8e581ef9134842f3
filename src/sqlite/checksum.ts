import { crc32 } from "node:zlib";

/** What a column of a row can hold. */
export type ColumnValue = string | Uint8Array | number | null;

/**
 * The CRC-32 of columns that belong together, over their values and types: a bit that flips in a value, its length
 * or its type changes it. The length of text counts UTF-16 units, and the sum is over its UTF-8.
 */
export function checksum(...columns: readonly ColumnValue[]): number {
  let text = "";
  for (const column of columns) text += `${textOf(column)} `;
  let sum = crc32(text);
  for (const column of columns) {
    if (column instanceof Uint8Array) sum = crc32(column, sum);
  }
  return sum;
}

/** A number, a text with its length, or for bytes only the length. */
function textOf(column: ColumnValue): string {
  if (typeof column === "string") return `text:${column.length}:${column}`;
  return column instanceof Uint8Array ? `bytes:${column.length}` : `${column}`;
}
