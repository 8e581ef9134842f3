import { BoundedCache } from "../../foundation/bounded-cache.ts";
import { JsonError, parseJson, stringifyJson } from "../../foundation/exact-json/index.ts";
import { setProperty } from "../../foundation/own-keys.ts";
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

/** Characters of stored metadata whose values are kept; a value takes about ten bytes a character. */
const charactersKept = 2 ** 20;

const foundValues = new BoundedCache<string, { readonly value: unknown; readonly characters: number }>(
  charactersKept,
  ({ characters }) => characters,
);

/**
 * `parseMetadata` for a record that a search found: searches find some records often. The caller gets a copy, which it
 * may change; that takes a quarter of the time of parsing.
 */
export function parseFoundMetadata(text: string): unknown {
  const make = () => ({ value: parseMetadata(text), characters: text.length });
  return copyOf(foundValues.getOrMake(text, make).value);
}

function copyOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(copyOf);
  const copy: Record<string, unknown> = { ...value };
  for (const key of Object.keys(copy)) {
    const part = copy[key];
    if (typeof part !== "object" || part === null) continue;
    setProperty(copy, key, copyOf(part));
  }
  return copy;
}
