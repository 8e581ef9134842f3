import { isUnsafeInteger } from "./numbers.ts";
import { containerValues, maximumDepth, type ReadJsonOptions } from "./options.ts";
import { hasLoneSurrogate, JsonReader, mayUnderflow } from "./reader.ts";

/** With bounds, longer texts are checked while they are read. Characters. */
const nativeLengthIfBounded = 2 ** 20;

/**
 * Reads JSON that others wrote, and never changes a value silently:
 *
 * - an integer beyond 2^53 is a `bigint` or is refused; a smaller one is a `number`
 * - any other number is the nearest double, as in every language; `1e400`, which no double holds, is refused,
 *   and so is `1e-400`, which would be 0
 * - an object with the same key twice is refused
 * - half of a surrogate pair is kept, or refused
 * - lists and objects may nest 1,000 levels
 *
 * For all other texts the result is that of `JSON.parse`, at about its speed: it is used if a check of the text
 * and of the result shows that nothing was lost.
 *
 * @throws {JsonError} with line, column and path of the first fault
 *
 * @example
 * parseJson('{"id": 1610521604143693812}'); // { id: 1610521604143693812n }
 * parseJson('[{"a": 1e400}]'); // JsonError: line 1, column 8, [0].a: 1e400 is outside the range of a double
 */
export function parseJson(text: string, options: ReadJsonOptions = {}): unknown {
  if (mayBeNative(text, options)) {
    const value = parseNative(text);
    if (value !== undefined && isLossless(value, text) && !hasTooManyItems(value, options)) return value;
  }
  return new JsonReader(text, options).read();
}

function mayBeNative(text: string, options: ReadJsonOptions): boolean {
  const { lists, literals, loneSurrogates, maximumItems, maximumValues } = options;
  if (lists !== undefined) return false;
  const isBounded = maximumItems !== undefined || maximumValues !== undefined;
  // Most values for their length: the items of [[],[],[]].
  const mostValues = (text.length / 3) * containerValues;
  if (isBounded && (text.length > nativeLengthIfBounded || mostValues > (maximumValues ?? Infinity)))
    return false;
  if (loneSurrogates === "refuse" && (/\\u[dD][89a-fA-F]/.test(text) || hasLoneSurrogate(text))) return false;
  return literals === undefined || !hasUnusualNumber(text);
}

/**
 * Whether a number may be one that JavaScript writes with other characters: with an exponent, more than 16
 * digits, zeros at its end, many zeros after the point, or minus zero.
 */
function hasUnusualNumber(text: string): boolean {
  return /[0-9][.0-9]{17}|[0-9][eE]|\.[0-9]*0(?![0-9])|0\.000000|-0(?![.0-9])/.test(text);
}

function hasTooManyItems(value: unknown, { maximumItems }: ReadJsonOptions): boolean {
  return maximumItems !== undefined && Array.isArray(value) && value.length > maximumItems;
}

/** `undefined` if the text is not JSON; the reader then finds the place. */
function parseNative(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

interface Seen {
  keys: number;
  zeros: number;
}

function isLossless(value: unknown, text: string): boolean {
  const seen: Seen = { keys: 0, zeros: 0 };
  if (!hasExactNumbers(value, seen, 0) || seen.keys !== countKeyEnds(text)) return false;
  return seen.zeros === 0 || !mayUnderflow(text);
}

/** Also counts the keys of all objects, and the zeros. */
function hasExactNumbers(value: unknown, seen: Seen, depth: number): boolean {
  if (typeof value === "number") {
    if (value === 0) seen.zeros++;
    return Number.isFinite(value) && !isUnsafeInteger(value);
  }
  if (typeof value !== "object" || value === null) return true;
  if (depth === maximumDepth) return false;
  if (Array.isArray(value)) {
    for (const item of value) if (!hasExactNumbers(item, seen, depth + 1)) return false;
    return true;
  }
  const keys = Object.keys(value);
  seen.keys += keys.length;
  for (const key of keys) {
    if (!hasExactNumbers((value as Record<string, unknown>)[key], seen, depth + 1)) return false;
  }
  return true;
}

/**
 * Places where a key may end: a quote before a colon. Each key has one and some texts do too, so the count
 * is that of the keys in the result only if no key came twice.
 */
function countKeyEnds(text: string): number {
  const keyEnd = /"[ \t\r\n]*:/g;
  let count = 0;
  while (keyEnd.test(text)) count++;
  return count;
}
