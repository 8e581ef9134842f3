import { JsonError, parseJson, stringifyJson } from "../../foundation/exact-json/index.ts";
import { invalid } from "./validation.ts";

/**
 * Metadata as the JSON text that is stored.
 * @throws {InvalidRequestError} 422 for a value that JSON cannot hold, by its path, and for too many bytes
 */
export function metadataText(metadata: unknown, maximumBytes: number): string {
  const text = written(metadata);
  const bytes = Buffer.byteLength(text);
  if (bytes <= maximumBytes) return text;
  throw invalid(`The metadata of a record is too large: ${bytes} bytes, maximum: ${maximumBytes}`);
}

function written(metadata: unknown): string {
  try {
    return stringifyJson(metadata);
  } catch (error) {
    throw error instanceof JsonError ? invalid(`metadata cannot be stored: ${error.message}`) : error;
  }
}

/**
 * The value of stored metadata. It is text that `stringifyJson` wrote, so that the native parser could only
 * change integers beyond 2^53.
 */
export function parseMetadata(text: string): unknown {
  return /[[:,]-?[0-9]{16}/.test(text) ? parseJson(text) : JSON.parse(text);
}
