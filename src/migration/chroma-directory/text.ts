import { isUtf8 } from "node:buffer";
import { damage } from "./faults.ts";

/**
 * A column of text, as bytes: the driver ends a text at its first NUL, and silently replaces bytes that are
 * not UTF-8.
 */
export function asBytes(column: string): string {
  return `CAST(${column} AS BLOB)`;
}

/**
 * The text of bytes that were read with `asBytes`.
 * @param what names the text in the error
 * @throws {DataError} when they are not UTF-8
 */
export function decodeText(file: string, bytes: Uint8Array, what: string): string {
  if (!isUtf8(bytes)) throw damage(file, `${what} is not UTF-8`);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
