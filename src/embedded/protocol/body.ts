import { isUnsafeInteger } from "../../foundation/exact-json/index.ts";
import { metadataText } from "../index/metadata.ts";
import { invalid } from "../index/validation.ts";
import type { IndexLimits } from "../settings.ts";
import { requireKey } from "../storage/text.ts";
import { type PackedSparseVector, packSparse } from "../storage/vectors.ts";

/**
 * Readers of request bodies. They accept what the official clients send: `null` for absent fields, numbers
 * for ids, booleans in quotes.
 */

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a body is empty. Clients send nothing, `null` or `[]` to commands that need no body. */
export function isEmptyBody(body: unknown): boolean {
  return body === undefined || body === null || (Array.isArray(body) && body.length === 0);
}

/** The body of a command that takes an object. */
export function fieldsOf(body: unknown): Fields {
  if (isFields(body)) return body;
  throw invalid("The request body must be a JSON object");
}

/** The items of a command: one object, or a list of objects. */
export function itemsOf(body: unknown, limits: IndexLimits): Fields[] {
  const items = Array.isArray(body) ? body : [body];
  if (items.length > limits.batch) {
    throw invalid(`Too many items in one request: ${items.length}, maximum: ${limits.batch}`);
  }
  return items.map((item, place) => {
    if (isFields(item)) return item;
    throw invalid(`Item ${place} of the request body must be a JSON object`);
  });
}

export function idOf(value: unknown): string {
  if (typeof value === "bigint" || (typeof value === "number" && Number.isFinite(value))) {
    return numericId(value);
  }
  if (typeof value !== "string") throw invalid("The id must be a string");
  return requireKey("id", value);
}

/** Beyond 2^53 a double can represent several ids. */
function numericId(value: number | bigint): string {
  if (typeof value === "bigint" || isUnsafeInteger(value)) {
    throw invalid(
      `The id ${value} is beyond 2^53, where a number may have been rounded; send it as a string`,
    );
  }
  return String(value);
}

export function idsOf(value: unknown, limits: IndexLimits): string[] {
  if (!Array.isArray(value)) throw invalid("ids must be a list of strings");
  if (value.length > limits.batch)
    throw invalid(`Too many ids in one request: ${value.length}, maximum: ${limits.batch}`);
  return value.map(idOf);
}

export function textOf(fields: Fields, name: string): string | undefined {
  const value = fields[name] ?? undefined;
  if (value === undefined || typeof value === "string") return value;
  throw invalid(`${name} must be a string`);
}

export function flagOf(fields: Fields, name: string): boolean {
  const value = fields[name] ?? false;
  if (typeof value === "boolean") return value;
  if (value === "true" || value === "false") return value === "true";
  throw invalid(`${name} must be true or false`);
}

/** A flag of the query string: `?all`, `?all=true` and `?all=1` set it. */
export function flagOfQuery(query: URLSearchParams, name: string): boolean {
  const values = new Set(query.getAll(name).map((value) => flagTexts.get(value)));
  if (values.size === 0) return false;
  const [flag] = values;
  if (values.size === 1 && flag !== undefined) return flag;
  throw invalid(`${name} must be true or false`);
}

const flagTexts: ReadonlyMap<string, boolean> = new Map([
  ["", true],
  ["true", true],
  ["1", true],
  ["false", false],
  ["0", false],
]);

export function countOf(fields: Fields, name: string, fallback: number, maximum: number): number {
  const value = fields[name] ?? fallback;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1 || value > maximum) {
    throw invalid(`${name} must be a whole number from 1 to ${maximum}`);
  }
  return value;
}

export function choiceOf<T extends string>(
  fields: Fields,
  name: string,
  choices: readonly T[],
): T | undefined {
  const value = fields[name] ?? undefined;
  if (value === undefined || choices.includes(value as T)) return value as T | undefined;
  throw invalid(`${name} must be one of ${choices.join(", ")}`);
}

/** @param ownsBody whether the body was parsed for this call: then its vectors need no copy */
export function denseOf(fields: Fields, ownsBody: boolean): Float32Array | undefined {
  const value = fields.vector ?? undefined;
  if (value === undefined) return undefined;
  if (value instanceof Float32Array && ownsBody) return value;
  if (value instanceof Float32Array && areFinite(value)) return value.slice();
  if (!Array.isArray(value) && !(value instanceof Float32Array))
    throw invalid("vector must be a list of numbers");
  return numbersOf(value, "vector");
}

/** By a sum of products with zero, which only finite numbers leave at zero: much faster than a test of each. */
function areFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let place = 0; place < values.length; place++) sum += (values[place] as number) * 0;
  return sum === 0;
}

export function sparseOf(fields: Fields, limits: IndexLimits): PackedSparseVector | undefined {
  const value = fields.sparseVector ?? undefined;
  if (value === undefined) return undefined;
  if (!isFields(value) || !Array.isArray(value.indices) || !Array.isArray(value.values)) {
    throw invalid("sparseVector must hold the lists indices and values");
  }
  const { indices, values } = value;
  if (indices.length !== values.length)
    throw invalid("indices and values of a sparse vector must be of equal length");
  if (indices.length === 0) throw invalid("A sparse vector must have at least one entry");
  if (indices.length > limits.sparseEntries) {
    throw invalid(`Too many entries in a sparse vector: ${indices.length}, maximum: ${limits.sparseEntries}`);
  }
  for (const index of indices) {
    if (!isInt32(index)) {
      throw invalid("The indices of a sparse vector must be whole numbers from -2147483648 to 2147483647");
    }
  }
  return packSparse({ indices, values: [...numbersOf(values, "values of a sparse vector")] });
}

function isInt32(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= -0x80000000 && (value as number) <= 0x7fffffff;
}

function numbersOf(values: ArrayLike<unknown>, name: string): Float32Array {
  const numbers = new Float32Array(values.length);
  for (let place = 0; place < values.length; place++) {
    const value = values[place];
    const isNumber = typeof value === "number" || typeof value === "bigint";
    numbers[place] = isNumber ? Number(value) : Number.NaN;
    if (!Number.isFinite(numbers[place])) throw invalid(`${name} must hold finite numbers`);
  }
  return numbers;
}

/** Metadata as JSON text. */
export function metadataOf(fields: Fields, limits: IndexLimits): string | undefined {
  const value = fields.metadata ?? undefined;
  if (value === undefined) return undefined;
  if (!isFields(value)) throw invalid("metadata must be a JSON object");
  return metadataText(value, limits.metadataBytes);
}

export function dataOf(fields: Fields, limits: IndexLimits): string | undefined {
  const text = textOf(fields, "data");
  if (text !== undefined && Buffer.byteLength(text) > limits.dataBytes) {
    throw invalid(
      `The data of a record is too large: ${Buffer.byteLength(text)} bytes, maximum: ${limits.dataBytes}`,
    );
  }
  return text;
}
