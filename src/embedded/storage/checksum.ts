import { crc32 } from "node:zlib";

/** What a column of a row can hold. */
export type ColumnValue = string | Uint8Array | number | null;

/**
 * The CRC-32 of columns that belong together, over what they hold and how: a bit that flips in a value,
 * in its length or in its type changes it. Text counts in UTF-8, as it is stored.
 */
export function checksum(...columns: readonly ColumnValue[]): number {
  let sum = crc32(columns.map(shapeOf).join(" "));
  for (const column of columns) {
    if (typeof column === "string" || column instanceof Uint8Array) sum = crc32(column, sum);
  }
  return sum;
}

/** A number itself; of a text or of bytes, which of the two and how long. */
function shapeOf(column: ColumnValue): string {
  if (column === null) return "null";
  if (typeof column === "number") return `${column}`;
  return `${typeof column === "string" ? "text" : "bytes"}:${column.length}`;
}
