import { JsonError, type JsonProblem } from "./json-error.ts";
import { isUnsafeInteger } from "./numbers.ts";
import { maximumDepth } from "./options.ts";
import { JsonText } from "./value.ts";

/**
 * Writes a value so that `parseJson` reads the same one: a `bigint` with all its digits, `JsonText` as it is,
 * `-0` as `-0`, a number beyond 2^53 with an exponent (an integer's digits would claim more than a double
 * holds), a typed array as a list. Everything else as `JSON.stringify` writes it: `toJSON` is asked, `undefined` is left out.
 *
 * @throws {JsonError} with the path of a NaN, an infinity, a value without a JSON form, or one that nests
 * deeper than 1,000 levels (or contains itself)
 *
 * @example
 * stringifyJson({ id: 1610521604143693812n }); // {"id":1610521604143693812}
 */
export function stringifyJson(value: unknown): string {
  const text = isOrdinary(value, 0) ? JSON.stringify(value) : write(value, []);
  if (text === undefined) throw failure("not-json", `${typeof value} has no form in JSON`, []);
  return text;
}

/** Whether `JSON.stringify` writes the value exactly. */
function isOrdinary(value: unknown, depth: number): boolean {
  if (typeof value === "number") return isOrdinaryNumber(value);
  if (typeof value === "bigint") return false;
  if (typeof value !== "object" || value === null) return true;
  if (depth === maximumDepth || value instanceof JsonText || "toJSON" in value || isTypedArray(value)) {
    return false;
  }
  if (Array.isArray(value)) {
    for (const item of value) if (!isOrdinary(item, depth + 1)) return false;
    return true;
  }
  for (const key of Object.keys(value)) {
    if (!isOrdinary((value as Record<string, unknown>)[key], depth + 1)) return false;
  }
  return true;
}

function isOrdinaryNumber(value: number): boolean {
  if (value === 0) return !Object.is(value, -0);
  // From 1e21 on JavaScript writes an exponent too.
  return Number.isFinite(value) && (!isUnsafeInteger(value) || Math.abs(value) >= 1e21);
}

/** `undefined` for what `JSON.stringify` leaves out. */
function write(given: unknown, path: (string | number)[]): string | undefined {
  if (given instanceof JsonText) return given.text;
  const value = hasToJson(given) ? given.toJSON(String(path.at(-1) ?? "")) : given;
  if (typeof value === "number") return writeNumber(value, path);
  if (typeof value === "bigint") return String(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (path.length >= maximumDepth) {
    throw failure("too-deep", `it nests deeper than ${maximumDepth} levels, or contains itself`, path);
  }
  const pieces: string[] = [];
  const isList = Array.isArray(value) || isTypedArray(value);
  const entries: Iterable<[string | number, unknown]> = isList ? value.entries() : Object.entries(value);
  for (const [key, item] of entries) {
    path.push(key);
    const text = write(item, path);
    path.pop();
    if (isList) pieces.push(text ?? "null");
    else if (text !== undefined) pieces.push(`${JSON.stringify(key)}:${text}`);
  }
  return isList ? `[${pieces.join()}]` : `{${pieces.join()}}`;
}

function writeNumber(value: number, path: (string | number)[]): string {
  if (!Number.isFinite(value)) throw failure("number-range", `${value} has no form in JSON`, path);
  if (Object.is(value, -0)) return "-0";
  return isUnsafeInteger(value) ? value.toExponential() : String(value);
}

function isTypedArray(value: object): value is Float32Array {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function hasToJson(value: unknown): value is { toJSON(key: string): unknown } {
  return typeof (value as { toJSON?: unknown } | null | undefined)?.toJSON === "function";
}

function failure(kind: JsonProblem, problem: string, path: (string | number)[]): JsonError {
  return new JsonError(kind, problem, path);
}
