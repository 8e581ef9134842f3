import type { Metadata } from "../../store/document.ts";
import { canonicalJson } from "../content-hash.ts";
import { type MetadataChange, quotedValue, type RecordDifference } from "./difference.ts";

/**
 * The differences in a record's metadata, by value and type of JSON: `1`, `"1"` and `true` are three values, null is
 * not absence, lists have an order, objects have none. A property that is `undefined` is absent, and `-0` is `0`,
 * since JSON writers drop the sign. Absent and empty metadata are equal: a store that got neither may return either.
 *
 * @returns every place that differs, each once
 */
export function compareMetadata(
  expected: Metadata | undefined,
  actual: Metadata | undefined,
): RecordDifference[] {
  const differences: RecordDifference[] = [];
  compareObjects(expected ?? {}, actual ?? {}, "", differences);
  return differences;
}

type Values = Readonly<Record<string, unknown>>;

function compareObjects(expected: Values, actual: Values, path: string, found: RecordDifference[]): void {
  for (const key of Object.keys(expected)) {
    const [wanted, there] = [ownValue(expected, key), ownValue(actual, key)];
    if (isSame(wanted, there)) continue;
    const place = placeOf(path, key);
    if (there === undefined) found.push(difference("absent", place, wanted, there, "is missing"));
    else if (wanted === undefined) found.push(addition(place, there));
    else compareValues(wanted, there, place, found);
  }
  for (const key of Object.keys(actual)) {
    const there = ownValue(actual, key);
    if (there === undefined || Object.hasOwn(expected, key)) continue;
    found.push(addition(placeOf(path, key), there));
  }
}

function addition(place: string, there: unknown): RecordDifference {
  return difference("added", place, undefined, there, "is only in the target");
}

function isSame(expected: unknown, actual: unknown): boolean {
  return expected === actual || (Number.isNaN(expected) && Number.isNaN(actual));
}

function compareValues(expected: unknown, actual: unknown, path: string, found: RecordDifference[]): void {
  if (isSame(expected, actual)) return;
  const [wanted, there] = [typeOf(expected), typeOf(actual)];
  if (wanted !== there) {
    found.push(difference("type", path, expected, actual, `is ${there}, not ${wanted}`));
  } else if (Array.isArray(expected)) {
    compareLists(expected, actual as unknown[], path, found);
  } else if (wanted === "an object") {
    compareObjects(expected as Values, actual as Values, path, found);
  } else found.push(difference("value", path, expected, actual, differsHow(expected, actual)));
}

function compareLists(
  expected: readonly unknown[],
  actual: readonly unknown[],
  path: string,
  found: RecordDifference[],
): void {
  if (expected.length !== actual.length) {
    const detail = `has ${actual.length} elements, not ${expected.length}`;
    found.push(difference("length", path, expected, actual, detail));
    return;
  }
  const within: RecordDifference[] = [];
  expected.forEach((value, place) => {
    compareValues(value, actual[place], `${path}[${place}]`, within);
  });
  const isReordered = within.length > 1 && isPermutation(expected, actual);
  if (isReordered)
    found.push(difference("order", path, expected, actual, "has its elements in another order"));
  else found.push(...within);
}

function isPermutation(left: readonly unknown[], right: readonly unknown[]): boolean {
  const sorted = (list: readonly unknown[]) => list.map((value) => canonicalJson(value)).sort();
  const other = sorted(right);
  return sorted(left).every((text, place) => text === other[place]);
}

function difference(
  change: MetadataChange,
  path: string,
  expected: unknown,
  actual: unknown,
  detail: string,
): RecordDifference {
  return {
    kind: "metadata",
    change,
    path,
    expected: quotedValue(expected),
    actual: quotedValue(actual),
    detail,
  };
}

function differsHow(expected: unknown, actual: unknown): string {
  if (typeof expected !== "string" || typeof actual !== "string") return "has another value";
  return expected.normalize() === actual.normalize()
    ? "differs only in Unicode normalisation"
    : "has another value";
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** Keys such as `__proto__` are ordinary keys. */
function ownValue(values: Values, key: string): unknown {
  return Object.hasOwn(values, key) ? values[key] : undefined;
}

function placeOf(path: string, key: string): string {
  if (!/^[\p{L}_][\p{L}\p{N}_-]*$/u.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}
